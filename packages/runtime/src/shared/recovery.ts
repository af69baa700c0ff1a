/**
 * The end of a thread that others did not ask for: out of memory, `process.exit`, `terminate()`. Main hears of it and recovers what
 * it held; the program goes on. docs/adr/0020.
 *
 *     its Ps, its places in lists     go to others                           wasm/tasks.ts, bury
 *     its waits in shared objects     leave the queues                       wasm/objects.ts, abandon
 *     units of mutexes, semaphores    go to the next that waits              the same
 *     values it had not yet received  go to the next receiver, or back in the channel
 *     values nobody had received      are let go, with what was moved in them
 *     a signal of a Cond              goes to the next that waits
 *     goroutines that ran there       fail at their joiners: GORT_THREAD_ENDED; so does `wait` of a wait group that started them
 *     contexts that came from there   end, with that as the cause: nothing else would end them
 *     goroutines not started          are started by others
 *
 * What was on its heap is lost: plain goroutines that its parallel ones had started, and what they would have sent.
 */
import { GortError } from "../errors/catalogue.ts";
import { traceback } from "../scheduler/traceback.ts";
import { dropCell } from "./codec.ts";
import { failContext } from "./contexts.ts";
import { taskText } from "./dumps.ts";
import {
  BACK,
  CALL,
  CAME,
  CHANNEL,
  COND,
  CONTEXT,
  DEAD,
  DONE,
  G_ORPHANS,
  M_BASE,
  M_HEARING,
  M_SIZE,
  M_STATE,
  M_TASKS,
  O_CAP,
  O_KIND,
  O_VALUE,
  R_CELL,
  R_KIND,
  R_M,
  R_NEXT,
  R_OBJECT,
  R_OK,
  R_QPREV,
  R_SLOT,
  T_GROUP,
  T_NEXT,
  WAIT,
} from "./layout.ts";
import { X } from "./region.ts";
import { giveBack } from "./returns.ts";
import { encodeFailure } from "./tasks.ts";
import { failGroup } from "./waitgroup.ts";

/** What is known of a thread's end. */
export interface End {
  /** The report of it, for people; "" where nothing was lost. */
  text: string;
  /** Calls that had not begun: another thread is to have them. */
  calls: number[];
}

/** Recovers what `m` held, which has ended because of `why`. Null: it took a lock with it, and nothing can be recovered. */
export function recover(m: number, why: string): End | null {
  const { I } = X;
  if (X.p.bury(m) === 0) return null;
  const error = new GortError("GORT_THREAD_ENDED", `M${m}, ${why}`);
  for (let o = X.p.abandon(m); o !== 0;) {
    const next = I[(o + O_VALUE) >> 2] as number;
    if (I[(o + O_KIND) >> 2] === CONTEXT) failContext(o, error);
    else failGroup(o, I[(o + O_CAP) >> 2] as number, error);
    o = next;
  }
  const calls: number[] = [];
  gone.push(m);
  unheard(m, calls);
  const lost: string[] = [];
  for (let r = I[(M_BASE + m * M_SIZE + M_TASKS) >> 2] as number; r !== 0;) {
    const next = I[(r + T_NEXT) >> 2] as number;
    lost.unshift(taskText(r, "lost"));
    lose(r, error);
    r = next;
  }
  return { text: report(m, why, lost), calls };
}

/** Threads that have ended. */
const gone: number[] = [];

/** Something was on its way to threads that have ended: calls that had not begun. */
export function orphans(): number[] {
  Atomics.store(X.I, G_ORPHANS >> 2, 0);
  const calls: number[] = [];
  for (const m of gone) unheard(m, calls);
  return calls;
}

function unheard(m: number, calls: number[]): void {
  const { I } = X;
  const hearing = (M_BASE + m * M_SIZE + M_HEARING) >> 2;
  const values: Map<number, number[]> = new Map();
  // The newest first, and behind that what it had taken from its inbox.
  const chains = [X.p.takeInbox(m), I[hearing] as number];
  I[hearing] = 0;
  for (let r of chains) {
    while (r !== 0) {
      const next = I[(r + R_NEXT) >> 2] as number;
      if (isValue(r)) {
        const o = I[(r + R_OBJECT) >> 2] as number;
        const others = values.get(o);
        if (others === undefined) values.set(o, [r]);
        else others.push(r);
      } else unread(r, calls);
      r = next;
    }
  }
  for (const [o, list] of values) giveBack(o, list.toReversed());
}

/** Whether a value has come in `r` through a channel. */
function isValue(r: number): boolean {
  const { I } = X;
  if (I[(r + R_KIND) >> 2] !== WAIT || I[(r + R_OK) >> 2] !== 1 || I[(r + R_QPREV) >> 2] !== CAME) return false;
  return I[((I[(r + R_OBJECT) >> 2] as number) + O_KIND) >> 2] === CHANNEL;
}

/** Something the thread was told and did not hear. */
function unread(r: number, calls: number[]): void {
  const { I } = X;
  const kind = I[(r + R_KIND) >> 2];
  if (kind === CALL) {
    calls.push(r);
    return;
  }
  if (kind === DONE) dropCell(r + R_CELL);
  else if (kind === WAIT) {
    const o = I[(r + R_OBJECT) >> 2] as number;
    // It was for one that waits.
    if (I[(o + O_KIND) >> 2] === COND && I[(r + R_OK) >> 2] === 1) X.p.signal(o, false);
    // What it would have sent.
    else if (I[(r + R_QPREV) >> 2] === BACK) dropCell(r + R_CELL);
  }
  X.p.release(r, 0);
}

/** The goroutine of `r` will not end: whoever waits for it is told. */
function lose(r: number, error: GortError): void {
  const { I } = X;
  const group = I[(r + T_GROUP) >> 2] as number;
  if (group > 0) failGroup(group, 1, error);
  const creator = I[(r + R_M) >> 2] as number;
  if (I[(r + R_SLOT) >> 2] === 0 || I[(M_BASE + creator * M_SIZE + M_STATE) >> 2] === DEAD) {
    X.p.release(r, 0);
    return;
  }
  encodeFailure(r, error);
  X.p.post(r);
}

function report(m: number, why: string, lost: readonly string[]): string {
  const n = lost.length;
  const what = n === 0 ? "no goroutine was on it" : n === 1 ? "1 goroutine is lost" : `${n} goroutines are lost`;
  const shown = traceback.level === 0 || n === 0 ? "" : `\n${lost.join("\n\n")}\n`;
  return `gort: thread M${m} has ended: ${why}; ${what}\n${shown}`;
}

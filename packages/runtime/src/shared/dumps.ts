/**
 * The goroutines of all threads, in words: for a process that dies, `stack(true)`, leak checks. Who asks counts G_DUMP up and waits a little; every thread
 * answers when it looks (between two goroutines, at a poll, woken from sleep) with a text in the region. Parallel goroutines that have not
 * started are on no thread: whoever asks reads the queues.
 */
import { nameIn } from "./functions.ts";
import { dumpOwn, goStack } from "../scheduler/dump.ts";
import { unheard, type Unheard } from "../scheduler/fatal.ts";
import { createdBy } from "../scheduler/callers.ts";
import {
  DEAD,
  G_DUMP,
  G_NMS,
  G_QUEUE,
  G_QUEUE_HEAD,
  M_AWAY,
  M_BASE,
  M_DUMP,
  M_DUMPED,
  M_SIZE,
  M_STATE,
  P_BASE,
  P_HEAD,
  P_MAX,
  P_NEXT,
  P_RING,
  P_SIZE,
  P_TAIL,
  R_KIND,
  R_NEXT,
  RING,
  T_FUNCTION,
  T_ID,
  T_PARENT,
  T_SITE,
  TASK,
  UP,
} from "./layout.ts";
import { allocate, classOf, X } from "./region.ts";
import { textAt } from "./texts.ts";

/** How long before it looks whether somebody asks it, ms. */
const STEP = 5;
/** How often that: one that computes in code that is not compiled does not answer. While this process is stopped, or gets no processor, nothing counts. */
const PATIENCE = 100;

/** Between the goroutines in an answer, how many have failed unheard, and the first of those. */
const BETWEEN = "\0";

const at = { answered: 0 };

/** Whether somebody asks whom this thread has not answered. */
export function asked(): boolean {
  return X.I[G_DUMP >> 2] !== at.answered;
}

export function answer(): void {
  const request = Atomics.load(X.I, G_DUMP >> 2);
  at.answered = request;
  const { count, texts } = unheard.own();
  const bytes = Buffer.from([dumpOwn(), count, ...texts].join(BETWEEN));
  const last = M_BASE + X.m * M_SIZE + M_DUMP;
  // What was answered before has been read, or nobody waits for it any more.
  const old = X.I[last >> 2] as number;
  if (old !== 0) X.p.release(old, classOf(4 + (X.I[old >> 2] as number)));
  const block = allocate(4 + bytes.length);
  X.I[block >> 2] = bytes.length;
  X.B.set(bytes, block + 4);
  const own = M_BASE + X.m * M_SIZE;
  Atomics.store(X.I, (own + M_DUMP) >> 2, block);
  Atomics.store(X.I, (own + M_DUMPED) >> 2, request);
  Atomics.notify(X.I, (own + M_DUMPED) >> 2);
}

/** The parallel goroutine of a record, as far as it is known on any thread. */
export function taskText(r: number, state: string): string {
  const { I } = X;
  const id = textAt(I[(I[(r + T_FUNCTION) >> 2] as number) >> 2] as number) ?? "";
  const [by, place] = createdBy(textAt(I[(r + T_SITE) >> 2] as number));
  const parent = (I[(r + T_PARENT) >> 2] as number) >>> 0;
  const lines = [`    at ${nameIn(id)} ()`];
  if (parent !== 0) lines.push(`    created by ${by} in goroutine ${parent}${place === "" ? "" : ` (${place})`}`);
  return `goroutine ${X.F[(r + T_ID) >> 3]} [${state}]:\n${goStack(lines)}`;
}

/** Those that have not started, by number. */
function addNotStarted(found: Map<number, string>): void {
  const { I } = X;
  const add = (r: number): void => {
    if (r !== 0 && I[(r + R_KIND) >> 2] === TASK) found.set(X.F[(r + T_ID) >> 3] as number, taskText(r, "runnable"));
  };
  let r = I[G_QUEUE_HEAD >> 2] as number;
  for (let n = I[G_QUEUE >> 2] as number; n > 0 && r !== 0; n--) {
    add(r);
    r = I[(r + R_NEXT) >> 2] as number;
  }
  for (let p = 0; p < P_MAX; p++) {
    const at = P_BASE + p * P_SIZE;
    add(I[(at + P_NEXT) >> 2] as number);
    const tail = I[(at + P_TAIL) >> 2] as number;
    for (let i = I[(at + P_HEAD) >> 2] as number; ((tail - i) | 0) > 0; i++)
      add(I[(at + P_RING + ((i & (RING - 1)) << 2)) >> 2] as number);
  }
}

/** What the other threads run, "" for one without goroutines, and what no thread does yet. */
export function dumpOthers(): string[] {
  const { I } = X;
  if (X.memory === null) return [];
  // Others take from the queues meanwhile, and from one to another: they are read before the threads answer, and behind that.
  const queued = new Map<number, string>();
  addNotStarted(queued);
  const request = Atomics.add(I, G_DUMP >> 2, 1) + 1;
  at.answered = request;
  const others: number[] = [];
  for (let m = 0; m < (I[G_NMS >> 2] as number); m++) {
    const state = I[(M_BASE + m * M_SIZE + M_STATE) >> 2];
    if (m !== X.m && state !== 0 && state !== DEAD) others.push(m);
  }
  for (const m of others) X.p.tell(m);
  let waited = 0;
  const told: Unheard[] = [];
  const texts = others.map((m) => {
    const base = M_BASE + m * M_SIZE;
    const word = (base + M_DUMPED) >> 2;
    for (let seen = Atomics.load(I, word); ((seen - request) | 0) < 0; seen = Atomics.load(I, word)) {
      if (waited++ >= PATIENCE) return silent(m, base);
      // It may be asking, too.
      if (asked()) answer();
      Atomics.wait(I, word, seen, STEP);
    }
    const block = I[(base + M_DUMP) >> 2] as number;
    const said = Buffer.from(X.B.slice(block + 4, block + 4 + (I[block >> 2] as number))).toString();
    const [goroutines, count, ...failed] = said.split(BETWEEN);
    if (count !== "0") told.push({ count: Number(count), texts: failed });
    return goroutines as string;
  });
  unheard.others = told;
  addNotStarted(queued);
  for (const text of texts) for (const [, id] of text.matchAll(/^goroutine (\d+) /gm)) queued.delete(Number(id));
  return [...texts, ...[...queued].sort(([a], [b]) => a - b).map(([, text]) => text)];
}

function silent(m: number, base: number): string {
  if (X.I[(base + M_STATE) >> 2] !== UP) return ""; // it starts
  return X.I[(base + M_AWAY) >> 2] !== 0
    ? `thread M${m} does not answer: it is in a system call`
    : `thread M${m} does not answer: it runs code that is not compiled`;
}

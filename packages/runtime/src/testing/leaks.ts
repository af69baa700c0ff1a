/**
 * Leaked goroutines: what is still there when a test is over. goleak's search and its words.
 *
 *     look ── none ──────────────────────────► fine
 *       ▲ └── some ── pause 1 us, 2 us, … 100 ms (20 times: some 0.45 s) ──┐
 *       └──────────────────────────────────────────────────────────────────┘ then: LeakError
 *
 * The search waits as the code around it does: it parks in a goroutine, or it is awaited.
 */
import { b } from "../internal/barrier.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import type { G } from "../scheduler/g.ts";
import { sleep } from "../time/sleep.ts";
import { Check, type LeakOptions, type VerifyOptions } from "./options.ts";
import { me, stacksBut, type GoroutineStack } from "./stacks.ts";

/** Goroutines that should have ended: "found unexpected goroutines:" and each with its stack, in goleak's words. Go: what goleak.Find returns. */
export class LeakError extends Error {
  readonly code = "GORT_LEAK";
  /** Each of them, in the order of their creation. */
  readonly goroutines: readonly GoroutineStack[];
  constructor(goroutines: readonly GoroutineStack[]) {
    super(`found unexpected goroutines:\n[${goroutines.map(text).join("\n ")}]`);
    this.name = "LeakError";
    this.goroutines = goroutines;
  }
}

function text(s: GoroutineStack): string {
  return `Goroutine ${s.id} in state ${s.state}, with ${s.topFunction} on top of the stack:\n${s.full}\n`;
}

/** A search that is under way, and its frame where it parks. */
class Search implements Frame {
  readonly r: (f: Frame | null) => unknown = searchFrame;
  pc: number = 1;
  next: Frame | null = null;
  /** Who searches, and is no leak. */
  me: G | null = me();
  retry: number = 0;
  found: GoroutineStack[] = [];
  readonly check: Check;
  readonly end: (error: LeakError | undefined) => unknown;
  constructor(check: Check, end: (error: LeakError | undefined) => unknown) {
    this.check = check;
    this.end = end;
  }

  /** Looks; the pause before the next look in ms, -1 when it is over. */
  look(): number {
    this.found = stacksBut(this.me).filter((s) => !this.check.ignores(s));
    return this.found.length === 0 ? -1 : this.check.pause(this.retry++);
  }

  outcome(): unknown {
    return this.end(this.found.length === 0 ? undefined : new LeakError(this.found));
  }
}

function search(s: Search): unknown {
  const ms = s.look();
  if (ms < 0) return s.outcome();
  sleep(ms);
  s.me ??= me(); // the goroutine that this code has just become
  R.tail = R.tail.next = s;
  return undefined;
}

function searchFrame(f: Frame | null): unknown {
  if (f === null) return "gort.verifyNone\n\n";
  if (R.x === 1) throw R.v;
  const s = f as Search;
  const ms = s.look();
  if (ms < 0) return s.outcome();
  sleep(ms);
  return undefined;
}
suspendable(searchFrame);

// The clock of a test may be a fake one.
const { setTimeout: realTimeout } = globalThis;
const pause = (ms: number): Promise<void> => new Promise((resolve) => void realTimeout(resolve, ms));

async function searchAsync(s: Search): Promise<unknown> {
  for (let ms = s.look(); ms >= 0; ms = s.look()) await pause(ms);
  return s.outcome();
}

const given = (error: LeakError | undefined): LeakError | undefined => error;

/** The end of `verifyNone`: cleans up, then throws. */
function verdict(options: VerifyOptions): (error: LeakError | undefined) => void {
  return (error) => {
    b(options.cleanup?.(0), "cleanup of verifyNone");
    if (error !== undefined) throw error;
  };
}

/**
 * Looks for goroutines other than the caller, again and again for some 0.45 s while there are any, parking in between. Returns
 * what it found, or `undefined`. In a bubble it looks at that bubble's. Go: goleak.Find.
 * @throws TypeError GORT_ARGUMENT, RangeError GORT_RANGE if an option is wrong. `cleanup` is for `verifyNone`
 */
export function findLeaks(options: LeakOptions = {}): LeakError | undefined {
  return search(new Search(new Check("findLeaks", options, []), given)) as LeakError | undefined;
}
suspendable(findLeaks);

/** As {@link findLeaks}, for ordinary async code: every goroutine is looked at. Rejects with what that throws. */
export async function findLeaksAsync(options: LeakOptions = {}): Promise<LeakError | undefined> {
  return (await searchAsync(new Search(new Check("findLeaks", options, []), given))) as LeakError | undefined;
}

/**
 * Throws if any goroutine but the caller is still there, once all had some 0.45 s to end; parks meanwhile. The last line of a
 * test, or in a `finally`. Tests of one file that run at the same time see each other's goroutines. Go: goleak.VerifyNone.
 * @throws LeakError "found unexpected goroutines:" with the stack of each; TypeError GORT_ARGUMENT, RangeError GORT_RANGE if an option is
 *   wrong
 */
export function verifyNone(options: VerifyOptions = {}): void {
  search(new Search(new Check("verifyNone", options, ["cleanup"]), verdict(options)));
}
suspendable(verifyNone);

/** The same for ordinary async code: `await verifyNoneAsync()`. Rejects with what {@link verifyNone} throws. */
export async function verifyNoneAsync(options: VerifyOptions = {}): Promise<void> {
  await searchAsync(new Search(new Check("verifyNone", options, ["cleanup"]), verdict(options)));
}

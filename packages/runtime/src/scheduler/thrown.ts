/**
 * Where a context's error was thrown. The error is a value that all contexts share (docs/adr/0012), so it carries no stack of its own.
 * What it says when it is asked is where it was thrown last, to the goroutine that asks, as long as that has not been switched since: in a
 * `catch`, and to whoever prints a panic.
 *
 * Taking a stack costs as much as throwing. A loop that goes on with a context that has ended does it thousands of times in a turn of the
 * event loop: MOST of a turn are taken, the others have none.
 */
import { R, type Frame } from "../internal/state.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";
import { Callers } from "./callers.ts";
import { fullStack, shared } from "./stack.ts";

const MOST = 16;
/** Frames of the native stack, some of them ours. */
const DEPTH = 24;

const last = {
  e: null as Error | null,
  g: null as G | null,
  switches: 0,
  /** The native stack; null where the goroutine was parked. */
  native: null as Error | null,
  callers: null as Callers | null,
  turn: -1,
  taken: 0,
};

/** `e` is one value for all who throw it. */
export function share(e: Error): void {
  const get = (): string => thrownStack(e);
  shared.set(e, get);
  // Packages write the stacks of what they pass on (undici's `fetch`), and expect no error of it. What they write would be everybody's.
  const set = (): void => {};
  Object.defineProperty(e, "stack", { get, set, enumerable: false, configurable: true });
}

/** `e` is about to be thrown. `frame`: the goroutine's innermost one if it has just been resumed, and has no native stack. */
export function throwing(e: unknown, frame: Frame | null): void {
  const { g } = R;
  const get = shared.get(e as Error);
  if (get === undefined) return;
  const shown = e as Error;
  // Somebody else has taken one for it.
  if (Object.getOwnPropertyDescriptor(shown, "stack")?.get !== get) share(shown);
  if (last.turn !== S.turns) {
    last.turn = S.turns;
    last.taken = 0;
  }
  last.e = null;
  if (g === null || last.taken >= MOST) return;
  last.taken++;
  last.e = shown;
  last.g = g;
  last.switches = S.switches;
  last.native = frame === null ? native() : null;
  last.callers = new Callers(frame === null ? (g.frame?.next ?? null) : frame, g);
}

function native(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const taken = new Error();
  Error.stackTraceLimit = limit;
  return taken;
}

/** What `e.stack` is, asked by goroutine `g`. */
export function thrownStack(e: Error, g: G | null = R.g): string {
  const head = `${e.name}: ${e.message}`;
  const { callers } = last;
  if (last.e !== e || last.g !== g || last.switches !== S.switches || callers === null) return head;
  const own = last.native?.stack ?? "";
  const at = own.indexOf("\n");
  return fullStack(at < 0 ? head : head + own.slice(at), callers);
}

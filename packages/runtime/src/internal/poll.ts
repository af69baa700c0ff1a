/**
 * May this stack be unwound? Asked before a preemption or a forced suspension, and answered from the structured stack
 * trace: every frame between here and the scheduler must be compiled code, standing at one of its checked calls.
 * Anything else (a native function, a library, a getter, a coercion) would lose its activation.
 *
 * A blocking operation does not ask, it would cost too much: it finds out on the way, and fails loudly (`nativeFrame`).
 */
import { DEPTH, RESERVE } from "./depth.ts";
import { DEEP, FORCED, PREEMPT, R, U, isSuspendable } from "./state.ts";
import { GortError } from "../errors/catalogue.ts";
import { adoptHere, tryEnter, undo } from "./entry.ts";
import { ASK, own } from "./own.ts";
import { addTable } from "./sites.ts";
import { BOTTOM, COMPILED, EXIT, LOST, RUNTIME, Kinds, askedFrom, kindOf, structuredTrace } from "./trace.ts";

/** Called by each compiled module before its own statements. */
export function module(url: string, positions: string): void {
  addTable(url, positions);
}

function canSuspend(): boolean {
  const trace = structuredTrace(Infinity);
  // The one that asked stands at its own poll, which is no call; a fast copy asks through its exit.
  let i = askedFrom(trace);
  if (i < 0) return false;
  const kinds = new Kinds();
  i += kindOf(trace[i]!) === EXIT ? 2 : 1;
  for (; i < trace.length; i++) {
    const kind = kinds.of(trace[i]!);
    if (kind === EXIT) i++;
    else if (kind !== COMPILED && kind !== RUNTIME) return kind === BOTTOM;
  }
  return false;
}

/**
 * A function that the engine may call by itself (toString, next, a proxy's get) is about to be suspended: throws unless
 * its caller is one that will be suspended too. A few microseconds, once for each call that parks.
 */
export function calledBy(): void {
  // Who entered it from outside has been asked already.
  if (R.left > 0) return;
  // 0 and 1 stand here, then the function, and who called it.
  const [, , called, caller] = structuredTrace(4);
  if (caller !== undefined && kindOf(caller) !== LOST) return;
  nativeFrame(`the caller of ${called?.getFunctionName() ?? "this function"}`);
}

/** A loop has seen the poll word set, or a function too little stack: unwinds if that can be done here, else lets it run on. */
export function poll(): boolean {
  if ((U[DEPTH] as number) < 0) return grow();
  const forced = R.forced;
  R.forced = false;
  const g = R.g;
  // Forcing must not hide the end of a slice, or a loop that waits for others runs on for good.
  const over = (!forced || U[0] !== 0) && R.sliceOver(g);
  if (!forced && !over) return false;
  if (g === null || R.noPreempt > 0 || R.u !== 0) return false;
  if (!canSuspend()) return false;
  R.u = over ? PREEMPT : FORCED;
  if (!over) R.forcings++;
  R.fv = undefined;
  R.tail = R.head;
  return true;
}
own(poll, ASK);

/** Asking costs half a microsecond a frame: after a no, one in `skip` of the next is asked, which doubles with each no. */
const growing = { skip: 1, left: 0 };

/** Moves the native stack to the heap. Where it cannot be taken down, there is some left for what is not counted: goes on with that. */
function grow(): boolean {
  R.forced = false;
  if (R.g !== null && R.noPreempt === 0 && R.u === 0 && --growing.left <= 0) {
    if (canSuspend()) {
      growing.skip = 1;
      growing.left = 0;
      R.u = DEEP;
      R.fv = undefined;
      R.tail = R.head;
      return true;
    }
    growing.left = growing.skip;
    growing.skip = Math.min(growing.skip * 2, 1024);
  }
  U[DEPTH] = RESERVE;
  return false;
}

/** Forced mode: suspends behind a call that returned `value`, where that is possible. */
export function force(value: unknown): boolean {
  if (R.noPreempt > 0 || R.u !== 0) return false;
  if (R.g === null ? !R.forcesEntries || tryEnter() === null : !canSuspend()) return false;
  R.u = FORCED;
  R.forcings++;
  R.fv = value;
  R.tail = R.head;
  return true;
}
own(force, ASK);

/** The same in an async body, which awaits. */
export function forceHere(value: unknown): boolean {
  if (!R.forcesEntries || R.noPreempt > 0 || R.u !== 0) return false;
  adoptHere();
  R.u = FORCED;
  R.forcings++;
  R.fv = value;
  return true;
}

/** Forced mode: every poll asks. */
export function forcePoll(): boolean {
  R.forced = true;
  return true;
}

/** A goroutine has blocked below a function that cannot be suspended: undoes the wait and throws. */
export function nativeFrame(where?: string): never {
  undo(R.u === 0 ? null : R.g);
  throw new GortError("GORT_NATIVE_FRAME", where);
}

/** Functions a suspension was seen to pass through. */
const through: WeakSet<Function> = new WeakSet();

const { call, apply } = Function.prototype;
const { apply: reflectApply, construct } = Reflect;

/** The function a call is about: `callee` itself, or what it only passes the call on to. */
export function target(callee: unknown, on: unknown): unknown {
  return callee === call || callee === apply || callee === reflectApply || callee === construct ? on : callee;
}

/** A function that was given callbacks seems to have suspended: throws if it is not one that can. */
export function via(callee: Function): void {
  if (through.has(callee) || isSuspendable(callee)) return;
  // Every compiled function that can suspend has an exit; minifiers keep the names of properties.
  if (!/\.leave(?:4|8|16)?\(/.test(Function.prototype.toString.call(callee))) nativeFrame(callee.name);
  through.add(callee);
}

/** Around a call in `where`, where nothing can be captured: loud if the callee suspended. */
export function b<V>(value: V, where?: string): V {
  if (R.u !== 0) nativeFrame(where);
  return value;
}

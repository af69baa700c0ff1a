/**
 * Barriers: functions a suspension cannot pass, and what becomes of a goroutine that blocks below one.
 *
 * A blocking operation cannot afford to look down the stack. So who called a fast copy is read from the stack (2 to 3
 * microseconds) the first few times it is captured in a segment and slice (trust.ts), before the caller goes on. A function whose
 * caller could not be suspended, one the engine may call by itself, and one that is given to a package is asked about every time.
 *
 * Where the answer is no, the wait is undone, and the operation fails: the error is thrown in the frames captured so far,
 * innermost first, so that their `catch` and `finally` run. What comes out of them is what the barrier gets.
 */
import { types } from "node:util";
import { GortError } from "../errors/catalogue.ts";
import { tellError, undo } from "./entry.ts";
import { LEAVE, own } from "./own.ts";
import { PARK, R, isSuspendable, type Frame } from "./state.ts";
import { begins } from "./text.ts";
import { isBarrier, structuredTrace, whoCalled } from "./trace.ts";
import { trust, wary } from "./trust.ts";

const { isProxy } = types;
const { call, apply } = Function.prototype;
const { apply: reflectApply, construct } = Reflect;

/** Between here and the caller of a fast copy: structuredTrace, askCaller, append, the exit, the fast copy. */
const DEPTH = 6;

/** A fast copy has been captured as `frame`, while its goroutine blocks: may its caller be suspended? Returns what it gets. */
export function askCaller(frame: Frame): unknown {
  const { r } = frame;
  const trace = structuredTrace(DEPTH);
  // The fast copy stands behind the exit it left through, its caller behind that.
  let exit = trace.length - 1;
  while (exit >= 0 && trace[exit]!.getFunctionName() !== LEAVE) exit--;
  const caller = trace[exit + 2];
  if (exit < 0 ? trace.length > 0 : caller === undefined || !isBarrier(caller, trace[exit + 1]!)) {
    trust(r);
    return undefined;
  }
  wary(r);
  return fail(
    `called by ${exit < 0 ? "Error.prepareStackTrace" : whoCalled(caller!, trace[exit + 1]!.isConstructor())}`,
    frame,
  );
}

/** A function of the runtime that leaves no frame has parked: throws unless who called it can be suspended. */
export function askMyCaller(): void {
  // Who entered from outside has been asked already.
  if (R.left > 0) return;
  // 0 and 1 stand here, then the function, and who called it.
  const [, , called, caller] = structuredTrace(4);
  if (caller === undefined || isBarrier(caller, called!))
    nativeFrame(caller === undefined ? "a native function" : whoCalled(caller, called!.isConstructor()));
}

/** Per operation of the runtime: what stands for it where it was given away. */
const guards: WeakMap<object, Function> = new WeakMap();

const guarding = {
  apply(f: Function, self: unknown, args: unknown[]): unknown {
    const v: unknown = reflectApply(f, self, args);
    // Where frames have been captured, a compiled function has been asked.
    if (R.u === PARK && R.tail === R.head) askMyCaller();
    return v;
  },
};
own(guarding.apply);

/** An operation that parks is given away: a function like it, which looks who called it. */
export function guard(f: unknown): unknown {
  if (typeof f !== "function") return f;
  let g = guards.get(f);
  if (g === undefined) {
    g = new Proxy(f, guarding);
    guards.set(f, g);
    guards.set(g, g);
  }
  return g;
}

/** Undoes the wait of the current goroutine and throws in the frames it has left already. Returns what they return. */
function fail(where: string | undefined, last: Frame | null): unknown {
  const first = R.head.next;
  const error = stop(where, last);
  if (first === null) throw error;
  return throwInto(first, error);
}

/** Undoes the wait; the error says where it was. `last`: the frame captured last, whose fast copy has not returned yet. */
function stop(where: string | undefined, last: Frame | null): GortError {
  const first = R.head.next;
  const what = undo(R.u === 0 ? null : R.g);
  return tellError("GORT_NATIVE_FRAME", where, what, first, last);
}

/** Runs captured frames to their end, beginning with an exception. They may block again, and cannot this time either. */
function throwInto(first: Frame, error: unknown): unknown {
  let v = error;
  let x = 1;
  for (let f: Frame | null = first; f !== null;) {
    const now: Frame = f;
    f = now.next;
    R.v = v;
    R.x = x;
    try {
      v = now.r(now);
      x = 0;
    } catch (e) {
      v = e;
      x = 1;
    }
    if (R.u === 0) continue;
    const { head, tail } = R;
    const again = tail === head ? now : head.next!;
    if (tail !== head) tail.next = now;
    now.next = f;
    head.next = again;
    v = stop("below a function that cannot be suspended", null);
    x = 1;
    f = again;
  }
  if (x === 1) throw v;
  return v;
}
own(throwInto);

/** A goroutine has blocked below a function that cannot be suspended: undoes the wait and throws. */
export function nativeFrame(where?: string): never {
  const first = R.head.next;
  const error = stop(where === undefined || where === "" ? undefined : `below ${where}`, null);
  if (first !== null) {
    try {
      throwInto(first, error);
    } catch {
      // It is thrown here as well: whoever stands here has gone on without what it called.
    }
  }
  throw error;
}

/** What an exception becomes that leaves a function whose callee had blocked, unseen: it went on with `undefined`. */
export function over(error: unknown): unknown {
  if (R.u !== PARK) return error;
  try {
    nativeFrame("a function that went on, and threw");
  } catch (e) {
    (e as Error).cause = error;
    return e;
  }
}

/** The same where the exception is not at hand: a `finally` it passes. */
export function lost(): void {
  if (R.u === PARK) nativeFrame("a function that went on, and threw");
}

/** Functions a suspension was seen to pass through. */
const through: WeakSet<Function> = new WeakSet();

/** The function a call is about: `callee` itself, or what it only passes the call on to. */
export function target(callee: unknown, on: unknown): unknown {
  return callee === call || callee === apply || callee === reflectApply || callee === construct ? on : callee;
}

/** What compilers make of an export: a getter that only names a variable, or a member of one. */
const EXPORTED =
  /^(?:get\b|function\b)?[^()={}]*\(\)\s*(?:=>\s*[\w$.]+|(?:=>\s*)?\{\s*return\s+[\w$.]+(?:\[[\w$]+\])?;?\s*\})$/;

/** The method that was called, read once more while the stack unwinds: nothing of the program may run now, and nothing twice. */
export function peek(on: unknown, key: unknown): unknown {
  if (R.u !== PARK || (typeof key !== "string" && typeof key !== "symbol" && typeof key !== "number")) return undefined;
  for (let o = Object(on) as object | null; o !== null; o = Object.getPrototypeOf(o) as object | null) {
    if (isProxy(o)) return undefined;
    const found = Object.getOwnPropertyDescriptor(o, key);
    if (found === undefined) continue;
    const { get } = found;
    if (get === undefined) return found.value;
    return EXPORTED.test(Function.prototype.toString.call(get)) ? reflectApply(get, on, []) : undefined;
  }
  return undefined;
}

/**
 * A function that was given callbacks, or comes out of a package (`foreign`), seems to have suspended: throws if it is not one that
 * can. A package may hand on operations of the runtime and channels: those have captured nothing.
 */
export function via(callee: unknown, foreign?: number): void {
  // A preemption has asked the stack trace: nothing native is between.
  if (R.u !== PARK || typeof callee !== "function" || (foreign === 1 && R.tail === R.head)) return;
  if (through.has(callee) || isSuspendable(callee)) return;
  // Every compiled function that can suspend has an exit; minifiers keep the names of properties. A bound one leaves no activation.
  if (!begins(callee.name, "bound ") && !/\.leave(?:4|8|16)?\(/.test(Function.prototype.toString.call(callee)))
    nativeFrame(callee.name);
  through.add(callee);
}

/** Around a call in `where`, where nothing can be captured: loud if the callee suspended. */
export function b<V>(value: V, where?: string): V {
  return R.u === 0 ? value : (fail(where === undefined ? undefined : `below ${where}`, null) as V);
}

/** The same around an optional chain with calls inside, which end it if they are left: what they returned is no object then. */
export function chain<V>(f: () => V, where: string): V {
  let value: V;
  try {
    value = f();
  } catch (e) {
    if (R.u === 0) throw e;
    return fail(`below ${where}`, null) as V;
  }
  return b(value, where);
}

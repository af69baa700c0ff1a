/**
 * The state that compiled code and the runtime share on one thread: one object, `R`, and the poll word, `U`.
 *
 * Compiled code reads `R.u` after a call that returned `undefined`, and `U[0]` at loop back-edges; nothing else is on
 * the hot path. Everything hangs on fields of one object created here, in one order, because a field of a `const`
 * object is several times cheaper to reach than a module-level `let`.
 *
 *     R.head ─next→ leaf frame ─next→ its caller ─next→ … ─next→ base frame ─next→ null
 *                                                       ↑ R.tail while unwinding
 *
 * The files with the functions of `R` import it, and this file imports them: the one cycle there is. They are set where `R` is made, once, so
 * that the engine takes them for constants.
 */
import type { G } from "../scheduler/g.ts";
import * as barrier from "./barrier.ts";
import * as classes from "./classes.ts";
import * as depth from "./depth.ts";
import * as disposal from "./disposal.ts";
import * as engine from "./engine.ts";
import * as entry from "./entry.ts";
import * as enumeration from "./enumeration.ts";
import { here } from "./here.ts";
import { Hot } from "./hot.ts";
import { addFile } from "./evaluated.ts";
import * as iteration from "./iteration.ts";
import * as exit from "./leave.ts";
import { pollWords } from "../shared/thread.ts";
import { own } from "./own.ts";
import * as stack from "./poll.ts";
import * as properties from "./properties.ts";
import * as variables from "./variables.ts";
import { checkProtocol, claimThread } from "./version.ts";

claimThread(here);

/** A function's resume clone. Called with `null` it returns its metadata: `"name\nfile\npositions"` (scheduler/frames.ts), and who may call the fast copy (trust.ts). */
export interface Clone {
  (frame: Frame | null): unknown;
  /** Its number, and what is known of who calls the fast copy: see trust.ts. */
  i?: number;
  t?: number;
  b?: number;
  c?: number;
  m?: number;
  n?: number;
  s?: object[] | null;
}

/** A captured function activation: plain data, so that a goroutine's stack is a linked list on the heap. */
export interface Frame {
  r: Clone;
  /** The safepoint this activation stopped at, counted from 1. */
  pc: number;
  /** The caller's frame; `null` at the base. */
  next: Frame | null;
}

/** Values of {@link Runtime.u}. Compiled code only asks whether it is 0. */
export const RUNNING = 0;
export const PARK = 1;
export const PREEMPT = 2;
export const FORCED = 3;
/** The native stack is nearly used up: the goroutine goes on at once, on an empty one. */
export const DEEP = 4;

/**
 * Shared with other threads. Word 0: the slice is over (polled by compiled loops). Word 12: words of native stack left, by the
 * count of recursive functions (depth.ts). The rest belongs to sysmon.
 */
export const U: Int32Array<SharedArrayBuffer> = pollWords();
/** The word of `U` that recursive functions count down. */
export const DEPTH = 12;
// Half the engine's stack: most programs never measure it.
U[DEPTH] = 56_250;

function unset(): void {
  throw new Error("gort: the runtime is not loaded");
}

class Runtime {
  /** 0 while running; otherwise the stack is unwinding, and why. */
  u: number = RUNNING;
  /** 1: `v` is an exception to be thrown in the frame being resumed. */
  x: number = 0;
  /** The value handed to the frame being resumed. */
  v: unknown = undefined;
  readonly head: Frame;
  /** The frame captured last, while unwinding; `head` otherwise. */
  tail: Frame;
  /** What every switch writes: see {@link Hot}. */
  hot: Hot = new Hot();
  /** The goroutine being made of code that no goroutine runs: see entry.ts. */
  own: G | null = null;
  /** Frames of it still to be captured, when nobody below them looks at the flag. */
  left: number = 0;
  /** Counts 10 ms, as the event loop turns, from 1: how long an answer about a caller holds, see barrier.ts. */
  turn: number = 1;
  /** The value a forced suspension carries. */
  fv: unknown = undefined;
  /** Where the next goroutine is created, for calls the compiler cannot rewrite to `goAt`. */
  s: string | null = null;
  /** Compiled modules loaded so far. */
  modules: number = 0;
  /** `run` has been called. */
  ran: boolean = false;
  /** > 0 inside `noPreempt`. */
  noPreempt: number = 0;
  /** Where the `for … of` that has just called `each` begins: see iteration.ts. */
  i: number = 0;
  /** What the last `select` of compiled code received, and its `ok`: read at once after it returned its index. */
  sv: unknown = undefined;
  sok: boolean = false;
  /** What {@link goexit} throws; compiled catch clauses let it pass through `caught`. */
  readonly exit: object = Object.freeze({ toString: () => "goexit" });
  /** Installed by scheduler/go.ts. Starts a goroutine nobody keeps the handle of. */
  goAt: (site: string | null, f: Function, ...args: unknown[]) => void = unset;
  /** Installed by scheduler/go.ts. Starts a goroutine and returns its handle. */
  goKept: (site: string | null, f: Function, ...args: unknown[]) => G = unset as () => never;
  /** Installed by shared/syscall.ts. A native call that is known to take long. */
  syscall: (f: Function, self: unknown, ...args: unknown[]) => unknown = unset as () => never;
  /** Installed by chan/lowered.ts. `select` of a literal: the index of the case that fires. */
  select2: (byDefault: number, a: never, b: never) => number | undefined = unset as () => never;
  select3: (byDefault: number, a: never, b: never, c: never) => number | undefined = unset as () => never;
  select4: (byDefault: number, a: never, b: never, c: never, d: never) => number | undefined = unset as () => never;
  selectN: (byDefault: number, cases: never) => number | undefined = unset as () => never;
  /** Installed by scheduler/stack.ts. What a compiled catch clause does first. */
  caught: (error: unknown) => unknown = unset;
  /** Forced mode, and also where no goroutine runs: what a native function called then goes on without it. */
  forcesEntries: boolean = process.env["GORT_FORCE"] === "2";
  /** A forced poll asked; the next `poll` answers it. */
  forced: boolean = false;
  /** Forced suspensions so far: what tests hold against a forced mode that forces nothing. */
  forcings: number = 0;
  /** The poll word was seen set: is the slice of `g` really over? Clears the word. Set by scheduler/sysmon.ts. */
  sliceOver: (g: G | null) => boolean = () => false;
  /** Undoes the current goroutine's wait; returns what it waited for, in words. Set by the scheduler. */
  cancelPark: (g: G) => string = () => "";

  readonly leave: typeof exit.leave = exit.leave;
  readonly leave4: typeof exit.leave4 = exit.leave4;
  readonly leave8: typeof exit.leave8 = exit.leave8;
  readonly leave16: typeof exit.leave16 = exit.leave16;

  readonly T: typeof variables.T = variables.T;
  /** What `$step` of a channel returns once it is closed and drained. */
  readonly END: typeof engine.END = engine.END;
  readonly tdz: typeof variables.tdz = variables.tdz;
  readonly late: typeof variables.late = variables.late;
  readonly constant: typeof variables.constant = variables.constant;
  readonly callable: typeof engine.callable = engine.callable;
  /** What `call` of a function means, if it has none of its own. */
  readonly call: typeof Function.prototype.call = Function.prototype.call;
  readonly named: typeof properties.named = properties.named;
  readonly rename: typeof classes.rename = classes.rename;
  readonly elements: typeof iteration.elements = iteration.elements;
  readonly element: typeof iteration.element = iteration.element;
  readonly skip: typeof iteration.skip = iteration.skip;
  readonly remaining: typeof iteration.remaining = iteration.remaining;
  readonly spread: typeof iteration.spread = iteration.spread;
  readonly each: typeof iteration.each = iteration.each;
  readonly failed: typeof iteration.failed = iteration.failed;
  readonly close: typeof iteration.close = iteration.close;
  readonly closeQuietly: typeof iteration.closeQuietly = iteration.closeQuietly;
  readonly keys: typeof enumeration.keys = enumeration.keys;
  readonly has: typeof enumeration.has = enumeration.has;
  readonly nextKey: typeof enumeration.nextKey = enumeration.nextKey;
  readonly object: typeof properties.object = properties.object;
  readonly rest: typeof properties.rest = properties.rest;
  readonly key: typeof properties.key = properties.key;
  readonly disposer: typeof disposal.disposer = disposal.disposer;
  readonly staticKey: typeof classes.staticKey = classes.staticKey;
  readonly asyncDisposer: typeof disposal.asyncDisposer = disposal.asyncDisposer;
  readonly suppressed: typeof disposal.suppressed = disposal.suppressed;
  readonly superRef: typeof classes.superRef = classes.superRef;
  readonly superGet: typeof classes.superGet = classes.superGet;
  readonly constructed: typeof classes.constructed = classes.constructed;
  readonly derived: typeof classes.derived = classes.derived;

  readonly unwound: typeof entry.unwound = entry.unwound;
  readonly became: typeof entry.became = entry.became;
  readonly enter: typeof entry.enterAsync = entry.enterAsync;
  readonly away: typeof entry.away = entry.away;
  readonly poll: typeof stack.poll = stack.poll;
  readonly low: typeof depth.low = depth.low;
  readonly force: typeof stack.force = stack.force;
  readonly forceHere: typeof stack.forceHere = stack.forceHere;
  readonly forcePoll: typeof stack.forcePoll = stack.forcePoll;
  readonly nativeFrame: typeof barrier.nativeFrame = barrier.nativeFrame;
  readonly guard: typeof barrier.guard = barrier.guard;
  readonly over: typeof barrier.over = barrier.over;
  readonly lost: typeof barrier.lost = barrier.lost;
  readonly target: typeof barrier.target = barrier.target;
  readonly peek: typeof barrier.peek = barrier.peek;
  readonly via: typeof barrier.via = barrier.via;
  readonly b: typeof barrier.b = barrier.b;
  readonly chain: typeof barrier.chain = barrier.chain;
  readonly module: typeof stack.module = stack.module;

  /** The current goroutine. */
  get g(): G | null {
    return this.hot.g;
  }
  set g(g: G | null) {
    this.hot.g = g;
  }

  constructor() {
    this.head = { r: () => undefined, pc: 0, next: null };
    this.tail = this.head;
  }

  /** What a compiled `catch` that does not look at the error does first: lets `goexit` through. */
  pass(error: unknown): unknown {
    if (error === this.exit) throw error;
    return this.u === RUNNING ? error : barrier.over(error);
  }

  /** What a compiled module does first. */
  load(protocol: number, file: string): void {
    checkProtocol(protocol, file);
    addFile(file);
    this.modules++;
  }

  /** What the callee of the frame being resumed returned; throws what it threw. */
  taken(): unknown {
    return this.x === 0 ? this.v : this.rethrow();
  }

  /** Throws, in the frame being resumed, what its callee threw. */
  rethrow(): never {
    const error = this.v;
    this.x = 0;
    this.v = undefined;
    throw error;
  }
}

export type { Runtime };
export const R: Runtime = new Runtime();

/** Functions of the runtime that call user code and survive its suspension; everything else native is a barrier. */
const safe: WeakSet<Function> = new WeakSet();

/** Marks a hand-written function as one that lets a suspension of the user code it calls pass through. */
export function suspendable<F extends Function>(f: F): F {
  safe.add(f);
  return own(f);
}

export function isSuspendable(f: Function): boolean {
  return safe.has(f);
}

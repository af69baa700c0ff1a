/**
 * Functions of Node and of addons are written in C++, and some call back before they return: what node:sqlite calls from within SQL,
 * the delegates of a v8.Serializer, comparators given to an addon. A suspension would lose their activations. They have
 * frames, but the engine leaves them out of traces that are not taken under a flag. It reads it as an error is made:
 *
 *     flag on     serializer.writeUint32(number)     C++, which asks for the number:
 *                     number.valueOf()               new Error()
 *     flag off
 *
 * All threads share the flag, which the engine looks at for each frame, and another thread may just turn it off. So the error is made
 * below such a function, and a short one behind it: where both show it the flag was set before and after, else they are made once more,
 * behind a pause of random length, because threads that wait for none fail in step, again and again. That others turn it off and on in between
 * has been seen only where several threads do nothing but ask (GORT_FORCE). It takes 3 to 4 microseconds more than the error alone.
 */
import type { Serializer } from "node:v8";
import { Random } from "./host.ts";

const { apply } = Reflect;
const { isArray } = Array;
const { max } = Math;
const { Error } = globalThis;
const { toString: textOf } = Function.prototype;

const ON = "--experimental-stack-trace-frames";
const OFF = "--no-experimental-stack-trace-frames";

/** How often an error is made again; an engine that has shown nothing by then is taken for one that has no such flag. */
const TRIES = 1000;
/** Steps of the longest pause, some 30 microseconds, and by how many powers of two the first ones are shorter. */
const PAUSE = 0x7fff;
const SHORTER = 8;
/** Numbers written before the serializer is emptied. */
const ROOM = 4096;

class Probe {
  private readonly serializer: Serializer;
  private readonly write: Function;
  /** A program, or its tests, may have put another function there. */
  readonly isNative: boolean;
  private readonly empty: Function;
  private readonly setFlag: (flag: string) => void;
  private written: number = 0;
  private steps: number = 0;
  private made: Error | null = null;
  private behind: Error | null = null;
  private readonly random: Random = new Random();
  private readonly number: readonly unknown[] = [
    {
      valueOf: (): number => {
        this.made = new Error();
        Error.stackTraceLimit = 2;
        this.behind = new Error();
        return 0;
      },
    },
  ];

  constructor() {
    // Asked for here: `node:v8` takes 2 ms to load.
    const v8 = process.getBuiltinModule("node:v8");
    this.serializer = new v8.Serializer();
    this.write = this.serializer.writeUint32;
    this.isNative = apply(textOf, this.write, []) === "function writeUint32() { [native code] }";
    this.empty = this.serializer.releaseBuffer;
    this.setFlag = v8.setFlagsFromString;
  }

  /** The stack of an error that was made below the serializer. */
  stack(): unknown {
    this.setFlag(ON);
    try {
      apply(this.write, this.serializer, this.number);
    } finally {
      this.setFlag(OFF);
    }
    if (++this.written === ROOM) {
      this.written = 0;
      apply(this.empty, this.serializer, []);
    }
    const { stack } = this.made!;
    this.made = null;
    return stack;
  }

  /** Whether the flag was set when the whole stack had been seen. */
  wasSet(): boolean {
    const { stack } = this.behind as { stack?: unknown };
    this.behind = null;
    return isArray(stack) && isWrite(stack[1]);
  }

  /** Between two tries. */
  pause(i: number): void {
    for (let n = (this.random.next() & PAUSE) >>> max(0, SHORTER - i); n > 0; n--) this.steps++;
  }
}

/** Null until it is needed; whether this engine is known to show such functions, or not to. */
const here: { probe: Probe | null; shows: boolean; none: boolean } = { probe: null, shows: false, none: false };

/**
 * What `Error.prepareStackTrace` makes of the stack, where it gives back the call sites: those of the caller and its callers, `limit` at
 * most. Leaves another `Error.stackTraceLimit` behind.
 */
export function cppTrace(limit: number): unknown {
  for (let i = 0; i < TRIES && !here.none; i++) {
    const probe = (here.probe ??= new Probe());
    if (!probe.isNative) break;
    // The number's, the serializer's, stack's, and this function's own.
    Error.stackTraceLimit = limit + 4;
    const stack = probe.stack();
    if (!isArray(stack)) return stack;
    // Both: the engine looks at the flag anew for each frame.
    if (probe.wasSet() && isWrite(stack[1])) {
      here.shows = true;
      return without(stack, 4);
    }
    probe.pause(i);
  }
  here.none = !here.shows;
  Error.stackTraceLimit = limit + 1;
  const { stack } = new Error() as { stack?: unknown };
  return isArray(stack) ? without(stack, 1) : stack;
}

function isWrite(frame: NodeJS.CallSite): boolean {
  return frame.getFunctionName() === "writeUint32";
}

/** Without the first `n`. */
function without(trace: unknown[], n: number): unknown[] {
  for (let i = n; i < trace.length; i++) trace[i - n] = trace[i];
  trace.length -= n;
  return trace;
}

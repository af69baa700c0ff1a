/**
 * Functions of Node and of addons are written in C++, and some call back before they return: what node:sqlite calls from within SQL,
 * the delegates of a v8.Serializer, comparators given to an addon. A suspension would lose their activations. They have
 * frames, but the engine leaves them out of traces that are not taken under a flag. It reads it as an error is made:
 *
 *     flag on     serializer.writeUint32(number)     C++, which asks for the number:
 *                     number.valueOf()               new Error()
 *     flag off
 *
 * All threads share the flag, and another one may just have turned it off. So the error is made below such a function: if that
 * shows, all of them do, else it is made once more. It takes 2 to 3 microseconds more than the error alone.
 */
import type { Serializer } from "node:v8";

const { apply } = Reflect;
const { isArray } = Array;
const { Error } = globalThis;
const { toString: textOf } = Function.prototype;

const ON = "--experimental-stack-trace-frames";
const OFF = "--no-experimental-stack-trace-frames";

/** How often an error is made again, before an engine is taken for one that has no such flag. */
const TRIES = 16;
/** Numbers written before the serializer is emptied. */
const ROOM = 4096;

class Probe {
  private readonly serializer: Serializer;
  private readonly write: Function;
  private readonly empty: Function;
  private readonly setFlag: (flag: string) => void;
  private written: number = 0;
  private made: Error | null = null;
  private readonly number: readonly unknown[] = [
    {
      valueOf: (): number => {
        this.made = new Error();
        return 0;
      },
    },
  ];

  constructor() {
    // Asked for here: `node:v8` takes 2 ms to load.
    const v8 = process.getBuiltinModule("node:v8");
    this.serializer = new v8.Serializer();
    this.write = this.serializer.writeUint32;
    this.empty = this.serializer.releaseBuffer;
    this.setFlag = v8.setFlagsFromString;
  }

  /** A program, or its tests, may have put another function there. */
  isNative(): boolean {
    return apply(textOf, this.write, []) === "function writeUint32() { [native code] }";
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
}

/** Null until it is needed, and `none` once this engine is known to show nothing. */
const here: { probe: Probe | null; none: boolean } = { probe: null, none: false };

/**
 * What `Error.prepareStackTrace` makes of the stack, where it gives back the call sites: those of the caller and its callers, `limit` at
 * most. Leaves another `Error.stackTraceLimit` behind.
 */
export function cppTrace(limit: number): unknown {
  for (let i = 0; i < TRIES && !here.none; i++) {
    here.probe ??= new Probe();
    if (!here.probe.isNative()) break;
    // The number's, the serializer's, stack's, and this function's own.
    Error.stackTraceLimit = limit + 4;
    const stack = here.probe.stack();
    if (!isArray(stack)) return stack;
    if ((stack[1] as NodeJS.CallSite).getFunctionName() === "writeUint32") return without(stack, 4);
  }
  here.none = true;
  Error.stackTraceLimit = limit + 1;
  const { stack } = new Error() as { stack?: unknown };
  return isArray(stack) ? without(stack, 1) : stack;
}

/** Without the first `n`. */
function without(trace: unknown[], n: number): unknown[] {
  for (let i = n; i < trace.length; i++) trace[i - n] = trace[i];
  trace.length -= n;
  return trace;
}

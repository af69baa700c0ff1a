/**
 * What compiled code calls to iterate: `for … of`, array patterns, spread. An array nobody has changed the iteration of is gone through by
 * index, the engine's own iterators by engine.ts, a channel by itself, anything else by an {@link IteratorStepper}, whose `next` may suspend.
 */
import { b, over, via } from "./barrier.ts";
import { callable, closeIterator, END, engineStepper, fail } from "./engine.ts";
import { own } from "./own.ts";
import { R, type Frame } from "./state.ts";

const arrayIterator = Array.prototype[Symbol.iterator];
const arrayIteratorPrototype = Object.getPrototypeOf([][Symbol.iterator]()) as { next: unknown };
const arrayNext = arrayIteratorPrototype.next;

/** Whether iterating `value` means going through it by index: an array nobody has changed the iteration of. */
function plain(value: unknown): boolean {
  return Array.isArray(value) && value[Symbol.iterator] === arrayIterator && arrayIteratorPrototype.next === arrayNext;
}

/** What a call spreads, taken out of its iterator before the call. */
export function spread(value: Iterable<unknown>): Iterable<unknown> {
  return plain(value) ? value : listed(...value);
}

/** Spread among arguments, which fails in other words than spread in an array. */
const listed = (...values: unknown[]): unknown[] => values;

/** An iterator that is advanced by `$step`; channels bring their own, which parks. */
interface Stepper {
  $step(): unknown;
  $close?(): void;
}

class IteratorStepper implements Stepper {
  private readonly iterator: Iterator<unknown>;
  private readonly next: () => IteratorResult<unknown>;
  private readonly called: { call(iterator: Iterator<unknown>): IteratorResult<unknown> };
  constructor(iterator: Iterator<unknown>, next: () => IteratorResult<unknown>) {
    this.iterator = iterator;
    this.next = next;
    this.called = callable(next, "next");
  }
  /** Compiled code calls it at a safepoint, so a `next` that is compiled may suspend. */
  $step(): unknown {
    const result = this.called.call(this.iterator);
    if (R.u === 0) return valueOf(result);
    // A package's own would go on, and a generator's never comes back.
    via(this.next);
    R.tail = R.tail.next = new StepFrame();
    return undefined;
  }
  /** The same where nothing can be captured. */
  now(): unknown {
    return valueOf(b(this.called.call(this.iterator)));
  }
  skip(): boolean {
    return !!resultOf(b(this.called.call(this.iterator))).done;
  }
  $close(): void {
    closeIterator(this.iterator);
  }
}

// It survives the suspension of what it calls.
own(IteratorStepper.prototype.$step);

/** What a step is of an iterator's result. */
function valueOf(result: IteratorResult<unknown> | null): unknown {
  const known = resultOf(result);
  return known.done ? END : known.value;
}

function resultOf(result: IteratorResult<unknown> | null): IteratorResult<unknown> {
  if (result === null || (typeof result !== "object" && typeof result !== "function"))
    throw new TypeError(`Iterator result ${String(result)} is not an object`);
  return result;
}

/** Below a `next` that has suspended. */
class StepFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = stepFrame;
  pc: number = 0;
  next: Frame | null = null;
}

function stepFrame(f: Frame | null): unknown {
  if (f === null) return "gort.$step\n\n";
  return valueOf(R.taken() as IteratorResult<unknown>);
}

/**
 * What a `for … of` goes through: an array itself, by index, or what is advanced by steps. `R.i`, read at once, is the first index,
 * or -1: an iterator is open.
 */
export function each(value: unknown): unknown {
  if (plain(value)) {
    R.i = 0;
    return value;
  }
  const stepper = iter(value);
  R.i = -1;
  return stepper;
}

/** What is thrown on where a `for … of` is left by an exception; pairs of iterator and index, innermost first. */
export function failed(error: unknown, ...loops: unknown[]): unknown {
  const e = R.u === 0 ? error : over(error);
  for (let k = 0; k < loops.length; k += 2) if (loops[k + 1] === -1) closeQuietly(loops[k] as Stepper);
  return e;
}

/** The steps of {@link each}, which calls it. */
function iter(value: unknown): Stepper {
  if (value !== null && typeof value === "object" && typeof (value as Stepper).$step === "function")
    return value as Stepper;
  const method = (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator];
  if (typeof method !== "function") fail(new TypeError(`${describe(value)} is not iterable`), each);
  const iterator = callable(method, "").call(value) as Iterator<unknown>;
  if (iterator === null || (typeof iterator !== "object" && typeof iterator !== "function"))
    fail(new TypeError("Result of the Symbol.iterator method is not an object"), each);
  const next = iterator.next as () => IteratorResult<unknown>;
  return engineStepper(iterator, next, value, method) ?? new IteratorStepper(iterator, next);
}

/** An array pattern's iterator. */
export function elements(value: unknown): IteratorStepper {
  const method = (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator];
  if (typeof method !== "function") fail(new TypeError(`${describe(value)} is not iterable`), elements);
  const iterator = callable(method, "").call(value) as Iterator<unknown>;
  return new IteratorStepper(iterator, iterator.next as () => IteratorResult<unknown>);
}

/** Its next element; END once it has ended. */
export function element(stepper: IteratorStepper, ended: boolean): unknown {
  return ended ? END : stepper.now();
}

/** Passes over the next one, whose value nobody reads; whether it has ended. */
export function skip(stepper: IteratorStepper, ended: boolean): boolean {
  return ended || stepper.skip();
}

/** What is left of it. */
export function remaining(stepper: IteratorStepper, ended: boolean): unknown[] {
  const out: unknown[] = [];
  if (ended) return out;
  for (let v = stepper.now(); v !== END; v = stepper.now()) out.push(v);
  return out;
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? "object" : String(value);
}

export function close(stepper: Stepper): void {
  stepper.$close?.();
}

/** Closes after an exception, which wins over one that closing throws. */
export function closeQuietly(stepper: Stepper): void {
  try {
    stepper.$close?.();
  } catch {
    // The pending exception is thrown on by the caller.
  }
}

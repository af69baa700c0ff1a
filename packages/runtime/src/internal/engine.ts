/**
 * Steps through what the engine's own iterators go through. Their `next` cannot suspend and gives results nobody else sees, so nothing of
 * what any other `next` may do is looked for (iteration.ts); and where each kind has a class of its own, the engine inlines the step. It does so
 * only where a property of the iterator is read: so `next` is read at each step, and called if it is what it was.
 */
import { b } from "./barrier.ts";

/** What `$step` returns when there is nothing more. */
export const END: { readonly end: true } = Object.freeze({ end: true });

const { call } = Function.prototype;
const { captureStackTrace } = Error;

/**
 * The function of a call that is printed as `f.call(self, …)`. What is no function fails after the arguments, which stand
 * behind this call, have been evaluated.
 */
export function callable<F>(f: F, text: string): F {
  if (typeof f === "function") {
    // A function may have a `call` of its own.
    if (f.call === call) return f;
    return { call: call.bind(f) } as F;
  }
  const absent = (): never => fail(new TypeError(`${text} is not a function`), absent);
  return absent as F;
}

/** Throws what the engine does where `construct` stands for something of the language: the stack begins in the code that called it. */
export function fail(error: Error, construct: Function): never {
  captureStackTrace(error, construct);
  throw error;
}

/** IteratorClose, where an exception may reach the caller. */
export function closeIterator(iterator: Iterator<unknown>): void {
  const { return: f } = iterator;
  if (f === undefined || f === null) return;
  const result: unknown = b(callable(f, "return").call(iterator));
  if (result === null || (typeof result !== "object" && typeof result !== "function"))
    throw new TypeError(`Iterator result ${String(result)} is not an object`);
}

type Next = () => IteratorResult<unknown>;

const nextOf = (iterator: object): Next => (Object.getPrototypeOf(iterator) as { next: Next }).next;
const arrayNext = nextOf([][Symbol.iterator]());
const mapNext = nextOf(new Map().entries());
const setNext = nextOf(new Set().values());
const stringNext = nextOf(""[Symbol.iterator]());
const stringIterator = String.prototype[Symbol.iterator] as () => object;
const typedIterator = (Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array).values as () => object;

/** One of the engine's iterators being gone through. */
abstract class EngineStepper {
  protected readonly iterator: Iterator<unknown>;
  constructor(iterator: Iterator<unknown>) {
    this.iterator = iterator;
  }
  abstract $step(): unknown;
  /** The engine's have no `return`, unless somebody gave them one. */
  $close(): void {
    closeIterator(this.iterator);
  }
}

class MapStepper extends EngineStepper {
  $step(): unknown {
    const { iterator } = this;
    const result = iterator.next === mapNext ? iterator.next() : mapNext.call(iterator);
    return result.done ? END : result.value;
  }
}

class SetStepper extends EngineStepper {
  $step(): unknown {
    const { iterator } = this;
    const result = iterator.next === setNext ? iterator.next() : setNext.call(iterator);
    return result.done ? END : result.value;
  }
}

/** Of an array: its keys or entries; of `arguments`. */
class ArrayStepper extends EngineStepper {
  $step(): unknown {
    const { iterator } = this;
    const result = iterator.next === arrayNext ? iterator.next() : arrayNext.call(iterator);
    return result.done ? END : result.value;
  }
}

/** Goes by index, as the engine's does, which is asked at the end: it throws if the buffer has gone. Nobody steps on behind the end. */
class TypedStepper extends EngineStepper {
  private readonly array: Uint8Array;
  private at: number = 0;
  constructor(iterator: Iterator<unknown>, array: Uint8Array) {
    super(iterator);
    this.array = array;
  }
  $step(): unknown {
    const { at } = this;
    // No element is undefined, and nothing else has an index.
    const value = this.array[at];
    if (value !== undefined) {
      this.at = at + 1;
      return value;
    }
    arrayNext.call(this.iterator);
    return END;
  }
}

/** By code points. */
class StringStepper extends EngineStepper {
  private readonly text: string;
  private at: number = 0;
  constructor(iterator: Iterator<unknown>, text: string) {
    super(iterator);
    this.text = text;
  }
  $step(): unknown {
    const { text, at } = this;
    if (at >= text.length) return END;
    const c = text.charCodeAt(at);
    if (c < 0xd800 || c > 0xdbff || at + 1 === text.length) {
      this.at = at + 1;
      return text[at];
    }
    const low = text.charCodeAt(at + 1);
    const end = low >= 0xdc00 && low <= 0xdfff ? at + 2 : at + 1;
    this.at = end;
    return text.slice(at, end);
  }
}

/** Steps through `iterator`, which `method` has made of `value`; null where its `next` is not the engine's. */
export function engineStepper(
  iterator: Iterator<unknown>,
  next: unknown,
  value: unknown,
  method: unknown,
): EngineStepper | null {
  switch (next) {
    case arrayNext:
      return method === typedIterator ? new TypedStepper(iterator, value as Uint8Array) : new ArrayStepper(iterator);
    case mapNext:
      return new MapStepper(iterator);
    case setNext:
      return new SetStepper(iterator);
    case stringNext:
      return method === stringIterator && typeof value === "string" ? new StringStepper(iterator, value) : null;
    default:
      return null;
  }
}

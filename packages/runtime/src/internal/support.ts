/**
 * What compiled code calls, beside the check and the poll: iteration, destructuring, dead zones, `super` in clones.
 * Each has exactly the meaning of the language construct it stands for.
 */
import { types } from "node:util";
import { b, over, via } from "./barrier.ts";
import { callable, closeIterator, END, engineStepper, fail } from "./engine.ts";
import { own } from "./own.ts";
import { R, type Frame } from "./state.ts";

const { isProxy } = types;
const { isArray } = Array;
const { prototype: objectPrototype, getPrototypeOf } = Object;
const { hasOwnProperty: hasOwn } = objectPrototype;

/** The mark of a variable in its temporal dead zone. */
export const T: unique symbol = Symbol("uninitialised");
export { callable, END };

function uninitialised(name: string, construct: Function): never {
  fail(new ReferenceError(`Cannot access '${name}' before initialization`), construct);
}

export function tdz<V>(value: V, name: string): V {
  if ((value as unknown) === T) uninitialised(name, tdz);
  return value;
}

/** An assignment to a variable that may be in its dead zone: the value, once the variable is not. */
export function late<V>(value: V, now: unknown, name: string): V {
  if (now === T) uninitialised(name, late);
  return value;
}

/** An assignment to a constant, once its right side is evaluated, and the constant found initialised. */
export function constant(_value: unknown, _now?: unknown): never {
  fail(new TypeError("Assignment to constant variable."), constant);
}

/** An object with one property whose value, an anonymous function, is named by its key. */
export function named(property: PropertyKey, value: Function): object {
  const k = key(property);
  const own = Object.getOwnPropertyDescriptor(value, "name");
  if (own === undefined || own.value === "") {
    const name = typeof k === "symbol" ? (k.description === undefined ? "" : `[${k.description}]`) : String(k);
    Object.defineProperty(value, "name", { value: name, configurable: true });
  }
  return { [k]: value };
}

/** A class the compiler had to call `now` is called `name`, as it was written; unless it has a `name` of its own. */
export function rename(made: Function, now: string, name: string): void {
  if (Object.getOwnPropertyDescriptor(made, "name")?.value === now)
    Object.defineProperty(made, "name", { value: name, configurable: true });
}

const arrayIterator = Array.prototype[Symbol.iterator];
const arrayIteratorPrototype = Object.getPrototypeOf([][Symbol.iterator]()) as { next: unknown };
const arrayNext = arrayIteratorPrototype.next;

/** Whether iterating `value` means going through it by index: an array nobody has changed the iteration of. */
export function plain(value: unknown): boolean {
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

/** A list of keys; `slow`: who asks twice is noticed. */
interface Keys extends ArrayLike<string> {
  slow?: true;
}

/** The keys for-in visits. */
export function keys(object: unknown): Keys {
  if (isProxy(object)) return new ProxyKeys(object as object);
  const out: string[] & Keys = [];
  for (const key in object as object) out.push(key);
  if (inheritsProxy(object)) out.slow = true;
  return out;
}

function inheritsProxy(object: unknown): boolean {
  if (object === null || object === undefined) return false;
  for (let o = getPrototypeOf(object) as unknown; o !== null && o !== objectPrototype; o = getPrototypeOf(o))
    if (isProxy(o)) return true;
  return false;
}

/** The index behind that of `key`, where a for-in has come to `at`, or, at -1, to `key`: the engine went through them so far. */
export function nextKey(keys: Keys, at: number, key: string | undefined): number {
  if (at >= 0) return at + 1;
  if (key === undefined) return 0;
  let i = 0;
  while (keys[i] !== key) i++;
  return i + 1;
}

/** Whether a key for-in has collected is still there. */
export function has(keys: unknown, object: unknown, key: string): boolean {
  if (!isArray(keys)) return true;
  return (typeof object === "object" && hasOwn.call(object, key)) || key in Object(object);
}

/** A proxy is asked for each key when its turn comes: the engine's own loop, a step for each look at `length`. */
class ProxyKeys implements Keys {
  readonly slow = true;
  [i: number]: string;
  private count: number = 0;
  private readonly steps: Iterator<string>;

  constructor(object: object) {
    this.steps = (function* () {
      for (const key in object) yield key;
    })();
  }

  get length(): number {
    const step = this.steps.next();
    if (step.done !== true) this[this.count++] = step.value;
    return this.count;
  }
}

/** Destructuring's check that there is something to take apart. */
export function object(value: unknown): void {
  if (value === null || value === undefined)
    fail(new TypeError(`Cannot destructure '${String(value)}' as it is ${String(value)}.`), object);
}

export function rest(value: object, seen: PropertyKey[]): object {
  const taken = new Set(seen.map((key) => (typeof key === "number" ? String(key) : key)));
  const from = Object(value) as Record<PropertyKey, unknown>;
  const out = {};
  for (const key of Reflect.ownKeys(from)) {
    if (taken.has(key) || Reflect.getOwnPropertyDescriptor(from, key)?.enumerable !== true) continue;
    Object.defineProperty(out, key, { value: from[key], writable: true, enumerable: true, configurable: true });
  }
  return out;
}

/** ToPropertyKey, once. */
export function key(value: unknown): PropertyKey {
  if (typeof value === "string" || typeof value === "symbol") return value;
  if (typeof value === "number") return value;
  const holder = { [value as PropertyKey]: 0 };
  return Reflect.ownKeys(holder)[0]!;
}

/** The computed key of a static member of a class. */
export function staticKey(value: unknown): PropertyKey {
  const found = key(value);
  if (found === "prototype") fail(new TypeError("Classes may not have a static property named 'prototype'"), staticKey);
  return found;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function onlyObject(value: unknown, of: (value: unknown) => unknown): void {
  if (!isObject(value)) fail(new TypeError("An object is expected with `using` declarations"), of);
}

/** The method a `using` declaration calls at the end, checked when the variable is made. */
export function disposer(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  onlyObject(value, disposer);
  const method = (value as Disposable)[Symbol.dispose];
  if (typeof method !== "function") fail(new TypeError("Symbol(Symbol.dispose) is not a function"), disposer);
  return callable(method, "");
}

/** The same of `await using`, where there is one: what has none falls back to the other, whose result is not awaited. */
export function asyncDisposer(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  onlyObject(value, asyncDisposer);
  const method = (value as AsyncDisposable)[Symbol.asyncDispose];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== "function") fail(new TypeError("Symbol(Symbol.asyncDispose) is not a function"), asyncDisposer);
  return callable(method, "");
}

/** What leaves a block where a disposer has thrown `error` over `hidden`. An end of the goroutine is no error: the later one replaces the other. */
export function suppressed(error: unknown, hidden: unknown): unknown {
  if (error === R.exit || hidden === R.exit) return error;
  // Nobody else sees it on its way: its callers, as a catch clause gives them.
  R.caught(hidden);
  const Suppressed = (globalThis as { SuppressedError?: new (e: unknown, s: unknown, message: string) => Error })
    .SuppressedError;
  const e =
    Suppressed !== undefined
      ? new Suppressed(error, hidden, "An error was suppressed during disposal")
      : Object.assign(new Error("An error was suppressed during disposal"), {
          name: "SuppressedError",
          error,
          suppressed: hidden,
        });
  // Its stack begins where the engine's would: in the block that is left.
  Error.captureStackTrace(e, suppressed);
  return e;
}

/** `super.key` in a clone, which stands outside its class. */
export function superGet(home: object, property: PropertyKey, self: unknown): unknown {
  return Reflect.get(Object.getPrototypeOf(home) as object, property, self);
}

/** `super.property` outside its method: `v` reads and writes it. */
class SuperRef {
  readonly #base: object;
  readonly #property: PropertyKey;
  readonly #self: unknown;
  readonly #sloppy: boolean;
  constructor(base: object, property: PropertyKey, self: unknown, sloppy: boolean) {
    this.#base = base;
    this.#property = property;
    this.#self = self;
    this.#sloppy = sloppy;
  }
  get v(): unknown {
    return Reflect.get(this.#base, this.#property, this.#self);
  }
  set v(value: unknown) {
    if (!Reflect.set(this.#base, this.#property, value, this.#self) && !this.#sloppy)
      throw new TypeError(`Cannot assign to read only property '${String(this.#property)}' of object`);
  }
}

export function superRef(home: object, property: unknown, self: unknown, sloppy = false): { v: unknown } {
  return new SuperRef(Object.getPrototypeOf(home) as object, key(property), self, sloppy);
}

/** What `new` gives when the constructor returns `value`. */
export function constructed(value: unknown, self: object): unknown {
  return isObject(value) ? value : self;
}

/** What a derived constructor returns. */
export function derived(value: unknown): unknown {
  if (value === undefined || isObject(value)) return value;
  return fail(new TypeError("Derived constructors may only return object or undefined"), derived);
}

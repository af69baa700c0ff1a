/** What compiled code calls for classes: their names and static keys, `super` in clones, what constructors return. */
import { fail } from "./engine.ts";
import { isObject, key } from "./properties.ts";

/** A class the compiler had to call `now` is called `name`, as it was written; unless it has a `name` of its own. */
export function rename(made: Function, now: string, name: string): void {
  if (Object.getOwnPropertyDescriptor(made, "name")?.value === now)
    Object.defineProperty(made, "name", { value: name, configurable: true });
}

/** The computed key of a static member of a class. */
export function staticKey(value: unknown): PropertyKey {
  const found = key(value);
  if (found === "prototype") fail(new TypeError("Classes may not have a static property named 'prototype'"), staticKey);
  return found;
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

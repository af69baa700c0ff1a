/** What compiled code calls for property keys, and for patterns and literals of objects. */
import { fail } from "./engine.ts";

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

/** Whether the language calls it an object. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

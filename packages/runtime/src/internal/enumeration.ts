/** What compiled code calls for `for … in`: the keys, collected first, and whether each is still there when its turn comes. */
import { types } from "node:util";

const { isProxy } = types;
const { isArray } = Array;
const { prototype: objectPrototype, getPrototypeOf } = Object;
const { hasOwnProperty: hasOwn } = objectPrototype;

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

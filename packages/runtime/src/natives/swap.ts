/** What a call site does that has its own loop for arrays, when it meets anything else. */
import { ABSENT, type Callback } from "./intrinsics.ts";

const { apply } = Reflect;

/** Calls the compiled version of the method `f` of `self`, or else `f`; `text` is how an error names it. */
export function swap(
  version: Callback | null,
  f: Callback,
  text: string,
  self: unknown,
  callback: unknown,
  initial: unknown = ABSENT,
): unknown {
  if (version !== null) return initial === ABSENT ? version(self, callback) : version(self, callback, initial);
  if (typeof f !== "function") throw new TypeError(`${text} is not a function`);
  return apply(f, self, initial === ABSENT ? [callback] : [callback, initial]);
}

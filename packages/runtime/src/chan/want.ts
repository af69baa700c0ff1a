/** What a receiver wants for a value, or for the end: its G.x while it waits. */
import { R } from "../internal/state.ts";

export const WANT_VALUE = 0;
export const WANT_TUPLE = 2;
export const WANT_STEP = 3;
export const WANT_RESULT = 4;

/** What a receiver gets for the value `v`. */
export function shaped(v: unknown, want: number): unknown {
  return want === WANT_TUPLE ? [v, true] : want === WANT_RESULT ? { value: v, done: false } : v;
}

/** What it gets when nothing more comes. */
export function ended(want: number): unknown {
  return want === WANT_TUPLE
    ? [undefined, false]
    : want === WANT_STEP
      ? R.END
      : want === WANT_RESULT
        ? { value: undefined, done: true }
        : undefined;
}

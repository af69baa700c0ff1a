/**
 * The lazy methods of Iterator.prototype. What drives a helper is its caller's business: a spread, `Array.from`, another
 * helper, all of them native. So these stay native, and a callback that blocks is told so at once.
 */
import { b } from "../internal/barrier.ts";
import { type Callback, native } from "./intrinsics.ts";

const own = Iterator.prototype;
const { map, filter, flatMap } = own;

function loud(f: unknown): unknown {
  return typeof f === "function" ? (value: unknown, k: number): unknown => b((f as Callback)(value, k)) : f;
}

export const lazy: Record<"map" | "filter" | "flatMap", (target: unknown, f: unknown) => unknown> = {
  map: (target, f) => native(map, target, [loud(f)]),
  filter: (target, f) => native(filter, target, [loud(f)]),
  flatMap: (target, f) => native(flatMap, target, [loud(f)]),
};

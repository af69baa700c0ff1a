/**
 * `map.call(items, f)`, `Array.prototype.map.apply(items, [f])`, `Reflect.apply(map, items, [f])`: the version of `map` runs. So does these
 * functions' own, in `Function.prototype.apply.call(f, self, arguments)`.
 */
import { isArray, listOf, native, none } from "./intrinsics.ts";
import { argumentsOf, versionOf } from "./versions.ts";

const { apply } = Reflect;
const { apply: applyOf } = Function.prototype;

export const calls = {
  "Function.call"(f: Function, self: unknown, ...args: unknown[]): unknown {
    return pass(f, self, args);
  },

  "Function.apply"(f: Function, self: unknown, args: unknown): unknown {
    if (typeof f !== "function") return native(applyOf, f, [self, args]);
    return pass(f, self, args === null || args === undefined ? none : isArray(args) ? args : listOf(args));
  },

  "Reflect.apply"(_reflect: unknown, f: Function, self: unknown, args: unknown): unknown {
    if (typeof f !== "function") return native(apply, Reflect, [f, self, args]);
    return pass(f, self, isArray(args) ? args : listOf(args));
  },
};

function pass(f: Function, self: unknown, args: unknown[]): unknown {
  const version = self === undefined || self === null ? undefined : versionOf(f);
  return version === undefined ? apply(f, self, args) : apply(version, undefined, argumentsOf(f, self, args));
}

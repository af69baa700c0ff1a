/** The compiled versions by the function each stands for: where it is not called as a method. Filled by table.ts. */
import { ABSENT, push } from "./intrinsics.ts";

const versions: Map<unknown, Function> = new Map();
/** Those to which a missing second argument means something else than `undefined`. */
const withInitial: Set<unknown> = new Set();

export function register(native: unknown, version: Function, hasInitial: boolean): void {
  if (typeof native !== "function") return;
  versions.set(native, version);
  if (hasInitial) withInitial.add(native);
}

export function versionOf(f: unknown): Function | undefined {
  return versions.get(f);
}

/** What the version is called with: the receiver, then the arguments. */
export function argumentsOf(f: unknown, self: unknown, args: unknown[]): unknown[] {
  const all = [self];
  for (let i = 0; i < args.length; i++) push(all, args[i]);
  if (args.length === 1 && withInitial.has(f)) push(all, ABSENT);
  return all;
}

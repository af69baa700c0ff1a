/**
 * Names by which the runtime's functions are known in stack traces. A minifier renames functions and a bundler mixes
 * files; the property `name`, which the engine reports, they leave alone. No identifier can hold the colon.
 */
export const OWN = "gort:";
/** The bottom of every goroutine's native stack. */
export const BASE = "gort:execute";
/** What a fast copy leaves through: called nowhere but at its exit. */
export const LEAVE = "gort:leave";
/** What asks whether the stack may be unwound: its caller stands at a safepoint. */
export const ASK = "gort:ask";

/** Names a function of the runtime. */
export function own<F extends Function>(f: F, name: string = OWN + f.name): F {
  Object.defineProperty(f, "name", { value: name, configurable: true });
  return f;
}

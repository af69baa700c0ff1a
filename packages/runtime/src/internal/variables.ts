/** What compiled code calls for variables in their temporal dead zone, and for constants that are assigned to. */
import { fail } from "./engine.ts";

/** The mark of a variable in its temporal dead zone. */
export const T: unique symbol = Symbol("uninitialised");

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

/** Errors on their way to another thread: class, name, message, stack and whose that is, cause, and what else they hold that can cross. */
import { inspect } from "node:util";
import { ChannelError, GortError, shown, SyncError } from "../errors/catalogue.ts";
import { Canceled, DeadlineExceeded } from "../context/errors.ts";
import { thrownBy, throwerOf } from "../scheduler/stack.ts";
import type { Decoder } from "./decoder.ts";
import type { Encoder } from "./encoder.ts";

/** Classes that are known everywhere: `instanceof` holds on the other side. Of others the name crosses, and the nearest of these. */
const classes: readonly (new (message?: string) => Error)[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError as unknown as new () => Error,
  ChannelError as unknown as new () => Error,
  GortError as unknown as new () => Error,
  SyncError as unknown as new () => Error,
  // Node.js 22 has none.
  ...(typeof SuppressedError === "function" ? [SuppressedError as unknown as new () => Error] : []),
];

/** Errors that are one value everywhere, so that `e === Canceled` tells: only which it is crosses. */
const values: readonly Error[] = [Canceled, DeadlineExceeded];
const VALUES = 128;

/** The nearest of {@link classes}, and whether it is the error's own. */
function classOf(v: Error): [kind: number, own: boolean] {
  const own: object | null = Object.getPrototypeOf(v) as object | null;
  for (let proto = own; proto !== null; proto = Object.getPrototypeOf(proto) as object | null) {
    const kind = classes.findIndex((C) => C.prototype === proto);
    if (kind >= 0) return [kind, proto === own];
  }
  return [0, false];
}

/** Writes the error without what it holds; whether it may hold anything. */
export function encodeError(e: Encoder, v: Error): boolean {
  const { w } = e;
  const value = values.indexOf(v);
  if (value >= 0) {
    w.byte(VALUES + value);
    return false;
  }
  const [kind, own] = classOf(v);
  w.byte(kind);
  w.string(own ? "" : (v.constructor?.name ?? "Error"));
  w.string(String(v.name));
  w.string(String(v.message));
  w.string(typeof v.stack === "string" ? v.stack : "");
  w.double(throwerOf(v));
  return true;
}

/** What cannot cross does not fail the error: it stays behind; a cause, which is often all that is known, comes as a text. */
export function encodeHeld(e: Encoder, v: Error): void {
  const held = Object.entries(Object.getOwnPropertyDescriptors(v)).filter(
    ([key, d]) => key !== "name" && key !== "message" && key !== "stack" && "value" in d,
  );
  // What prints and what does not, as before.
  for (const enumerable of [true, false]) {
    const { w } = e;
    const at = w.length;
    w.int(0);
    let n = 0;
    for (const [key, d] of held) {
      if (d.enumerable !== enumerable) continue;
      if (e.perhaps(key, d.value) || (key === "cause" && e.perhaps(key, inspected(d.value)))) n++;
    }
    w.view.setInt32(at, n, true);
  }
}

/** What is held is anybody's, and so is how it shows itself. */
function inspected(v: unknown): string {
  try {
    return inspect(v);
  } catch {
    return shown(v);
  }
}

/** The error as {@link encodeError} has written it; `bare` if it holds nothing. */
export function decodeError(d: Decoder): { e: Error; bare: boolean } {
  const { r } = d;
  const kind = r.byte();
  const value = values[kind - VALUES];
  if (value !== undefined) return { e: value, bare: true };
  const className = r.string();
  const name = r.string();
  const message = r.string();
  const stack = r.string();
  const thrower = r.double();
  const C = classes[kind] as (typeof classes)[number];
  const e = Object.create(C.prototype, Object.getOwnPropertyDescriptors(new Error(message))) as Error;
  if (e.name !== name) hide(e, "name", name);
  hide(e, "stack", stack);
  if (className !== "") hide(e, "className", className);
  if (thrower !== 0) thrownBy(e, thrower);
  return { e, bare: false };
}

export function decodeHeld(d: Decoder, e: Error): void {
  d.properties(e);
  const held: Record<string, unknown> = {};
  d.properties(held);
  for (const key of Object.keys(held)) hide(e, key, held[key]);
}

function hide(e: Error, key: string, value: unknown): void {
  Object.defineProperty(e, key, { value, writable: true, enumerable: false, configurable: true });
}

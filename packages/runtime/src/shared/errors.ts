/** Errors on their way to another thread: class, name, message, stack, cause, and what else they hold that can cross. */
import { ChannelError, GortError, SyncError } from "../errors/catalogue.ts";
import type { Decoder, Encoder } from "./codec.ts";

/** Classes that are known everywhere: `instanceof` holds on the other side. Of others the name crosses. */
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
];

/** Values that may fail to cross do not fail the error: they stay behind. */
function crosses(v: unknown): boolean {
  const t = typeof v;
  return (
    v === null || (t !== "function" && t !== "symbol" && (t !== "object" || v instanceof Error || Array.isArray(v)))
  );
}

export function encodeError(e: Encoder, v: Error): void {
  const { w } = e;
  const proto: unknown = Object.getPrototypeOf(v);
  const kind = classes.findIndex((C) => C.prototype === proto);
  w.byte(kind < 0 ? 255 : kind);
  w.string(kind < 0 ? (v.constructor?.name ?? "Error") : "");
  w.string(String(v.name));
  w.string(String(v.message));
  w.string(typeof v.stack === "string" ? v.stack : "");
  const own = Object.getOwnPropertyNames(v).filter((key) => key !== "name" && key !== "message" && key !== "stack");
  const held = own.filter((key) => crosses((v as unknown as Record<string, unknown>)[key]));
  e.properties(v, held);
}

export function decodeError(d: Decoder, seen: (e: Error) => void): Error {
  const { r } = d;
  const kind = r.byte();
  const className = r.string();
  const name = r.string();
  const message = r.string();
  const stack = r.string();
  const C = classes[kind] ?? Error;
  const e = Object.create(C.prototype, Object.getOwnPropertyDescriptors(new Error(message))) as Error;
  const hidden = (key: string, value: unknown): void => {
    Object.defineProperty(e, key, { value, writable: true, enumerable: false, configurable: true });
  };
  if (e.name !== name) hidden("name", name);
  hidden("stack", stack);
  if (kind === 255 && className !== name) hidden("className", className);
  seen(e);
  const held: Record<string, unknown> = {};
  d.properties(held);
  for (const key of Object.keys(held)) {
    if (key === "cause" || key === "errors") hidden(key, held[key]);
    else (e as unknown as Record<string, unknown>)[key] = held[key];
  }
  return e;
}

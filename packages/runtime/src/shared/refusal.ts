/** What cannot cross to another thread, and what its GORT_SHARE says: what it is, and the path to it. */
import { GortError } from "../errors/catalogue.ts";
import { cargoOf } from "./cargo.ts";
import { G } from "../scheduler/g.ts";
import type { Sharable } from "./handles.ts";
import { isFileHandle } from "./parcels.ts";

/** `why`: why what was moved does not go, where its cargo does not know it before it is loaded. */
export function refused(path: readonly (string | number)[], v: unknown, why: string = ""): GortError {
  return new GortError("GORT_SHARE", `${placeOf(path)} is ${described(v, why)}`);
}

/** The shared object of `v`, which stands at `path`. One that stays on its thread, or holds what cannot cross, does not know where it is. */
export function shared(v: Sharable, path: string | readonly (string | number)[]): number {
  try {
    return v.$share();
  } catch (e) {
    if (e instanceof GortError && e.code === "GORT_SHARE") {
      const place = typeof path === "string" ? path : placeOf(path);
      e.message = e.message.replace("another thread: ", () => `another thread: ${place}: `);
      Error.captureStackTrace(e, shared); // its first line has the message
    }
    throw e;
  }
}

function placeOf(path: readonly (string | number)[]): string {
  let text = String(path[0]);
  for (const key of path.slice(1)) {
    const name = String(key);
    if (typeof key === "number") text += `[${key}]`;
    else if (name.startsWith("<") || /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) text += `.${name}`;
    else text += `[${JSON.stringify(name)}]`;
  }
  return text;
}

/** What `v` is, and what can be sent in its place. `obstacle`: as in {@link refused}. */
export function described(v: unknown, obstacle: string = ""): string {
  if (typeof v === "function") return /^class\b/.test(Function.prototype.toString.call(v)) ? "a class" : "a function";
  if (typeof v !== "object" || v === null) return `a ${typeof v}`;
  if (v instanceof G) return "a goroutine's handle";
  const memory = ArrayBuffer.isView(v) ? v.buffer : v;
  if (memory instanceof ArrayBuffer && memory.detached) return "memory that has been moved away";
  const cargo = cargoOf(v);
  if (cargo !== undefined) {
    const why = obstacle === "" ? cargo.obstacle() : obstacle;
    return why === "" ? `${what(v)}, of which there is one: it goes to one thread` : `${what(v)} that ${why}`;
  }
  const hint = hintFor(v);
  return hint === "" ? what(v) : `${what(v)}: ${hint}`;
}

function what(v: object): string {
  const maker = (v as { constructor?: unknown }).constructor;
  const name = typeof maker === "function" ? maker.name : "";
  return name === "" ? "an object with a prototype of its own" : `an instance of ${name}`;
}

/** Classes of ours whose objects stay on their thread, and what to do. */
const stays: Map<unknown, string> = new Map();

export function staysHere(kind: Function, hint: string): void {
  stays.set(kind, hint);
}

/** What to write where `v` itself cannot go. */
function hintFor(v: object): string {
  if (v instanceof ReadableStream || v instanceof WritableStream || v instanceof TransformStream) return HAND_OVER;
  if (v instanceof MessagePort || isFileHandle(v)) return HAND_OVER;
  const [reads, writes] = ["_readableState" in v, "_writableState" in v];
  if (reads && writes) return "hand over move(Readable.toWeb(stream)) and move(Writable.toWeb(stream))";
  if (reads) return "hand over move(Readable.toWeb(stream))";
  if (writes) return "hand over move(Writable.toWeb(stream))";
  const hint = stays.get(v.constructor);
  if (hint !== undefined) return hint;
  if (v instanceof AbortSignal) return "a context crosses, fromSignal(signal)";
  if (v instanceof Promise) return "what it resolves with may cross, wait(promise)";
  return "";
}

const HAND_OVER = "it is handed over, move(it), not copied";

export function isSharable(v: object): v is Sharable {
  return typeof (v as Partial<Sharable>).$share === "function";
}

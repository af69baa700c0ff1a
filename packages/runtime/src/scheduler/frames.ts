/** Frames as text: what a clone says about itself when it is called with null, and the lines made of it. */
import { findSourceMap } from "node:module";
import type { Frame } from "../internal/state.ts";
import { traceback } from "./traceback.ts";

interface Meta {
  readonly name: string;
  readonly file: string;
  /** `"line:col"` of safepoint k at k - 1. */
  readonly positions: readonly string[];
}

/** One clone serves many frames: its text is taken apart once. */
const metas: WeakMap<Function, Meta> = new WeakMap();

function metaOf(f: Frame): Meta {
  let meta = metas.get(f.r);
  if (meta === undefined) {
    // Not by iteration: a program may have taken that from arrays.
    const said = String(f.r(null)).split("\n");
    meta = { name: said[0] ?? "", file: said[1] ?? "", positions: placesOf(said[2] ?? "") };
    metas.set(f.r, meta);
  }
  return meta;
}

/** `12:5 1:7 9`, each told from the one before, is 12:5, 13:7 and 13:9: the compiler's emit/text.ts writes it. A sign behind it is for trust.ts. */
function placesOf(signed: string): string[] {
  const text = signed.replace(/[!?]$/, "");
  if (text === "") return [];
  let line = 0;
  return text.split(" ").map((place) => {
    const at = place.indexOf(":");
    if (at < 0) return `${line}:${place}`;
    line += Number(place.slice(0, at));
    return `${line}:${place.slice(at + 1)}`;
  });
}

/** The function a frame belongs to. */
export function frameName(f: Frame): string {
  return metaOf(f).name;
}

/** The file of compiled versions of native functions: what the engine shows for the native ones. */
const NATIVE = "<anonymous>";

/** True for frames of the runtime itself: they have no file, or are no method of a native object, and are shown to few. */
export function isHidden(f: Frame): boolean {
  if (traceback.level === 2) return false;
  const { file, name } = metaOf(f);
  return file === "" || (file === NATIVE && !name.includes("."));
}

/** `"file:line:col"` of the safepoint a frame stopped at. A poll's safepoint is a negative pc. */
export function framePosition(f: Frame, pc: number = f.pc): string {
  const meta = metaOf(f);
  const position = meta.positions[Math.abs(pc) - 1];
  const file = meta.file.startsWith("file:") ? filePath(meta.file) : meta.file;
  return position === undefined || file === NATIVE ? file : `${file}:${position}`;
}

/** file: URLs read as paths in dumps; anything else stays as it is. */
export function filePath(url: string): string {
  if (!url.startsWith("file:///")) return url;
  try {
    const path = decodeURIComponent(url.slice(7));
    return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
  } catch {
    return url;
  }
}

/**
 * An async body where it blocked, `"name\nscript\nline\ncolumn"` of the compiled text: what a dump makes of it costs more than blocking, and the
 * engine's own record keeps what the body refers to.
 */
export function bodyAt(site: NodeJS.CallSite): string {
  const script = site.getScriptNameOrSourceURL() ?? "";
  return `${site.getFunctionName() ?? ""}\n${script}\n${site.getLineNumber() ?? 0}\n${site.getColumnNumber() ?? 0}`;
}

/** The same as a line of a stack, in the user's file where Node.js has a map of the script. */
export function bodyLine(body: string): string {
  const [name = "", script = "", line = "", column = ""] = body.split("\n");
  const place = findSourceMap(script)?.findEntry(Number(line) - 1, Number(column) - 1);
  const position =
    place !== undefined && "originalSource" in place
      ? `${place.originalSource}:${place.originalLine + 1}:${place.originalColumn + 1}`
      : `${script}:${line}:${column}`;
  return `    at ${name === "" ? "<anonymous>" : name} (${filePath(position)})`;
}

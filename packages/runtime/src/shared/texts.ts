/** Texts that all threads read and that never go: places in the program. Each is written once for each thread that names it. */
import { allocate, X } from "./region.ts";

const written: Map<string, number> = new Map();
const read: Map<number, string> = new Map();

/** The address of `text` in the region. */
export function intern(text: string): number {
  let at = written.get(text);
  if (at !== undefined) return at;
  const bytes = Buffer.from(text);
  at = allocate(4 + bytes.length);
  X.I[at >> 2] = bytes.length;
  X.B.set(bytes, at + 4);
  written.set(text, at);
  return at;
}

/** The text at an address; null for 0. */
export function textAt(at: number): string | null {
  if (at === 0) return null;
  let text = read.get(at);
  if (text !== undefined) return text;
  text = Buffer.from(X.B.subarray(at + 4, at + 4 + (X.I[at >> 2] as number))).toString();
  read.set(at, text);
  return text;
}

/** What can be told of a file without compiling it: the directive that keeps Gort out, its kind of module. */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { compiler } from "../lazy.ts";
import { packageOf } from "./package-rules.ts";

/** An ECMAScript module or a CommonJS one. */
export type Format = "module" | "commonjs";

/** The text of a file without the byte order mark, as Node.js reads modules: columns are counted behind it, and `#!` is the first. @throws Node's error */
export function textOf(file: string): string {
  return withoutMark(readFileSync(file, "utf8"));
}

export function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

/** White space, comments and directives at the start of a file. */
const prologue = /^(?:#![^\n]*\n)?(?:\s|\/\/[^\n]*\n?|\/\*[\s\S]*?\*\/|(?:"[^"\n]*"|'[^'\n]*')\s*(?:;|(?=\n)))*/;

/** Whether the file says `"use no gort"` at its top. */
export function isOptedOut(text: string): boolean {
  if (!text.includes("use no gort")) return false;
  const top = prologue.exec(text)![0].replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "");
  return /(?:^|[\s;])(?:"use no gort"|'use no gort')/.test(top);
}

/** A file with statements put in, where they are the first. */
export function behindDirectives(text: string, statements: string): string {
  const { length } = prologue.exec(text)![0];
  return text.slice(0, length) + statements + text.slice(length);
}

/** How Node loads a module: by its extension, by the `type` of its package, else by how it is written. */
export function formatOf(file: string, text: string): Format {
  return toldFormat(file, text) ?? writtenFormat(file, text);
}

/**
 * How Node loads a module: by its extension, by the `type` of its package, else by how it is written, which only its syntax tells: null. TypeScript
 * and JSX that are written as a module are one also where package.json says "commonjs", as `npm init` does today.
 */
export function toldFormat(file: string, text: string): Format | null {
  const extension = extname(file);
  if (extension === ".mts" || extension === ".mjs") return "module";
  if (extension === ".cts" || extension === ".cjs") return "commonjs";
  const type = packageOf(file)?.type;
  if (type === "module") return "module";
  if (type === "commonjs" && extension === ".js") return "commonjs";
  return /\b(?:import|export|await)\b/.test(text) ? null : "commonjs";
}

/** By its syntax: the whole of it is read, which takes as long as a tenth of compiling. */
export function writtenFormat(file: string, text: string): Format {
  return compiler().isModule(file, text) ? "module" : "commonjs";
}

/**
 * Where the runtime's own files are, and how threads load one by its name: from beside this one; or, where a bundle has the runtime
 * inside, from the bundle, which then has them as text (the export `gort/bundled`, made by scripts/bundled.mjs). In src, in tests, each stands
 * in its folder.
 */
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** The files of dist by name, put here by `gort/bundled`. */
const FILES: unique symbol = Symbol.for("gort.files") as never;

export type Files = Readonly<Record<string, string>>;

/** This file's URL. A bundle in CommonJS has no `import.meta`. */
export const here: string =
  (import.meta.url as string | undefined) ??
  (typeof __filename === "string" ? pathToFileURL(__filename).href : "file:///gort");

/** Not written as bundlers know it: they would look for the file, or make a second chunk of it. */
function beside(name: string): string {
  const root: string = here;
  return new URL(name, root).href;
}

/** The runtime's files as text, with what they are called relative to; null where they are on the disk, or nowhere. */
export function inside(): { base: string; files: Files } | null {
  const files = (globalThis as { [FILES]?: Files })[FILES];
  return files === undefined || onDisk() ? null : { base: beside("./node_modules/gort/dist/"), files };
}

/** Whether this is a file of the package, and not part of a bundle. */
export function onDisk(): boolean {
  const entry = beside(here.endsWith(".ts") ? "../shared/startup.ts" : "./worker.js");
  return existsSync(new URL(entry));
}

/** Whether threads can be started: there is something to load there. */
export function hasFiles(): boolean {
  return onDisk() || inside() !== null;
}

/** The URL of a file of the runtime: `dist` is its name there, `src` its path in the sources. */
export function fileOf(dist: string, src: string): string {
  const bundled = inside();
  if (bundled !== null) return bundled.base + dist;
  return beside(here.endsWith(".ts") ? `../${src}` : `./${dist}`);
}

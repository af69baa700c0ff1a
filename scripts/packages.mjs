/** The published packages and their entry points, read from their `exports` maps: the one list of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

/** Folders under packages/, in the order they depend on each other. */
export const packages = ["runtime", "compiler", "devtools"];

/** @param {string} name @returns {any} */
export function manifest(name) {
  return JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
}

/**
 * @param {string} name
 * @returns {{ specifier: string, out: string, source: string }[]}
 */
export function entries(name) {
  const { name: published, exports, gort } = manifest(name);
  const found = [];
  for (const [path, target] of Object.entries(exports)) {
    // Not made from a source of its own: scripts/bundled.mjs writes it.
    if (typeof target === "string" || target["gort-source"] === undefined) continue;
    found.push({
      specifier: published + path.slice(1),
      out: target.default.replace(/^\.\/dist\//, "").replace(/\.js$/, ""),
      source: target["gort-source"],
    });
  }
  // Files that are loaded by path (a worker, the command), so no export names them.
  for (const [out, source] of Object.entries(gort?.entries ?? {})) found.push({ specifier: "", out, source });
  return found;
}

/** The snapshot of the public API: each export's declarations, comments out, one text file in api/. */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { entries, packages, root } from "./packages.mjs";
import { run } from "./run.mjs";

const folder = join(root, "api");
const generated = join(root, "node_modules/.cache/gort-workspace/api");

/** @param {string} text A declaration file. */
function normalize(text) {
  return `${text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{2,}/g, "\n")
    .trim()}\n`;
}

/** @returns {Map<string, string>} File name in api/ to its text. */
function current() {
  rmSync(generated, { recursive: true, force: true });
  const built = run("tsdown", [], { env: { GORT_API: "1", NODE_OPTIONS: "" } });
  if (!built.ok) throw new Error(`The declarations could not be built:\n${built.output}`);
  const texts = new Map();
  for (const name of packages) {
    for (const { specifier, out } of entries(name)) {
      // For compiled code of the same version: not an API.
      if (
        specifier === "" ||
        specifier === "gort/internal" ||
        specifier === "gort/inspect" ||
        specifier === "gort/natives"
      )
        continue;
      const file = join(generated, name, out, `${out}.d.ts`);
      const text = existsSync(file) ? normalize(readFileSync(file, "utf8")) : "(no declarations)\n";
      texts.set(
        `${specifier.replace("@", "").replaceAll("/", ".")}.api.txt`,
        `// import … from "${specifier}"\n${text}`,
      );
    }
  }
  return texts;
}

/** @returns {string} "" when all is as recorded, else what differs. */
export function checkApi() {
  const now = current();
  let problem = "";
  for (const [name, text] of now) {
    const path = join(folder, name);
    const recorded = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (recorded !== text) problem += `api/${name}:\n${difference(recorded, text)}`;
  }
  for (const name of globSync("*.api.txt", { cwd: folder })) {
    if (!now.has(name)) problem += `api/${name}: no export has this name any more\n`;
  }
  return problem === "" ? "" : `${problem}Where this is meant: npm run api -- --update\n`;
}

/** @param {string} before @param {string} after */
function difference(before, after) {
  const [old, now] = [new Set(before.split("\n")), new Set(after.split("\n"))];
  const gone = [...old].filter((line) => !now.has(line)).map((line) => `  - ${line}\n`);
  const added = [...now].filter((line) => !old.has(line)).map((line) => `  + ${line}\n`);
  return gone.join("") + added.join("") || "  (the order has changed)\n";
}

/** @returns {string[]} What was written. */
export function updateApi() {
  const now = current();
  mkdirSync(folder, { recursive: true });
  for (const name of globSync("*.api.txt", { cwd: folder })) if (!now.has(name)) rmSync(join(folder, name));
  for (const [name, text] of now) writeFileSync(join(folder, name), text);
  return [...now.keys()].map((name) => `api/${name}`);
}

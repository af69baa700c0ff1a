/** The lock file says what is installed and never from where, and it is in step with every package.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { manifest, packages, root } from "./packages.mjs";

/** @returns {string} "" or what is wrong. */
export function checkLock() {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  const lock = JSON.parse(text);
  const problems = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (typeof entry.resolved === "string" && /^[a-z+]+:/.test(entry.resolved))
      problems.push(`${path}: ${entry.resolved}`);
    if (path.includes("node_modules/") && !entry.link && !entry.integrity && !entry.inBundle) {
      problems.push(`${path} has no integrity`);
    }
  }
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const [path, wanted] of [["", own], ...packages.map((p) => [`packages/${p}`, manifest(p)])]) {
    for (const kind of ["dependencies", "devDependencies", "peerDependencies"]) {
      const said = JSON.stringify(Object.entries(lock.packages[path]?.[kind] ?? {}).sort());
      if (said !== JSON.stringify(Object.entries(wanted[kind] ?? {}).sort())) {
        problems.push(`${path || "the root"}: ${kind} differ from package.json; run npm install`);
      }
    }
    for (const [name, range] of Object.entries({ ...wanted.dependencies, ...wanted.devDependencies })) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(range)))
        problems.push(`${path || "the root"}: ${name} is not pinned`);
    }
  }
  return problems.map((p) => `${p}\n`).join("");
}

/** Builds packages/*\/dist, unless it is there already for exactly these sources. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeBundled } from "./bundled.mjs";
import { compileNatives, nativesExist } from "./natives.mjs";
import { entries, packages, root } from "./packages.mjs";
import { run } from "./run.mjs";
import { compileProtocol } from "./wasm.mjs";

const stamp = join(root, "node_modules/.cache/gort-workspace/build");

function sourcesHash() {
  const files = globSync(
    [
      "packages/*/src/**/*.{ts,html,css}",
      "packages/runtime/wasm/*",
      "packages/*/package.json",
      "docs/errors/*.md",
      "package-lock.json",
      "tsdown.config.ts",
      "tsconfig*.json",
    ],
    { cwd: root },
  );
  const hash = createHash("sha256");
  for (const file of files.sort())
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

function isBuilt() {
  if (!nativesExist() || !existsSync(stamp) || readFileSync(stamp, "utf8") !== sourcesHash()) return false;
  return packages.every((name) =>
    entries(name).every((e) => existsSync(join(root, "packages", name, "dist", `${e.out}.js`))),
  );
}

/** @returns {{ ok: boolean, output: string }} */
export function build({ force = false } = {}) {
  if (!force && isBuilt()) return { ok: true, output: "" };
  const hash = sourcesHash();
  rmSync(stamp, { force: true });
  compileNatives();
  const protocol = compileProtocol();
  if (!protocol.ok) return protocol;
  const result = run("tsdown", [], { env: { NODE_OPTIONS: "" } });
  if (result.ok) {
    writeBundled();
    mkdirSync(join(stamp, ".."), { recursive: true });
    writeFileSync(stamp, hash);
  }
  return result;
}

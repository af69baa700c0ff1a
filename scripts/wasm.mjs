/** Compiles packages/runtime/wasm, the protocol of the threads, to packages/runtime/src/shared/wasm.js: its bytes, base64. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./packages.mjs";
import { run } from "./run.mjs";

const runtime = join(root, "packages/runtime");
const target = join(runtime, "src/shared/wasm.js");
const folder = join(root, "node_modules/.cache/gort-workspace");

function sourcesHash() {
  const hash = createHash("sha256");
  const files = globSync(["wasm/*.ts", "wasm/*.json", "src/shared/layout.ts"], { cwd: runtime });
  for (const file of files.sort())
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(runtime, file)));
  return hash.digest("hex").slice(0, 16);
}

/** Writes what has changed. @returns {{ ok: boolean, output: string }} */
export function compileProtocol() {
  const first = `// Made from packages/runtime/wasm, ${sourcesHash()}.`;
  if (existsSync(target) && readFileSync(target, "utf8").startsWith(first)) return { ok: true, output: "" };
  mkdirSync(folder, { recursive: true });
  const out = join(folder, "protocol.wasm");
  const result = run("asc", ["--config", "asconfig.json", "--outFile", out], { cwd: join(runtime, "wasm") });
  if (!result.ok) return result;
  const text = readFileSync(out).toString("base64");
  writeFileSync(target, `${first}\nexport const bytes = "${text}";\n`);
  return result;
}

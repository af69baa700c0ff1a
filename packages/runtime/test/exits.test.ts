/** Exits stay calls of their own in what the engine optimises: see leave.ts. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

/** V8's `max_inlined_bytecode_size`. */
const INLINED = 460;

const runtime = pathToFileURL(join(import.meta.dirname, "../dist/internal.js")).href;

test.each(["leave", "leave4", "leave8", "leave16", "poll", "low"])("R.%s is too large to be inlined", (name) => {
  // Bytecode is made, and printed, when a function is called. A bundler may have named it `leave$1`.
  const program = `import { R } from ${JSON.stringify(runtime)}; R.${name}(1, () => undefined);`;
  const args = ["--print-bytecode", `--print-bytecode-filter=${name}*`, "--input-type=module", "-e", program];
  const done = spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } });
  const [, length] = new RegExp(`function: ${name}(?:\\$\\d+)? .*\\nBytecode length: (\\d+)`).exec(done.stdout)!;
  expect(Number(length)).toBeGreaterThan(INLINED);
});

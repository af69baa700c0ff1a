/** `npm start [-- folder]`: builds, and runs examples/index.ts as a user would, with `gort run`. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "../build.mjs";
import { root } from "../packages.mjs";

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(
    "npm start [-- FOLDER]\n\n" +
      "Builds, then counts the identifiers of every source file in FOLDER with goroutines on all cores (examples/index.ts).\n" +
      "Without a FOLDER: the packages in this repository's node_modules.\n",
  );
  process.exit(0);
}
process.stderr.write("gort: building\n");
const built = build();
if (!built.ok) {
  process.stderr.write(`${built.output}gort: the build failed\n`);
  process.exit(1);
}
const gort = join(root, "packages/devtools/bin/gort.js");
const program = join(root, "examples/index.ts");
const child = spawn(process.execPath, [gort, "run", program, "--", ...args], { stdio: "inherit" });
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));

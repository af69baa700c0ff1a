#!/usr/bin/env node
// Written so that every Node.js that knows modules can read it: an old one is told what is missing.
// No module of Node is imported: that loads all that it exports (docs/perf.md).

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(
    `gort: Node.js 22.15 or newer is needed; this is ${process.version}. ` +
      "Install a newer one, or add it to the project: npm install --save-dev node@26\n",
  );
  process.exit(1);
}
// The engine's code of these modules is kept between runs; coverage would be less exact.
if (process.env.NODE_V8_COVERAGE === undefined) process.getBuiltinModule("node:module").enableCompileCache();
const { main } = await import("../dist/cli.js");
await main(process.argv.slice(2));

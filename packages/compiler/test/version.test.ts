/** Compiled code and the runtime belong together, and a thread has one runtime: otherwise nothing runs, and the error says why. */
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "@gort/compiler";
import { manifest } from "../../../scripts/packages.mjs";
import { UserProject } from "../../../scripts/testing/user-project.ts";
import * as runtime from "../../runtime/src/internal/version.ts";
import { PROTOCOL } from "../src/emit/protocol.ts";

const program = `import { run } from "gort";\nconsole.log("ran");\nawait run(() => console.log("main"));\n`;

/** Puts a copy of the built runtime where a link to it was, or where there was none; `change` edits its text. */
function copyRuntime(project: UserProject, folder: string, change: (text: string) => string = (text) => text): void {
  const to = project.path(folder);
  const from = project.path("node_modules/gort");
  const files = join(project.folder, "copy");
  cpSync(from, files, { recursive: true, dereference: true, filter: (path) => !path.includes("node_modules/.cache") });
  rmSync(to, { recursive: true, force: true });
  cpSync(files, to, { recursive: true });
  rmSync(files, { recursive: true });
  for (const name of globSync("dist/**/*.js", { cwd: to }))
    writeFileSync(join(to, name), change(readFileSync(join(to, name), "utf8")));
}

test("both sides mean the same protocol, and the runtime knows its version", () => {
  expect(runtime.PROTOCOL).toBe(PROTOCOL);
  expect(runtime.VERSION).toBe(manifest("runtime").version);
});

test("a bundle of an older compiler: named, with the cure, before it runs", async () => {
  const { code } = compile(program, { filename: "/src/app.ts", positions: false });
  using project = new UserProject({
    "old.mjs": code.replace(/\$R\.load\(\d+/, "$R.load(0"),
    "new.mjs": code.replace(/\$R\.load\(\d+/, "$R.load(9999"),
    "same.mjs": code,
  });
  expect(await project.type("node", ["same.mjs"])).toMatchObject({ stdout: "ran\nmain\n", stderr: "", status: 0 });
  for (const [file, what] of [
    ["old.mjs", "an older"],
    ["new.mjs", "a newer"],
  ] as const) {
    const done = await project.type("node", [file]);
    expect(done).toMatchObject({ stdout: "", status: 1 });
    expect(done.stderr).toContain(`/src/app.ts was compiled by ${what} @gort/compiler than gort 0.1.0 runs`);
    expect(done.stderr).toContain("GORT_VERSION");
    expect(done.stderr).toContain("install the same version");
  }
});

test("a runtime of another version in the program's folder, under the loader and the command", async () => {
  using project = new UserProject({ "app.ts": program });
  copyRuntime(project, "node_modules/gort", (text) => text.replace(/\bprotocol (===|>) \d+/g, "protocol $1 9999"));
  for (const args of [
    ["--import", "@gort/compiler/register", "app.ts"],
    ["node_modules/.bin/gort", "run", "app.ts"],
  ]) {
    const done = await project.type("node", args);
    expect(done).toMatchObject({ stdout: "", status: 1 });
    expect(done.stderr).toMatch(/app\.ts was compiled by an older/);
    expect(done.stderr).toContain("GORT_VERSION");
  }
});

test("a second copy of the runtime does not load: both are named", async () => {
  using project = new UserProject({
    "app.ts": `import { run } from "gort";\nawait run(() => console.log("first"));\nconst { f } = await import("lib");\nconsole.log("never", f);\n`,
    "node_modules/lib/package.json": '{ "name": "lib", "type": "module", "exports": "./index.js" }',
    "node_modules/lib/index.js": `import { go } from "gort";\nexport const f = go;\n`,
  });
  copyRuntime(project, "node_modules/lib/node_modules/gort", (text) =>
    text.replace(/const VERSION = "[^"]*"/, 'const VERSION = "0.0.9"'),
  );
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  expect(done).toMatchObject({ stdout: "first\n", status: 1 });
  expect(done.stderr).toContain("GORT_TWO_RUNTIMES");
  expect(done.stderr).toMatch(/version 0\.1\.0 from file:.*, then 0\.0\.9 from file:.*lib\/node_modules\/gort/);
  expect(done.stderr).toContain("npm dedupe");
});

test("each worker thread has its runtime", async () => {
  using project = new UserProject({
    "app.ts": `import { Worker } from "node:worker_threads";
      import { run } from "gort";
      await run(() => console.log("main"));
      new Worker(new URL("./worker.ts", import.meta.url)).on("exit", (code) => console.log("exit", code));`,
    "worker.ts": `import { run } from "gort";\nawait run(() => console.log("worker"));\n`,
  });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  expect(done).toMatchObject({ stdout: "main\nworker\nexit 0\n", stderr: "", status: 0 });
});

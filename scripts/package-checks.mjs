/** What a user would get: each package packed, looked at by publint and attw, then all installed elsewhere and run. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entries, manifest, packages, root } from "./packages.mjs";
import { run } from "./run.mjs";

/** @type {Map<string, string>} Package folder to its tarball. */
const tarballs = new Map();
let work = "";

/** @returns {[string, () => string][]} Name of the check, and the check: "" or what is wrong. */
export function checkPackages() {
  work = mkdtempSync(join(tmpdir(), "gort-packages-"));
  process.on("exit", () => rmSync(work, { recursive: true, force: true }));
  /** @type {[string, () => string][]} */
  const checks = [];
  for (const name of packages) {
    const published = manifest(name).name;
    checks.push([`${published}: packs, with all its exports`, () => pack(name)]);
    checks.push([`${published}: publint`, () => publint(name)]);
    checks.push([`${published}: types resolve (attw)`, () => attw(name)]);
  }
  checks.push(["the packed packages install and run", installAndRun]);
  return checks;
}

/** @param {string} name */
function pack(name) {
  const folder = join(root, "packages", name);
  const done = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", work], { cwd: folder });
  if (!done.ok) return done.output;
  const said = JSON.parse(done.stdout);
  const [result] = Array.isArray(said) ? said : Object.values(said);
  tarballs.set(name, join(work, result.filename));
  const files = new Set(result.files.map((/** @type {{ path: string }} */ f) => f.path));
  const wanted = ["LICENSE", "README.md", ...entries(name).map((e) => `dist/${e.out}.js`)];
  if (name === "runtime") wanted.push("dist/bundled.js", "dist/nothing.js", "dist/nothing.d.ts");
  // What `gort explain` shows, and the live page.
  if (name === "devtools")
    wanted.push(
      "dist/errors/GORT_DEADLOCK.md",
      ...["index.html", "style.css", "tables.css", "narrow.css", "page.js"].map((file) => `dist/live/${file}`),
    );
  const missing = wanted.filter((file) => !files.has(file));
  const text = manifest(name);
  const problems = missing.map((file) => `${file} is not in the tarball\n`);
  if (name === "runtime" && Object.keys(text.dependencies ?? {}).length > 0) problems.push("gort has dependencies\n");
  return problems.join("");
}

/** @param {string} name */
function publint(name) {
  const tarball = tarballs.get(name);
  if (tarball === undefined) return "not packed\n";
  const done = run("publint", ["run", tarball, "--strict"]);
  return done.ok ? "" : done.output;
}

/** @param {string} name */
function attw(name) {
  const tarball = tarballs.get(name);
  if (tarball === undefined) return "not packed\n";
  const done = run("attw", [tarball, "--profile", "esm-only", "--no-color", "--format", "table-flipped"]);
  return done.ok ? "" : done.output;
}

/** How a careful user type-checks. */
const strictest = {
  compilerOptions: {
    strict: true,
    target: "es2024",
    lib: ["es2024", "esnext.disposable", "esnext.iterator"],
    module: "nodenext",
    noEmit: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    skipLibCheck: false,
  },
  files: ["api.ts", "app.ts"],
};

/** Unpacks the tarballs into a user's project, beside the dependencies already here, and runs a program there. */
function installAndRun() {
  if (tarballs.size < packages.length) return "not packed\n";
  const project = join(work, "project");
  const modules = join(project, "node_modules");
  for (const name of packages) {
    const folder = join(modules, manifest(name).name);
    mkdirSync(folder, { recursive: true });
    const done = run("tar", ["-xzf", tarballs.get(name) ?? "", "-C", folder, "--strip-components=1"], { system: true });
    if (!done.ok) return done.output;
    for (const dependency of Object.keys(manifest(name).dependencies ?? {})) {
      if (dependency === "gort" || dependency.startsWith("@gort/")) continue;
      linkDependency(dependency, name, join(folder, "node_modules", dependency));
    }
  }
  writeFileSync(join(project, "package.json"), '{ "name": "users-project", "private": true, "type": "module" }\n');
  cpSync(join(root, "scripts/fixtures/packed.ts"), join(project, "app.ts"));
  const problems = [];
  const command = run("node", [join(modules, "@gort/devtools/bin/gort.js"), "run", "app.ts"], { cwd: project });
  if (!command.ok || command.stdout !== "sum 45\n") problems.push(`gort run app.ts:\n${command.output}`);
  const hook = run("node", ["--import", "@gort/compiler/register", "app.ts", "--run"], { cwd: project });
  if (!hook.ok || hook.stdout !== "sum 45\n") problems.push(`node --import @gort/compiler/register:\n${hook.output}`);
  cpSync(join(root, "conformance/api.ts"), join(project, "api.ts"));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(strictest));
  const types = run("tsc", ["-p", join(project, "tsconfig.json")], { cwd: project });
  if (!types.ok) problems.push(`tsc of a program that uses every name:\n${types.output}`);
  for (const name of packages) {
    for (const { specifier } of entries(name)) {
      if (specifier === "" || /\/(vite|webpack|esbuild|rollup|rolldown)$/.test(specifier)) continue;
      const done = run("node", ["--input-type=module", "-e", `await import(${JSON.stringify(specifier)})`], {
        cwd: project,
      });
      if (!done.ok) problems.push(`import ${specifier}:\n${done.output}`);
    }
  }
  return problems.join("");
}

/** @param {string} dependency @param {string} from @param {string} to */
function linkDependency(dependency, from, to) {
  const places = [join(root, "packages", from, "node_modules", dependency), join(root, "node_modules", dependency)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${dependency} is not installed`);
  mkdirSync(join(to, ".."), { recursive: true });
  symlinkSync(found, to, "junction");
}

/** The compile cache: by content, whole or not at all, never an error. */
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cachedText, cacheFolder, compileCached } from "../src/load/cache.ts";
import { CompileError } from "../src/errors.ts";

let folder = "";
let filename = "";
const source = "export function f(g: () => number): number { return g() + 1; }\n";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "gort-cache-")));
  filename = join(folder, "app.ts");
  vi.stubEnv("GORT_CACHE", "");
  vi.stubEnv("GORT_CACHE_DIR", join(folder, "cache"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const kept = (): string[] => globSync("cache/**/*", { cwd: folder }).filter((name) => name.includes(".js"));

test("the second compilation of the same is read from the cache", () => {
  const first = compileCached(source, { filename });
  expect(kept()).toHaveLength(1);
  const entry = join(folder, kept()[0]!);
  expect(compileCached(source, { filename })).toEqual(first);
  // Proof that it was read: what stands there is what comes back.
  writeFileSync(entry, readFileSync(entry, "utf8").replace(/^(.*)\n[^]{8}/, "$1\n/*kept*/"));
  expect(compileCached(source, { filename })).toBe(`/*kept*/${first.slice(8)}`);
});

test("source, file name and every option are part of the key", () => {
  compileCached(source, { filename });
  compileCached(`${source} `, { filename });
  compileCached(source, { filename: join(folder, "other.ts") });
  compileCached(source, { filename, force: true });
  compileCached(source, { filename, positions: false });
  expect(kept()).toHaveLength(5);
});

test("a broken entry is compiled again and replaced", () => {
  const first = compileCached(source, { filename });
  const entry = join(folder, kept()[0]!);
  const whole = readFileSync(entry, "utf8");
  for (const broken of ["", "{", first, whole.slice(0, -1), `${whole} `]) {
    writeFileSync(entry, broken);
    expect(compileCached(source, { filename })).toBe(first);
    expect(readFileSync(entry, "utf8")).toBe(whole);
  }
  expect(kept()).toHaveLength(1);
});

test("a cache that cannot be written is no error", () => {
  writeFileSync(join(folder, "cache"), "a file where the folder should be");
  expect(compileCached(source, { filename })).toContain("f");
  if (process.getuid?.() === 0) return;
  rmSync(join(folder, "cache"));
  mkdirSync(join(folder, "cache"));
  chmodSync(join(folder, "cache"), 0o500);
  expect(compileCached(source, { filename })).toContain("f");
});

test("a package's source map stands beside its entry; where it cannot, in it", () => {
  const inPackage = join(folder, "node_modules/lib/index.ts");
  const url = /\n\/\/# sourceMappingURL=(.*)\n$/;
  const made = compileCached(source, { filename: inPackage });
  const map = JSON.parse(
    readFileSync(fileURLToPath(new URL(url.exec(made)![1]!, pathToFileURL(inPackage))), "utf8"),
  ) as { sources: string[] };
  expect(map.sources).toHaveLength(1);
  expect(cachedText(source, { filename: inPackage })).toBe(made);
  expect(cachedText(source, { filename: inPackage, format: "commonjs" })).toBe(null);
  expect(url.exec(compileCached(source, { filename }))![1]).toMatch(/^data:/);
  vi.stubEnv("GORT_CACHE", "0");
  expect(url.exec(compileCached(source, { filename: inPackage }))![1]).toMatch(/^data:/);
  expect(cachedText(source, { filename: inPackage })).toBe(null);
});

test("what is refused is not kept", () => {
  expect(() => compileCached("const x = ;", { filename })).toThrow(CompileError);
  expect(kept()).toHaveLength(0);
});

test("GORT_CACHE=0 turns it off", () => {
  vi.stubEnv("GORT_CACHE", "0");
  compileCached(source, { filename });
  expect(existsSync(join(folder, "cache"))).toBe(false);
});

test("it stands in the nearest node_modules above the file's package, else in the user's cache folder", () => {
  vi.stubEnv("GORT_CACHE_DIR", "");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "xdg"));
  mkdirSync(join(folder, "repo/node_modules"), { recursive: true });
  mkdirSync(join(folder, "repo/packages/a/src"), { recursive: true });
  writeFileSync(join(folder, "repo/packages/a/package.json"), "{}");
  expect(cacheFolder(join(folder, "repo/packages/a/src/x.ts"))).toBe(join(folder, "repo/node_modules/.cache/gort"));
  if (process.platform === "linux") expect(cacheFolder(join(folder, "lonely.ts"))).toBe(join(folder, "xdg/gort"));
});

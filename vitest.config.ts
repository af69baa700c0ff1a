/**
 * One project a folder. Our own sources are loaded by Node itself, not by Vite: tests then run what users run, and
 * compiled fixtures that import "gort" get the same runtime as the test. GORT_TEST_DIST=1 runs on packages/*\/dist.
 */
import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

const dist = process.env["GORT_TEST_DIST"] === "1";
/** These run programs as users do: always on what is built. They start hundreds of processes, too. */
const asUsers = new Set(["conformance", "examples"]);
const folders = ["packages/runtime", "packages/compiler", "packages/devtools", "conformance", "examples", "bench"];

export default defineConfig({
  test: {
    globalSetup: ["./scripts/vitest-setup.mjs"],
    projects: folders
      .filter((folder) => existsSync(folder))
      .map((folder) => ({ folder, conditions: dist || asUsers.has(folder) ? [] : ["gort-source"] }))
      .map(({ folder, conditions }) => ({
        resolve: { conditions },
        ssr: { resolve: { conditions, externalConditions: conditions } },
        test: {
          name: folder.replace("packages/", ""),
          root: folder,
          include: ["test/**/*.test.ts", "*.test.ts"],
          pool: "forks" as const,
          execArgv: ["--expose-gc", ...conditions.map((name) => `--conditions=${name}`)],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          server: { deps: { external: [/\/packages\/[a-z]+\/(src|dist|test\/\.out|test\/fixtures\/sloppy)\//] } },
        },
      })),
  },
});

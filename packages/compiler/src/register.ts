/**
 * `node --import @gort/compiler/register app.ts`: compiles what Node loads from here on.
 *
 * `GORT_INCLUDE=a,b` names packages to compile; `GORT_FORCE=1` suspends at every safepoint of a goroutine,
 * `2` of everything else too (for tests of Gort itself). `GORT_CACHE=0` compiles each time, `GORT_CACHE_DIR` says where the
 * output is kept.
 */
import { installLoader } from "./load/loader.ts";
import { startForked, tellUnstarted } from "./load/unstarted.ts";

const { GORT_INCLUDE, GORT_FORCE } = process.env;
// On a thread of the program: what its main thread was told.
const told = new URL(import.meta.url).searchParams;

installLoader({
  include: (told.get("include") ?? GORT_INCLUDE ?? "").split(",").filter((name) => name !== ""),
  force: told.has("force") || GORT_FORCE === "1" || GORT_FORCE === "2",
});
if (told.has("main")) startForked();
else tellUnstarted();

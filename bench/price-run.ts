/** Runs one program of price/ as it is or compiled, in a goroutine; prints the best time of some runs in milliseconds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const RUNS = 12;

interface Program {
  /** One run; returns a checksum, which must be the same each time. */
  work(): number;
}

function best(program: Program): number {
  let low = Infinity;
  const expected = program.work();
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    const got = program.work();
    low = Math.min(low, performance.now() - start);
    if (got !== expected) throw new Error(`wrong result: ${got}, not ${expected}`);
  }
  return low;
}

/** Compiles ahead, into this folder so that the output finds `gort`. */
async function compiled(file: string): Promise<Program> {
  const { compile } = await import("@gort/compiler");
  const folder = mkdtempSync(join(import.meta.dirname, ".price-"));
  try {
    const target = join(folder, `${basename(file, ".ts")}.mjs`);
    writeFileSync(target, compile(readFileSync(file, "utf8"), { filename: file }).code);
    return (await import(pathToFileURL(target).href)) as Program;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, , file, way] = process.argv as [string, string, string, string];
if (way === "plain") console.log(best((await import(pathToFileURL(file).href)) as Program));
else {
  const program = await compiled(file);
  const { run } = await import("gort");
  console.log(await run(() => best(program)));
}

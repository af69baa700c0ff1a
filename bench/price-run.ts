/** Runs one program of price/ as it is, or compiled and in a goroutine; prints its best time in milliseconds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Program } from "./price-best.ts";

interface Best {
  best(program: Program): number;
}

const timer = join(import.meta.dirname, "price-best.ts");

async function load<M>(file: string): Promise<M> {
  return (await import(pathToFileURL(file).href)) as M;
}

/** Compiles ahead, into this folder so that the output finds `gort`. */
async function loadCompiled<M>(file: string): Promise<M> {
  const { compile } = await import("@gort/compiler");
  const folder = mkdtempSync(join(import.meta.dirname, ".price-"));
  try {
    const target = join(folder, `${basename(file, ".ts")}.mjs`);
    writeFileSync(target, compile(readFileSync(file, "utf8"), { filename: file, cyclic: false }).code);
    return await load<M>(target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, , file, way] = process.argv as [string, string, string, string];
if (way === "plain") {
  const { best } = await load<Best>(timer);
  const program = await load<Program>(file);
  console.log(best(program));
} else {
  const { best } = await loadCompiled<Best>(timer);
  const program = await loadCompiled<Program>(file);
  const { run } = await import("gort");
  console.log(await run(() => best(program)));
}

/**
 * Runs one program of price/ as it is, or, started with the loader, compiled and in a goroutine; prints its best time in
 * milliseconds. Where the loader is there this file is compiled too.
 */
import { pathToFileURL } from "node:url";
import { best, type Program } from "./price-best.ts";

const [, , file, way] = process.argv as [string, string, string, string];
const program = (await import(pathToFileURL(file).href)) as Program;
if (way === "plain") console.log(best(program));
else {
  const { run } = await import("gort");
  console.log(await run(() => best(program)));
}

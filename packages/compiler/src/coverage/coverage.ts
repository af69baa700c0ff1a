/**
 * V8's coverage (`NODE_V8_COVERAGE`: c8, `node --test --experimental-test-coverage`), in the user's text. Who reads it goes by the
 * source map from each range to the user's lines, and takes the last of two that say something else: a function that was never
 * suspended would look as if it had not run. So, when the process ends, what was compiled is told in offsets of the user's
 * text, and its source map is left out.
 *
 * Node writes once more at the very end: nothing of what is compiled, if no listener of `exit` runs behind this one, but the source
 * maps again. c8 takes the last map it reads for a file, of whatever report: a report that is read last has one that leads
 * each place of the user's text to itself.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import { threadId } from "node:worker_threads";
import { encode } from "@jridgewell/sourcemap-codec";
import { coveredFunctions, coveredTree, type Compiled, type CoveredFunction } from "./covered.ts";
import { sliceOf } from "../parallel/address.ts";

interface Script {
  scriptId: string;
  url: string;
  functions: CoveredFunction[];
}
interface Report {
  result: Script[];
  "source-map-cache"?: Record<
    string,
    { lineLengths: number[]; data: { mappings: string; sourcesContent?: string[] } | null }
  >;
}

/** `urls`: what the loader has compiled on this thread, also what it will. */
export function keepCoverage(urls: ReadonlySet<string>): void {
  const folder = process.env["NODE_V8_COVERAGE"];
  if (folder === undefined || folder === "") return;
  process.on("exit", () => {
    // What is written once more at the very end has only what runs from here on.
    v8.takeCoverage();
    const told = new Map<string, string>();
    const mine = `coverage-${process.pid}-`;
    for (const name of readdirSync(folder))
      if (name.startsWith(mine) && name.endsWith(".json")) rewrite(join(folder, name), urls, told);
    if (told.size === 0) return;
    const maps = Object.fromEntries([...told].map(([url, text]) => [url, identity(url, text)]));
    writeFileSync(
      join(folder, `${mine}9999999999999-${threadId}.json`),
      JSON.stringify({ result: [], timestamp: 0, "source-map-cache": maps }),
    );
  });
}

/** `told`: the texts of what has been rewritten. */
function rewrite(file: string, urls: ReadonlySet<string>, told: Map<string, string>): void {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    // Another thread is at it.
    return;
  }
  const maps = report["source-map-cache"] ?? {};
  const found = report.result.filter(({ url }) => urls.has(url) && maps[url]?.data?.sourcesContent !== undefined);
  if (found.length === 0) return;
  for (const script of found) {
    const { url } = script;
    const { lineLengths, data } = maps[url]!;
    const compiled: Compiled = { lineLengths, mappings: data!.mappings };
    const plain = url.replace(/[?#].*$/, "");
    const partial = sliceOf(url) !== null;
    const text = data!.sourcesContent![0]!;
    const program = coveredTree(text, fileURLToPath(plain));
    script.functions = coveredFunctions(text, program, compiled, script.functions, { partial, exact: false });
    if (partial) script.url = plain;
    delete maps[url];
    told.set(plain, text);
  }
  writeFileSync(file, JSON.stringify(report));
}

/** A source map of a text to itself, character by character. */
function identity(url: string, text: string): object {
  const lineLengths = text.split("\n").map((line) => line.length);
  const mappings = lineLengths.map((length, line) =>
    Array.from({ length: length + 1 }, (_, column): [number, number, number, number] => [column, 0, line, column]),
  );
  const data = { version: 3, sources: [url], sourcesContent: [text], names: [], mappings: encode(mappings) };
  return { lineLengths, data, url: null };
}

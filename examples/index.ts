/**
 * Counts the identifiers of every source file in a folder, with goroutines: no `async`, no `await`, no callbacks.
 *
 *     walk ──files──▶ readers ──texts──▶ counters ──results──▶ main: select { result, problem, tick, timeout }
 *     (1)             (READERS)          (COUNTERS)
 *
 * Usage: npm start [-- FOLDER]          the repository's node_modules when no folder is given
 *        npx gort run examples/index.ts [FOLDER]
 */
import { promises as fs } from "node:fs";
import { resolve } from "node:path";
import { after, chan, go, select, stats, Ticker, wait, WaitGroup, type RecvChan, type SendChan } from "gort";
import { countInto, type Counts, merge, top } from "./lib/count.ts";
import { Progress } from "./lib/progress.ts";
import { reasonOf, walk, type Problem } from "./lib/walk.ts";

/** Files read at the same time. */
const READERS = 32;
/** Goroutines that count. */
const COUNTERS = 4;
/** Milliseconds until we stop and print what we have. */
const LIMIT = 60_000;
/** Problems shown one by one; the rest are only counted. */
const SHOWN = 10;

interface SourceText {
  path: string;
  text: string;
}

/** One reader: takes paths until there are no more. A file that cannot be read is reported, and the next one read. */
function read(files: RecvChan<string>, texts: SendChan<SourceText>, problems: SendChan<Problem>): void {
  for (const path of files) {
    try {
      texts.send({ path, text: wait(fs.readFile(path, "utf8")) });
    } catch (error) {
      problems.send({ path, reason: reasonOf(error) });
    }
  }
}

interface Result {
  counts: Counts;
  bytes: number;
}

/** One counter: a result a file, so that the progress line moves. */
function count(texts: RecvChan<SourceText>, results: SendChan<Result>): void {
  for (const { text } of texts) {
    const counts: Counts = new Map();
    countInto(counts, text);
    results.send({ counts, bytes: Buffer.byteLength(text) });
  }
}

/** Starts `n` goroutines, and calls `done` when the last one is through: the way a pool closes its output. */
function pool(n: number, work: () => void, done: () => void): void {
  const wg = new WaitGroup();
  for (let i = 0; i < n; i++) wg.go(work);
  go(() => {
    wg.wait();
    done();
  });
}

export function main(): void {
  const folder = resolve(process.argv[2] ?? `${import.meta.dirname}/../node_modules`);
  const files = chan<string>(READERS);
  const texts = chan<SourceText>(COUNTERS);
  const results = chan<Result>();
  const problems = chan<Problem>();

  go(() => {
    walk(folder, files, problems);
    files.close();
  });
  pool(
    READERS,
    () => read(files, texts, problems),
    () => texts.close(),
  );
  pool(
    COUNTERS,
    () => count(texts, results),
    () => results.close(),
  );

  const started = performance.now();
  const total: Counts = new Map();
  const failed: Problem[] = [];
  let done = 0;
  let bytes = 0;
  let complete = true;

  using ticker = new Ticker(100);
  const tick = ticker.c;
  const timeout = after(LIMIT);
  const progress = new Progress();
  loop: for (;;) {
    const r = select({ result: results, problem: problems, tick, timeout });
    switch (r.case) {
      case "result":
        if (r.value === undefined) break loop; // closed: everything is counted
        merge(total, r.value.counts);
        bytes += r.value.bytes;
        done++;
        break;
      case "problem":
        if (r.value !== undefined) failed.push(r.value);
        break;
      case "tick": {
        const elapsed = performance.now() - started;
        progress.show(elapsed, `${done} files, ${size(bytes)}, ${rate(done, elapsed)} files a second`);
        break;
      }
      case "timeout":
        complete = false;
        break loop;
    }
  }
  progress.clear();

  const elapsed = performance.now() - started;
  if (done > 0) {
    printTable(top(total, 20));
    console.log();
    console.log(
      `${done} files, ${size(bytes)} in ${(elapsed / 1000).toFixed(2)} s: ${rate(done, elapsed)} files, ${size((bytes / elapsed) * 1000)} a second`,
    );
    const s = stats();
    console.log(`${s.created} goroutines started, ${s.maxAlive} alive at once, ${s.switches} switches`);
  }
  process.exitCode = report(folder, done, failed, complete);
}

function printTable(rows: [name: string, count: number][]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  const digits = Math.max(...rows.map(([, n]) => String(n).length));
  rows.forEach(([name, n], i) => {
    console.log(`${String(i + 1).padStart(2)}  ${name.padEnd(width)}  ${String(n).padStart(digits)}`);
  });
}

/** Says what went wrong. Returns the exit status: 0 all read, 1 some or all could not be. */
function report(folder: string, done: number, failed: Problem[], complete: boolean): number {
  for (const { path, reason } of failed.slice(0, SHOWN)) console.error(`cannot read ${path}: ${reason}`);
  if (failed.length > SHOWN) console.error(`… and ${failed.length - SHOWN} more that cannot be read`);
  if (!complete) console.error(`stopped after ${LIMIT / 1000} s: the counts are of the files read until then`);
  if (done === 0 && failed.length === 0)
    console.error(`${folder}: no source files in this folder (.js .ts .mjs .cjs .mts .cts)`);
  return failed.length > 0 || !complete || done === 0 ? 1 : 0;
}

function size(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function rate(n: number, ms: number): string {
  return String(Math.round((n / Math.max(ms, 1)) * 1000));
}

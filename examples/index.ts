/**
 * Counts the identifiers of every source file in a folder, on all cores: no `async`, no `await`, no callbacks.
 *
 *     walk ──files──▶ batch ──batches──▶ dispatchers ══go(countFiles)══▶ any thread
 *     (1)             (1)                (2 a core)   ◀══ its counts ══
 *                                             └──results──▶ main: select { result, tick, timeout }
 *
 * Usage: npm start [-- FOLDER]          the repository's node_modules when no folder is given
 *        npx gort run examples/index.ts [FOLDER]
 */
import { promises as fs } from "node:fs";
import { resolve } from "node:path";
import {
  after,
  chan,
  go,
  gomaxprocs,
  numCPU,
  parallel,
  select,
  stats,
  Ticker,
  wait,
  WaitGroup,
  type RecvChan,
  type SendChan,
} from "gort";
import { countInto, type Counts, merge, top } from "./lib/count.ts";
import { Progress } from "./lib/progress.ts";
import { reasonOf, walk, type Problem } from "./lib/walk.ts";

/** Files a goroutine counts. */
const BATCH = 32;
/** Milliseconds until we stop and print what we have. */
const LIMIT = 60_000;
/** Problems shown one by one; the rest are only counted. */
const SHOWN = 10;
/** Batches counted again, to compare one P with all. */
const SAMPLE = 24;

interface Part {
  counts: Counts;
  files: number;
  bytes: number;
  problems: Problem[];
}

/** Reads and counts some files, on whatever core is free. One that cannot be read is reported, and the next one read. */
const countFiles = parallel((paths: string[]): Part => {
  const part: Part = { counts: new Map(), files: 0, bytes: 0, problems: [] };
  for (const path of paths) {
    try {
      const text = wait(fs.readFile(path, "utf8"));
      countInto(part.counts, text);
      part.bytes += Buffer.byteLength(text);
      part.files++;
    } catch (error) {
      part.problems.push({ path, reason: reasonOf(error) });
    }
  }
  return part;
});

/** Puts paths together, so that what crosses between threads is worth its way. The first full ones are kept for a sample. */
function batch(files: RecvChan<string>, batches: SendChan<string[]>, sample: string[][]): void {
  let paths: string[] = [];
  for (const path of files) {
    paths.push(path);
    if (paths.length < BATCH) continue;
    if (sample.length < SAMPLE) sample.push(paths);
    batches.send(paths);
    paths = [];
  }
  if (paths.length > 0) batches.send(paths);
}

/** Has batches counted, one at a time. */
function dispatch(batches: RecvChan<string[]>, results: SendChan<Part>): void {
  for (const paths of batches) results.send(go(countFiles, paths).join());
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

/** Milliseconds to count these batches with so many Ps. */
function timed(batches: string[][], procs: number): number {
  gomaxprocs(procs);
  const started = performance.now();
  const parts = batches.map((paths) => go(countFiles, paths));
  for (const part of parts) part.join();
  return performance.now() - started;
}

/** Counts a sample again, which the system has in memory now, with one P and with all: the better of two rounds each. */
function printSpeedUp(batches: string[][]): void {
  const procs = gomaxprocs();
  if (procs < 2 || batches.length < procs) return;
  let [one, all] = [Infinity, Infinity];
  for (let round = 0; round < 2; round++) {
    one = Math.min(one, timed(batches, 1));
    all = Math.min(all, timed(batches, procs));
  }
  console.log(
    `${procs} Ps count ${(one / all).toFixed(2)} times as fast as one: ${all.toFixed(0)} ms and ${one.toFixed(0)} ms for ${batches.length * BATCH} files`,
  );
}

export function main(): void {
  const folder = resolve(process.argv[2] ?? `${import.meta.dirname}/../node_modules`);
  console.log(`Counting identifiers in ${folder}`);
  const files = chan<string>(BATCH);
  const batches = chan<string[]>();
  const results = chan<Part>();
  const walkProblems = chan<Problem>();
  const sample: string[][] = [];

  go(() => {
    walk(folder, files, walkProblems);
    files.close();
  });
  go(() => {
    batch(files, batches, sample);
    batches.close();
  });
  pool(
    2 * numCPU(),
    () => dispatch(batches, results),
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
    const r = select({ result: results, problem: walkProblems, tick, timeout });
    switch (r.case) {
      case "result":
        if (r.value === undefined) break loop; // closed: everything is counted
        merge(total, r.value.counts);
        bytes += r.value.bytes;
        done += r.value.files;
        failed.push(...r.value.problems);
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
    console.log(
      `${s.created} goroutines started, ${s.maxAlive} alive at once, ${s.switches} switches, ${s.steals} stolen`,
    );
    if (complete) printSpeedUp(sample);
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

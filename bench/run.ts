/**
 * Our cases and their Go twins, interleaved: each round runs ours, Go with one P, Go with two. One table of medians.
 *
 *     npm run bench                         every case, 5 rounds
 *     npm run bench -- pingpong spawn --rounds 9
 *
 * A name takes every case that begins with it. The ratio is our median to the better of Go's two medians. Exit status 1
 * when a case fails to run; a target that is missed is said, and does not fail the run.
 */
import { parseArgs } from "node:util";
import { GoTwins, ours, type Sample, type Value } from "./sample.ts";
import { median, short, table } from "./table.ts";
import { targets, type Target } from "./targets.ts";

const PROCS = [1, 2];

/** What the rounds of one case gave; Go's by number of Ps. */
interface Series {
  ours: Sample[];
  go: Map<number, Sample[]>;
  failure: string | undefined;
}

function collect(cases: Map<string, string>, rounds: number, twins: GoTwins | undefined): Map<string, Series> {
  const all = new Map<string, Series>();
  for (const name of cases.keys())
    all.set(name, { ours: [], go: new Map(PROCS.map((p) => [p, []])), failure: undefined });
  for (let round = 1; round <= rounds; round++) {
    for (const [name, file] of cases) {
      const series = all.get(name)!;
      if (series.failure !== undefined) continue;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kround ${round} of ${rounds}: ${name}`);
      try {
        series.ours.push(ours(file, name));
        if (twins !== undefined && name !== "fib_32" && file !== "threads")
          for (const p of PROCS) series.go.get(p)!.push(twins.sample(name, p));
      } catch (error) {
        series.failure = (error as Error).message;
      }
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return all;
}

function of(samples: Sample[], metric: string): Value | undefined {
  const values = samples.flatMap((s) => s.get(metric) ?? []);
  if (values.length === 0) return undefined;
  return { value: median(values.map((v) => v.value)), unit: values[0]!.unit };
}

function lowest(samples: Sample[], metric: string): number {
  return Math.min(...samples.flatMap((s) => s.get(metric)?.value ?? []));
}

function line(target: Target, series: Series): string[] {
  const { metric, most, absolute } = target;
  const mine = of(series.ours, metric);
  if (series.failure !== undefined || mine === undefined)
    return [target.case, metric, "failed", "", "", "", "", short(most), "miss"];
  const go = PROCS.map((p) => of(series.go.get(p)!, metric)?.value ?? NaN);
  const better = Math.min(...go.filter((v) => !Number.isNaN(v)));
  const ratio = mine.value / better;
  const judged = absolute ? mine.value : ratio;
  const verdict =
    (Number.isFinite(judged) && better !== Infinity) || absolute ? (judged <= most ? "ok" : "miss") : "no Go";
  return [
    target.case,
    `${metric}, ${mine.unit}`,
    short(mine.value),
    short(lowest(series.ours, metric)),
    ...go.map(short),
    better === Infinity ? "-" : ratio.toFixed(2),
    absolute ? `${most} abs` : most.toFixed(2),
    verdict,
  ];
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: "string", default: "5" } },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds wants a number of rounds, not ${values.rounds}`);
  const chosen = targets.filter((t) => positionals.length === 0 || positionals.some((p) => t.case.startsWith(p)));
  if (chosen.length === 0)
    throw new Error(`no such case; there are: ${[...new Set(targets.map((t) => t.case))].join(" ")}`);

  using twins = GoTwins.build();
  const all = collect(new Map(chosen.map((t) => [t.case, t.file])), rounds, twins);
  const rows = chosen.map((t) => line(t, all.get(t.case)!));
  console.log(
    `Node ${process.version}, Go ${twins?.version ?? "not installed"}; ${rounds} rounds, medians; ${new Date().toISOString()}`,
  );
  console.log(table([["case", "metric", "ours", "lowest", "Go P=1", "Go P=2", "ratio", "target", ""], ...rows]));
  for (const [name, { failure }] of all) {
    if (failure !== undefined) {
      console.error(`${name}: ${failure}`);
      process.exitCode = 1;
    }
  }
}

try {
  main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

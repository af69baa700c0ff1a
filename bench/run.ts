/**
 * Our cases and their Go twins, interleaved: each round runs ours, Go with one P, Go with two. One table of medians.
 *
 *     npm run bench                         every case, 5 rounds
 *     npm run bench -- pingpong spawn --rounds 9
 *     npm run bench -- --table              what goroutines cost, in words (costs.ts)
 *
 * A name takes every case that begins with it. The ratio is our median to the better of Go's two medians. Exit status 1
 * when a case fails to run; a target that is missed is said, and does not fail the run.
 */
import { parseArgs } from "node:util";
import { cases as costCases, costTable } from "./costs.ts";
import { GoTwins } from "./sample.ts";
import { better, collect, goMedians, lowest, of, type Series } from "./series.ts";
import { short, table } from "./table.ts";
import { targets, type Target } from "./targets.ts";

function line(target: Target, series: Series): string[] {
  const { metric, most, absolute } = target;
  const mine = of(series.ours, metric);
  if (series.failure !== undefined || mine === undefined)
    return [target.case, metric, "failed", "", "", "", "", short(most), "miss"];
  const go = goMedians(series, metric);
  const best = better(go);
  const ratio = mine.value / best;
  const judged = absolute ? mine.value : ratio;
  const verdict =
    (Number.isFinite(judged) && best !== Infinity) || absolute ? (judged <= most ? "ok" : "miss") : "no Go";
  return [
    target.case,
    `${metric}, ${mine.unit}`,
    short(mine.value),
    short(lowest(series.ours, metric)),
    ...go.map(short),
    best === Infinity ? "-" : ratio.toFixed(2),
    absolute ? `${most} abs` : most.toFixed(2),
    verdict,
  ];
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: "string", default: "5" }, table: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds wants a number of rounds, not ${values.rounds}`);
  if (values.table) {
    using twins = GoTwins.build();
    const all = collect(costCases(), rounds, twins);
    console.log(`Node ${process.version}, Go ${twins?.version ?? "not installed"}; ${rounds} rounds, medians`);
    console.log(costTable(all));
    return;
  }
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

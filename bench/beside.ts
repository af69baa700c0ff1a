/**
 * What the goroutines of one thread pay once there are others: the same build, the same cases, with another thread started before (and
 * asleep), and without. Interleaved; the lowest of each, and their ratio, at most 1.05.
 *
 *     npm run bench -- beside [case…] [--rounds 9]
 */
import { parseArgs } from "node:util";
import { ours } from "./sample.ts";
import { short, table } from "./table.ts";

const MOST = 1.05;

/** A case, its file, what is compared. */
const all: [name: string, file: string, metric: string][] = [
  ["gosched_2", "switch", "switch"],
  ["pingpong", "switch", "roundtrip, steady"],
  ["spawn_batch", "spawn", "create+exit, steady"],
  ["spawn_join", "spawn", "create+join, steady"],
  ["buffered128_1p1c", "channels", "send+recv"],
  ["unbuffered_1p1c", "channels", "send+recv, steady"],
  ["select2_blocked", "select", "blocked-select, steady"],
  ["mutex_uncontended", "sync", "lock+unlock"],
];

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "9" } },
  allowPositionals: true,
});
const rows = all.filter(([name]) => positionals.length === 0 || positionals.some((p) => name.startsWith(p)));
const lowest = rows.map(() => [Infinity, Infinity] as [number, number]);
const units: string[] = [];

for (let round = 0; round < Number(values.rounds); round++) {
  rows.forEach(([name, file, metric], i) => {
    [[], ["beside"]].forEach((how, j) => {
      const found = ours(file, name, how).get(metric);
      if (found === undefined) throw new Error(`${name} says nothing of ${metric}`);
      units[i] = found.unit;
      lowest[i]![j] = Math.min(lowest[i]![j]!, found.value);
    });
  });
}
console.log(`Node ${process.version}; ${values.rounds} rounds, lowest; ${new Date().toISOString()}`);
console.log(
  table([
    ["case", "", "alone", "beside a thread", "ratio", "most", ""],
    ...rows.map(([name, , metric], i) => {
      const [alone, beside] = lowest[i]!;
      const ratio = beside / alone;
      const verdict = ratio <= MOST ? "ok" : "miss";
      return [name, `${metric}, ${units[i]}`, short(alone), short(beside), ratio.toFixed(3), `${MOST}`, verdict];
    }),
  ]),
);

/**
 * Our cases beside other JavaScript: bare async and await, effect, @thi.ng/csp, ts-chan; and, on two threads, piscina. Interleaved,
 * one table of medians. `-- peers parallel` runs the cases whose names begin with that.
 *
 *     npm run bench -- peers [case…] [--rounds 5]
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ours, parse } from "./sample.ts";
import { median, short, table } from "./table.ts";

const peers = ["async", "effect", "csp", "chan", "piscina"];
const names = ["bare async", "effect", "@thi.ng/csp", "ts-chan", "piscina"];

/** A case, the file that has ours, what is compared, and at most how much of it ours may take. */
const all: [name: string, file: string, own: string, metric: string, unit: string, goal: number][] = [
  ["spawn_join", "spawn", "spawn_join", "create+join", "ns", 100],
  ["gosched_2", "switch", "gosched_2", "switch", "ns", 45],
  ["pingpong", "switch", "pingpong", "roundtrip", "ns", 110],
  ["buffered128_1p1c", "channels", "buffered128_1p1c", "send+recv", "ns", 30],
  ["parked", "memory", "parked_1e5", "HeapInuse/goroutine", "bytes", 250],
  ["skynet_1e6", "programs", "skynet_1e6", "1e6-leaves", "ms", 600],
  // Threads. The prime count's goal: what piscina takes.
  ["cpu_parallel", "threads", "cpu_parallel", "two-Ps", "ms", NaN],
  ["parallel_roundtrip", "threads", "parallel_roundtrip", "go+join", "us", 2],
  ["parallel_1000", "threads", "parallel_1000", "goroutine", "us", 1],
];

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "5" } },
  allowPositionals: true,
});
const rows = all.filter(([name]) => positionals.length === 0 || positionals.some((p) => name.startsWith(p)));
const found = rows.map(() => [[], ...peers.map(() => [])] as number[][]);

function peer(name: string, which: string): number | undefined {
  const args = ["--expose-gc", join(import.meta.dirname, "peers", `${name}.ts`), which];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 180_000 });
  if (status !== 0) throw new Error(`${name} ${which}: ${stderr}`);
  return [...parse(stdout).values()][0]?.value;
}

for (let round = 0; round < Number(values.rounds); round++) {
  rows.forEach(([name, file, own, metric], i) => {
    const mine = ours(file, own).get(metric);
    if (mine === undefined) throw new Error(`${own} says nothing of ${metric}`);
    found[i]![0]!.push(mine.value);
    peers.forEach((p, j) => {
      const value = peer(p, name);
      if (value !== undefined) found[i]![j + 1]!.push(value);
    });
  });
}
console.log(`Node ${process.version}; ${values.rounds} rounds, medians; ${new Date().toISOString()}`);
console.log(
  table([
    ["case", "", "ours", "goal", ...names],
    ...rows.map(([name, , , metric, unit, goal], i) => {
      const [mine = [], ...others] = found[i]!;
      return [
        name,
        `${metric}, ${unit}`,
        short(median(mine)),
        Number.isNaN(goal) ? "-" : String(goal),
        ...others.map((v) => (v.length === 0 ? "-" : short(median(v)))),
      ];
    }),
  ]),
);

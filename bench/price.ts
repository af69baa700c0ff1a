/**
 * The price of being suspendable: small programs without goroutines, compiled against uncompiled, interleaved.
 *
 *     npm run bench -- price                the geometric mean and the worst
 *     node bench/price.ts [--rounds 5] [name…]
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median, table } from "./table.ts";

const folder = join(import.meta.dirname, "price");
const MEAN = 1.08;
const WORST = 1.25;
/** A loop of one instruction costs more by nature: it has its own limit, and does not count in the mean. */
const LOOP = "one-instruction.ts";
const LOOP_WORST = 1.5;

function once(program: string, way: "plain" | "compiled"): number {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "price-run.ts"), join(folder, program), way],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${program}, ${way}: ${stderr}`);
  return Number(stdout);
}

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "5" } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const programs = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && (positionals.length === 0 || positionals.some((p) => name.startsWith(p))))
  .sort();

const times = new Map(programs.map((p) => [p, { plain: [] as number[], compiled: [] as number[] }]));
for (let round = 0; round < rounds; round++) {
  for (const [program, t] of times) {
    t.plain.push(once(program, "plain"));
    t.compiled.push(once(program, "compiled"));
  }
}
const ratios = [...times].map(([program, t]) => [program, median(t.plain), median(t.compiled)] as const);
const rows = ratios.map(([program, plain, compiled]) => {
  const ratio = compiled / plain;
  return [
    program.replace(".ts", ""),
    "ms",
    plain.toFixed(1),
    compiled.toFixed(1),
    ratio.toFixed(3),
    ratio <= (program === LOOP ? LOOP_WORST : WORST) ? "ok" : "miss",
  ];
});
const counted = ratios.filter(([program]) => program !== LOOP);
const logs = counted.map(([, plain, compiled]) => Math.log(compiled / plain));
const mean = Math.exp(logs.reduce((sum, x) => sum + x, 0) / logs.length);
console.log(`Node ${process.version}; ${rounds} rounds, medians of the best of a process`);
console.log(table([["program", "", "uncompiled", "compiled", "ratio", ""], ...rows]));
console.log(`geometric mean ${mean.toFixed(3)} (target ${MEAN}: ${mean <= MEAN ? "ok" : "miss"}), none over ${WORST}`);

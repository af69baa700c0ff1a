/**
 * The price of being suspendable: programs without goroutines, compiled against uncompiled, interleaved. Also as
 * `npm run bench:compiled`.
 *
 *     npm run bench -- price                the geometric mean and the worst
 *     node bench/price.ts [--rounds 5] [--node PATH] [name…]
 *
 * Each process runs a program over and over and tells its best time; of the processes the lowest counts, because whatever
 * else the machine does only adds. `--node` runs another Node.js.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { table } from "./table.ts";

const folder = join(import.meta.dirname, "price");
const MEAN = 1.08;
const WORST = 1.25;
/** A loop of one instruction costs more by nature: it has its own limit, and does not count in the mean. */
const LOOP = "one-instruction.ts";
const LOOP_WORST = 1.5;
/** Loops that do nothing but call, each over something else: asked for by name, and outside the mean. */
const LOOPS = /^loops[\\/]/;
/** What programs of npm/ use is compiled with them. */
const INCLUDED = "esprima,marked,terser,acorn,@jridgewell/source-map";

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, node: { type: "string", default: process.execPath } },
  allowPositionals: true,
});

function once(program: string, way: "plain" | "compiled"): number {
  const loader = way === "plain" ? [] : ["--import", "@gort/compiler/register"];
  const run = [join(import.meta.dirname, "price-run.ts"), join(folder, program), way];
  const { status, stdout, stderr } = spawnSync(values.node, [...loader, ...run], {
    encoding: "utf8",
    env: { ...process.env, GORT_INCLUDE: INCLUDED, NODE_OPTIONS: "", NODE_NO_WARNINGS: "1" },
  });
  if (status !== 0) throw new Error(`${program}, ${way}: ${stderr}`);
  return Number(stdout);
}

const rounds = Number(values.rounds);
const programs = globSync("**/*.ts", { cwd: folder, exclude: ["loops/step.ts"] })
  .filter((name) =>
    positionals.length === 0 ? !LOOPS.test(name) : positionals.some((p) => name.replace("npm/", "").startsWith(p)),
  )
  .sort();

const times = new Map(programs.map((p) => [p, { plain: Infinity, compiled: Infinity }]));
for (let round = 0; round < rounds; round++) {
  for (const [program, t] of times) {
    t.plain = Math.min(t.plain, once(program, "plain"));
    t.compiled = Math.min(t.compiled, once(program, "compiled"));
  }
}
const rows = [...times].map(([program, { plain, compiled }]) => {
  const ratio = compiled / plain;
  return [
    program.replace(".ts", ""),
    "ms",
    plain.toFixed(2),
    compiled.toFixed(2),
    ratio.toFixed(3),
    LOOPS.test(program) ? "" : ratio <= (program === LOOP ? LOOP_WORST : WORST) ? "ok" : "miss",
  ];
});
const counted = [...times].filter(([program]) => program !== LOOP && !LOOPS.test(program));
const logs = counted.map(([, { plain, compiled }]) => Math.log(compiled / plain));
const mean = Math.exp(logs.reduce((sum, x) => sum + x, 0) / logs.length);
const { stdout: version } = spawnSync(values.node, ["--version"], { encoding: "utf8" });
console.log(`Node ${version.trim()}; ${rounds} rounds, the lowest of each side`);
console.log(table([["program", "", "uncompiled", "compiled", "ratio", ""], ...rows]));
if (counted.length > 0)
  console.log(
    `geometric mean ${mean.toFixed(3)} (target ${MEAN}: ${mean <= MEAN ? "ok" : "miss"}), none over ${WORST}`,
  );

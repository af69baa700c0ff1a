/**
 * What is waited for before a program does anything: 100 KB of TypeScript once the compiler is warm; a program of 200 modules started
 * for the second time, beside the same program under Node's own type stripping; a program of a line, and the first result of a
 * parallel goroutine, beside a line that bare Node.js runs.
 *
 *     npm run bench -- start [--rounds 9]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compile } from "@gort/compiler";
import { median, table } from "./table.ts";

const MODULES = 200;
const COMPILE_MOST = 150;
const START_MOST = 1.1;
/** ms after bare Node.js's own start. */
const FIRST_MOST = 25;
const gort = join(import.meta.dirname, "../packages/devtools/bin/gort.js");

/** One module of an application: types, a class, functions that call those of two others. */
function moduleText(i: number): string {
  const uses = [2 * i + 1, 2 * i + 2].filter((k) => k < MODULES);
  return `${uses.map((k) => `import { total${k}, Item${k} } from "./m${k}.ts";\n`).join("")}
export interface Options${i} {
  readonly name: string;
  limit?: number;
}

export class Item${i} {
  readonly name: string;
  private count = 0;
  constructor(options: Options${i}) {
    this.name = options.name;
    this.count = options.limit ?? ${i};
  }
  add(n: number): this {
    this.count += n;
    return this;
  }
  each(f: (n: number) => void): void {
    for (let k = 0; k < this.count; k++) f(k);
  }
  get size(): number {
    return this.count;
  }
}

function parse${i}(text: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const line of text.split("\\n")) {
    const [key = "", ...rest] = line.split("=");
    if (key.startsWith("#")) continue;
    const values = rest.join("=").split(",").map((v) => Number(v.trim()));
    if (values.some((v) => Number.isNaN(v))) throw new Error(\`\${key}: no number\`);
    found.set(key, [...(found.get(key) ?? []), ...values]);
  }
  return found;
}

export function total${i}(text: string): number {
  let sum = 0;
  try {
    for (const [key, values] of parse${i}(text)) for (const v of values) sum += v * key.length;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    sum = -1;
  }
  const item = new Item${i}({ name: "item" }).add(2);
  item.each((n) => {
    sum += n & 1;
  });
  return sum${uses.map((k) => ` + total${k}(text) + new Item${k}({ name: "x", limit: 1 }).size`).join("")};
}
`;
}

/** Milliseconds of the main thread and what it waits for, from outside. */
function start(args: string[], cwd: string, file: string = "main.ts"): number {
  const before = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, file], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const took = performance.now() - before;
  if (status !== 0 || !/^\d+\n$/.test(stdout)) throw new Error(`${args.join(" ")}: ${stderr}`);
  return took;
}

function warmCompile(): number {
  const text = Array.from({ length: 1000 }, (_, i) => moduleText(i).replace(/^import.*\n/gm, ""))
    .join("")
    .slice(0, 100_000);
  const whole = text.slice(0, text.lastIndexOf("\nexport interface"));
  let low = Infinity;
  for (let i = 0; i < 25; i++) {
    const before = performance.now();
    compile(whole, { filename: "/app/large.ts", cyclic: false });
    low = Math.min(low, performance.now() - before);
  }
  return (low * 100_000) / whole.length;
}

const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" } } });
const compiled = warmCompile();
// In the workspace, so that the program finds `gort`.
const folder = mkdtempSync(join(import.meta.dirname, ".start-"));
try {
  mkdirSync(join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "started", type: "module" }));
  for (let i = 0; i < MODULES; i++) writeFileSync(join(folder, `m${i}.ts`), moduleText(i));
  writeFileSync(join(folder, "main.ts"), 'import { total0 } from "./m0.ts";\nconsole.log(total0("a=1,2\\nbb=3"));\n');
  writeFileSync(join(folder, "bare.js"), "console.log(42);\n");
  writeFileSync(join(folder, "line.ts"), "export function main(): void { console.log(42); }\n");
  writeFileSync(
    join(folder, "parallel.ts"),
    'import { go, parallel } from "gort";\nconst f = parallel((n: number): number => 2 * n);\n' +
      "export function main(): void { console.log(go(f, 21).join()); }\n",
  );
  const loader = ["--import", "@gort/compiler/register"];
  const cold = start(loader, folder);
  const times = { plain: [] as number[], cached: [] as number[] };
  const small = { bare: Infinity, line: Infinity, parallel: Infinity };
  for (let round = 0; round < Number(values.rounds); round++) {
    times.plain.push(start([], folder));
    times.cached.push(start(loader, folder));
    small.bare = Math.min(small.bare, start([], folder, "bare.js"));
    small.line = Math.min(small.line, start([gort, "run"], folder, "line.ts"));
    small.parallel = Math.min(small.parallel, start([gort, "run"], folder, "parallel.ts"));
  }
  const after = small.parallel - small.bare;
  const [plain, cached] = [Math.min(...times.plain), Math.min(...times.cached)];
  const ratio = cached / plain;
  console.log(
    `Node ${process.version}; ${values.rounds} rounds, the lowest; medians ${median(times.plain).toFixed(0)} and ${median(times.cached).toFixed(0)} ms`,
  );
  console.log(
    table([
      ["what", "", "ms", "target", ""],
      ["compile 100 KB, warm", "", compiled.toFixed(0), String(COMPILE_MOST), compiled <= COMPILE_MOST ? "ok" : "miss"],
      [`start ${MODULES} modules, types stripped`, "", plain.toFixed(0), "", ""],
      ["… compiled, first time", "", cold.toFixed(0), "", ""],
      [
        "… compiled, from the cache",
        "",
        cached.toFixed(0),
        `${START_MOST} x`,
        ratio <= START_MOST ? "ok" : `${ratio.toFixed(2)} x`,
      ],
      ["bare Node.js, a line", "", small.bare.toFixed(0), "", ""],
      ["gort run, a line: so much more", "", (small.line - small.bare).toFixed(0), "", ""],
      [
        "… the first result of a parallel goroutine",
        "",
        after.toFixed(0),
        String(FIRST_MOST),
        after <= FIRST_MOST ? "ok" : "miss",
      ],
    ]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

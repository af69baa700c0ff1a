/**
 * The server that does not freeze, measured: 4 clients whose requests compute 200 ms, 8 whose requests are trivial, closed loop, in another
 * process. Every server in turn, so many rounds; medians.
 *
 *     npm run bench -- hog [--rounds 3] [--seconds 5] [--heavy 4] [--light 8]
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { median, short, table } from "./table.ts";

const folder = join(import.meta.dirname, "hog");
const gort = join(import.meta.dirname, "../packages/devtools/bin/gort.js");

interface Seen {
  p50: number;
  p99: number;
  most: number;
  light: number;
  heavy: number;
}

interface Variant {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
}

function variants(built: string): Variant[] {
  const node = (name: string, file: string): Variant => ({
    name,
    command: process.execPath,
    args: [join(folder, file)],
  });
  const all = [
    node("node:http", "plain.ts"),
    node("piscina", "pool.ts"),
    { name: "Gort", command: process.execPath, args: [gort, "run", join(folder, "ours.ts")] },
  ];
  const go = spawnSync("go", ["build", "-o", join(built, "hog"), "."], { cwd: join(folder, "go"), encoding: "utf8" });
  if (go.status !== 0) {
    console.error(go.error === undefined ? go.stderr : "Go is not installed: no figures of it");
    return all;
  }
  const twin = (procs: number): Variant => ({
    name: `Go, P=${procs}`,
    command: join(built, "hog"),
    args: [],
    env: { GOMAXPROCS: String(procs) },
  });
  return [...all, twin(1), twin(2)];
}

async function measure({ command, args, env }: Variant, load: string[]): Promise<Seen> {
  const server = spawn(command, args, {
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: server.stdout }).once("line", resolve);
      server.once("error", reject);
      server.once("exit", (status) => reject(new Error(`the server ended with ${status}`)));
    });
    const clients = spawn(process.execPath, [join(folder, "clients.ts"), port, ...load], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    clients.stdout.on("data", (text: Buffer) => (said += String(text)));
    const status = await new Promise((resolve) => clients.once("close", resolve));
    if (status !== 0) throw new Error(`the clients ended with ${String(status)}`);
    return JSON.parse(said) as Seen;
  } finally {
    server.kill("SIGKILL");
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "5" },
    heavy: { type: "string", default: "4" },
    light: { type: "string", default: "8" },
    only: { type: "string", default: "" },
  },
});
const load = [values.heavy, values.light, values.seconds];
const built = mkdtempSync(join(tmpdir(), "gort-hog-"));
try {
  const all = variants(built).filter(({ name }) => name.includes(values.only));
  const seen = new Map<string, Seen[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const variant of all) seen.get(variant.name)!.push(await measure(variant, load));
  const of = (name: string, key: keyof Seen): string => short(median(seen.get(name)!.map((s) => s[key])));
  const rows = all.map(({ name }) => [
    name,
    "",
    ...(["p50", "p99", "most", "light", "heavy"] as const).map((key) => of(name, key)),
  ]);
  console.log(
    `Node ${process.version}; ${load[0]} heavy and ${load[1]} light clients, ${values.rounds} rounds of ${load[2]} s`,
  );
  console.log(table([["light requests", "", "p50, ms", "p99, ms", "most, ms", "a second", "heavy a second"], ...rows]));
} finally {
  rmSync(built, { recursive: true, force: true });
}

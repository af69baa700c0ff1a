/**
 * TCP echo and HTTP "hello" with 64 connections, closed loop: ours on one thread, plain Node's, Go's, one after the other in every round.
 *
 *     npm run bench -- tcp_echo http_hello tcp_spread http_spread [--rounds 5] [--ms 2000]
 *
 * The spread cases have a parallel handler that computes some 0.3 ms: ours with two Ps against ours with one.
 * "of Node's" compares medians of the same run. On a busy machine the processor time for each answer is the steadier figure.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clients, onGo, onGort, onNode, start, type Variant } from "./servers.ts";
import { median, short, table } from "./table.ts";

const folder = join(import.meta.dirname, "net");
const CONNECTIONS = 64;
/** The least share of plain Node's throughput. */
const TARGET = 0.9;
/** The least gain of a second thread. */
const SPREAD = 1.6;

interface Sample {
  /** Answers a second. */
  rate: number;
  /** Microseconds of the server's processor time for each. */
  cpu: number;
}

async function measure(what: string, variant: Variant, ms: number): Promise<Sample> {
  using server = await start(variant);
  const load = (time: number): Promise<string> =>
    clients(join(folder, "clients.ts"), what, server.port, String(CONNECTIONS), String(time));
  await load(1000); // until it is optimised
  const before = server.cpu();
  const answers = Number(await load(ms));
  return { rate: (answers / ms) * 1000, cpu: ((server.cpu() - before) * 1000) / answers };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      ms: { type: "string", default: "2000" },
      only: { type: "string", default: "" },
    },
    allowPositionals: true,
  });
  const built = mkdtempSync(join(tmpdir(), "gort-net-"));
  try {
    const rows: string[][] = [];
    for (const what of positionals) {
      const spread = what.endsWith("_spread");
      const base = spread ? "Gort, P=1" : "Node";
      const ours = (procs: number): Variant => ({
        ...onGort(join(folder, "ours.ts"), what),
        name: `Gort, P=${procs}`,
        env: { GOMAXPROCS: String(procs) },
      });
      const all = (
        spread
          ? [ours(1), ours(2)]
          : [
              onNode("Node", join(folder, "plain.ts"), what),
              onGort(join(folder, "ours.ts"), what),
              ...onGo(join(folder, "go"), join(built, "net"), what),
            ]
      ).filter(({ name }) => values.only === "" || values.only.split(",").includes(name));
      const seen = new Map<string, Sample[]>(all.map(({ name }) => [name, []]));
      for (let round = 0; round < Number(values.rounds); round++)
        for (const variant of all) seen.get(variant.name)!.push(await measure(what, variant, Number(values.ms)));
      const of = (name: string, key: keyof Sample): number => {
        const values = (seen.get(name) ?? []).map((s) => s[key]);
        // What else runs on the machine only ever adds to the time.
        return key === "cpu" ? Math.min(...values) : median(values);
      };
      for (const { name } of all) {
        const share = of(name, "rate") / of(base, "rate");
        const target = spread ? SPREAD : TARGET;
        const verdict = /^Gort(?:, P=2)?$/.test(name) ? (share >= target ? "ok" : "miss") : "";
        const cpuShare = of(base, "cpu") / of(name, "cpu");
        const cells = [short(of(name, "rate")), share.toFixed(2), short(of(name, "cpu")), cpuShare.toFixed(2)];
        rows.push([what, name, ...cells, verdict]);
      }
    }
    console.log(
      `Node ${process.version}; ${CONNECTIONS} connections; ${values.rounds} rounds, medians; the lowest processor time`,
    );
    console.log(table([["case", "", "a second", "of the first", "us of cpu", "of the first", ""], ...rows]));
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}

await main();

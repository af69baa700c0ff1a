/**
 * What an execution trace costs: a server that answers "hello", goroutines that do nothing but switch, and such that compute some
 * microseconds between two switches; without the tools, with the tools while no trace is written, and while one is.
 *
 *     npm run bench -- trace [--rounds 5] [--ms 2000]
 *
 * Processor time of the main thread for each answer, the clock for the others. Rounds of all three take turns, on two servers that live
 * through all of them; the lowest counts.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clients, onGort, start, type Running } from "./servers.ts";
import { short, table } from "./table.ts";

const CONNECTIONS = 16;

async function ask(server: Running, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${server.port}${path}`)).text();
}

const kinds = ["hello, us", "switch there and back, ns", "with work, ns"] as const;

/** One figure of each kind. */
async function round(server: Running, ms: number): Promise<number[]> {
  const before = Number(await ask(server, "/cpu"));
  const args = ["http_hello", server.port, String(CONNECTIONS), String(ms)];
  const answers = Number(await clients(join(import.meta.dirname, "net/clients.ts"), ...args));
  const hello = (Number(await ask(server, "/cpu")) - before) / answers;
  return [hello, Number(await ask(server, "/switch")), Number(await ask(server, "/work"))];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: "5" }, ms: { type: "string", default: "2000" } },
    allowPositionals: true,
  });
  const ms = Number(values.ms);
  const file = join(import.meta.dirname, "trace/server.ts");
  using plain = await start(onGort(file, "plain"));
  using traced = await start(onGort(file, "traced"));
  const seen: Record<"none" | "off" | "on", number[][]> = { none: [], off: [], on: [] };
  // Until they are optimised, with a trace and without.
  for (const server of [plain, traced]) await round(server, 1500);
  await ask(traced, "/on");
  await round(traced, 1000);
  await ask(traced, "/off");
  for (let i = 0; i < Number(values.rounds); i++) {
    seen.none.push(await round(plain, ms));
    seen.off.push(await round(traced, ms));
    await ask(traced, "/on");
    seen.on.push(await round(traced, ms));
    await ask(traced, "/off");
  }
  const least = (of: number[][], kind: number): number => Math.min(...of.map((figures) => figures[kind] as number));
  console.log(`Node ${process.version}; ${values.rounds} rounds; the lowest`);
  const rows = kinds.map((name, kind) => {
    const [none, off, on] = [least(seen.none, kind), least(seen.off, kind), least(seen.on, kind)];
    return [name, short(none), short(off), (off / none).toFixed(3), short(on), (on / off).toFixed(3)];
  });
  console.log(table([["", "no tools", "off", "ratio", "on", "ratio"], ...rows]));
}

await main();

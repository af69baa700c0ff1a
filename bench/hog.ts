/**
 * The server that does not freeze, measured: 4 clients whose requests compute 200 ms, 8 whose requests are trivial, closed loop, in another
 * process. Every server in turn, so many rounds; medians.
 *
 *     npm run bench -- hog [--rounds 3] [--seconds 5] [--heavy 4] [--light 8]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clients, onGo, onGort, onNode, start, type Variant } from "./servers.ts";
import { median, short, table } from "./table.ts";

const folder = join(import.meta.dirname, "hog");

interface Seen {
  p50: number;
  p99: number;
  most: number;
  light: number;
  heavy: number;
}

async function measure(variant: Variant, load: string[]): Promise<Seen> {
  using server = await start(variant);
  return JSON.parse(await clients(join(folder, "clients.ts"), server.port, ...load)) as Seen;
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
  const all = [
    onNode("node:http", join(folder, "plain.ts")),
    onNode("piscina", join(folder, "pool.ts")),
    onGort(join(folder, "ours.ts")),
    ...onGo(join(folder, "go"), join(built, "hog")),
  ].filter(({ name }) => values.only === "" || values.only.split(",").includes(name));
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

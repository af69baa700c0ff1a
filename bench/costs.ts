/** The costs Go's goroutines are known by, ours beside Go's: `npm run bench -- --table`. */
import { better, goMedians, of, type Series } from "./series.ts";
import { short, table } from "./table.ts";

/** What it costs, in words; the case, its file in cases/, and the metric. */
const costs: [words: string, name: string, file: string, metric: string][] = [
  ["create a goroutine, and let it end", "spawn_batch", "spawn", "create+exit"],
  ["create one and wait for it", "spawn_join", "spawn", "create+join"],
  ["switch between two", "gosched_2", "switch", "switch"],
  ["switch among ten thousand", "gosched_10000", "switch", "switch"],
  ["hand over through a channel, there and back", "pingpong", "switch", "roundtrip"],
  ["an element through a buffered channel", "buffered128_1p1c", "channels", "send+recv"],
  ["memory of one that waits, of 100 000", "parked_1e5", "memory", "RSS/goroutine"],
  ["… a hundred frames deep, of 10 000", "stack_100_parked", "stack", "RSS/goroutine"],
  ["a stack a million frames deep", "stack_1e6", "stack", "stack"],
  ["… down and up again", "stack_1e6", "stack", "down+up"],
  ["a million goroutines: create, until all wait", "parked_1e6", "memory", "create+park-all"],
  ["… memory of each", "parked_1e6", "memory", "RSS/goroutine"],
  ["… wake all", "parked_1e6", "memory", "wake-all(close)"],
];

/** The cases to run, by name, with the file of each. */
export function cases(): Map<string, string> {
  return new Map(costs.map(([, name, file]) => [name, file]));
}

export function costTable(all: Map<string, Series>): string {
  const rows = costs.map(([words, name, , metric]) => {
    const series = all.get(name)!;
    const mine = of(series.ours, metric);
    if (mine === undefined) return [words, "failed", "-", "-", "-"];
    const go = better(goMedians(series, metric));
    const known = Number.isFinite(go);
    return [words, mine.unit, short(mine.value), known ? short(go) : "-", known ? (mine.value / go).toFixed(2) : "-"];
  });
  return table([["what it costs", "", "Gort", "Go", "ratio"], ...rows]);
}

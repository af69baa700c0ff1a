/**
 * The leak profile: goroutines that nothing can wake any more, found on demand. Those found are reported once, and gone. Also how many
 * goroutines each place has created that are still there, and how that changes from one look to the next.
 */
import { type G, inspect, type Location } from "../inspect.ts";
import type { LiveLeak } from "../live/state.ts";
import { ask } from "../threads/crew.ts";
import { known, type PlainLocation } from "../threads/plain.ts";
import { labelsOf, waitLeaf } from "./goroutine.ts";
import { type Labels, ProfileBuilder } from "./profile.ts";
import { countProfileText, type Group } from "./text.ts";

/** Goroutines with one stack and one creator that have been found. */
export interface Leak {
  /** How many there are. */
  count: number;
  /** What they waited for: "chan receive", … */
  state: string;
  /** The innermost frame first: `name (file:line:column)`. */
  stack: readonly string[];
  /** Who created them: `name (file:line:column)`; "" if that is not known. */
  createdBy: string;
  /** Of one of them, as a dump has it. */
  text: string;
  /** How long the one that waited longest has waited, ms. */
  age: number;
  /** The goroutines' numbers; the first 100. */
  ids: readonly number[];
  /** Those they all have (`withLabels`); null if none. */
  labels: Labels | null;
}

export interface Found extends Leak {
  locations: readonly Location[];
}

/** The goroutines that one place has created. */
export interface Growth {
  /** The place of `go`: `name (file:line:column)`. */
  createdBy: string;
  /** Those alive. */
  count: number;
  /** More than at the look before. */
  growth: number;
}

interface Described {
  node: number;
  id: number;
  site: string | null;
  parent: number;
  reason: number;
  since: number;
  labels: Labels | null;
}

const placeText = (l: Location): string => (l.file === "" ? l.name : `${l.name} (${l.file}:${l.line}:${l.column})`);

/** By place of creation, as of the last look. */
let lastCounts: Map<string, number> = new Map();

/**
 * How many goroutines of each place are alive on this thread, the most grown first. Each call compares with the one before, which for the first
 * has found none. The `goroutineleak` profile's text is such a call too. Go: no counterpart.
 */
export function goroutineGrowth(): Growth[] {
  const counts = new Map<string, number>();
  const { eachGoroutine, siteLocation } = inspect();
  eachGoroutine((g) => {
    const key = g.site ?? "";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  const growth: Growth[] = [];
  for (const key of new Set([...counts.keys(), ...lastCounts.keys()])) {
    const count = counts.get(key) ?? 0;
    const place = key === "" ? null : siteLocation(key);
    growth.push({
      createdBy: place === null ? "(unknown)" : placeText(place),
      count,
      growth: count - (lastCounts.get(key) ?? 0),
    });
  }
  lastCounts = counts;
  return growth.sort((a, b) => b.growth - a.growth || b.count - a.count);
}

/** Of every thread: what can be reached from another one is never found. */
async function scan(): Promise<Found[]> {
  const own = await scanHere();
  const { of } = await ask<PlainFound[]>("leaks");
  const theirs = of.flatMap(({ value }) => value.map((f) => ({ ...f, locations: known(f.locations) })));
  const found = [...own, ...theirs].sort((a, b) => b.count - a.count);
  for (const leak of found) remember(leak);
  return found;
}

/** What was found, by whomever: nobody finds it again. Kinds of leaks that are kept. */
const KEPT = 100;
const remembered: Map<string, LiveLeak> = new Map();

function remember({ count, state, stack, createdBy, labels, ids }: Found): void {
  const key = JSON.stringify([state, stack, createdBy, labels]);
  const before = remembered.get(key);
  const all = [...ids, ...(before?.ids ?? [])].slice(0, 100);
  const found = process.uptime();
  // The newest last: the first is what goes.
  remembered.delete(key);
  remembered.set(key, { count: count + (before?.count ?? 0), state, stack, createdBy, labels, found, ids: all });
  if (remembered.size > KEPT) remembered.delete(remembered.keys().next().value!);
}

/** The leaks that have been found so far, the newest first. */
export function leaksSoFar(): LiveLeak[] {
  return [...remembered.values()].reverse();
}

type PlainFound = Omit<Found, "locations"> & { locations: PlainLocation[] };

/** Of this thread. */
export async function scanHere(): Promise<Found[]> {
  const { reclaimUnreachable, StackTable, REASON_SHIFT, siteLocation, reasonText } = inspect();
  const table = new StackTable();
  const nodes: ReturnType<InstanceType<typeof StackTable>["ofGoroutine"]>[] = [];
  const gone = await reclaimUnreachable((g: G): Described => {
    const reason = g.status >> REASON_SHIFT;
    const node = table.ofGoroutine(g, waitLeaf(reason));
    nodes[node.id] = node;
    return { node: node.id, id: g.id, site: g.site, parent: g.parent, reason, since: g.since, labels: labelsOf(g) };
  });
  const groups = new Map<string, Found>();
  for (const { node, id, site, parent, reason, since, labels } of gone) {
    const key = `${node} ${JSON.stringify(labels)} ${site}`;
    const age = Math.max(0, performance.now() - since);
    const known = groups.get(key);
    if (known !== undefined) {
      known.count++;
      known.age = Math.max(known.age, age);
      if (known.ids.length < 100) (known.ids as number[]).push(id);
      continue;
    }
    const locations = nodes[node]!.locations();
    const place = siteLocation(site);
    const stack = locations.filter((l) => !l.hidden).map(placeText);
    const createdBy = place === null ? "" : placeText(place);
    const state = reasonText(reason);
    groups.set(key, { count: 1, state, stack, createdBy, age, ids: [id], labels, locations, text: "" });
    groups.get(key)!.text = dumpText(id, state, age, labels, locations, place, parent);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

function dumpText(
  id: number,
  state: string,
  age: number,
  labels: Labels | null,
  stack: readonly Location[],
  place: Location | null,
  parent: number,
): string {
  const minutes = Math.floor(age / 60_000);
  const position = (l: Location): string => (l.file === "" ? "" : `\n\t${l.file}:${l.line}:${l.column}`);
  const frames = stack.filter((l) => !l.hidden).map((l) => `\n${l.name}(...)${position(l)}`);
  const by = place === null ? "" : `\ncreated by ${place.name} in goroutine ${parent}${position(place)}`;
  return `goroutine ${id} [${state} (leaked)${minutes >= 1 ? `, ${minutes} minutes` : ""}]${inspect().labelText(labels)}:${frames.join("")}${by}`;
}

/**
 * Finds goroutines that wait on something which nothing else can reach, so that nobody will ever wake them. They are reported by this
 * call and then gone: the memory they held is free, their `finally` blocks do not run. A goroutine whose handle somebody keeps, or that
 * `run` or `asPromise` waits for, is not among them. All threads are asked. Costs a full garbage collection on each, and nothing while it is not called.
 * Go: the goroutineleak profile.
 */
export async function findLeaked(): Promise<Leak[]> {
  const found = await scan();
  return found.map(({ count, state, stack, createdBy, text, age, ids, labels }) => ({
    count,
    state,
    stack,
    createdBy,
    text,
    age,
    ids,
    labels,
  }));
}

/** By stack and labels, whoever created them: as a profile has them. */
function groupsOf(found: readonly Found[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { locations, labels, count } of found) {
    const key = `${locations.map((l) => l.id).join()} ${JSON.stringify(labels)}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { stack: locations, labels, count });
    else known.count += count;
  }
  return [...groups.values()];
}

/** debug=0. */
export async function leakProfile(): Promise<Buffer> {
  const builder = new ProfileBuilder([["goroutineleak", "count"]], ["goroutineleak", "count"]);
  for (const { stack, count, labels } of groupsOf(await scan())) builder.add(stack, [count], labels);
  return builder.encode();
}

/** debug=1: groups, then growth; debug=2: one of each group in full. */
export async function leakText(debug: number): Promise<string> {
  const found = await scan();
  if (debug >= 2) {
    return found
      .map((l) => (l.count === 1 ? `${l.text}\n` : `${l.text}\n… and ${l.count - 1} more like it\n`))
      .join("\n");
  }
  let text = countProfileText("goroutineleak", groupsOf(found));
  text += "# alive, by place of creation; growth since the last look\n";
  for (const { createdBy, count, growth } of goroutineGrowth().slice(0, 50))
    text += `# ${count}\t${growth >= 0 ? "+" : ""}${growth}\t${createdBy}\n`;
  return text;
}

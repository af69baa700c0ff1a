/** One look at the whole program: main's own part, every other thread's, and what the region says of Ps and threads. */
import { inspect, type Machine } from "../inspect.ts";
import { leaksSoFar } from "../pprof/leak.ts";
import { ask } from "../threads/crew.ts";
import { processNumbers, summed } from "../top/snapshot.ts";
import { type Look, lookHere, MEMBERS, type Seen, stopwatch } from "./look.ts";
import type { LiveGroup, LiveOpened, LiveProc, LiveState, LiveThread } from "./state.ts";

/** How long a thread may take to answer, ms: the page waits for it, and shows what it said before. */
const PATIENCE = 700;
/** Groups told: the biggest, and of the others those that have waited longest. */
const BIGGEST = 150;
const LONGEST = 50;
/** Frames of a stack in a list. */
const DEPTH = 24;

export interface Wanted extends Look {
  /** Only groups in whose state, stack, creators or labels this stands. */
  filter: string;
}

/** What threads said last, and when. */
const before: Map<number, { seen: Seen; at: number }> = new Map();

function addTo<T extends { count: number }>(to: T[], from: readonly T[], keyOf: (t: T) => string): void {
  for (const t of from) {
    const same = to.find((other) => keyOf(other) === keyOf(t));
    if (same === undefined) to.push(t);
    else same.count += t.count;
  }
  to.sort((a, b) => b.count - a.count);
}

/** The same, to be added to: what a thread has said may be told again. */
function copied(group: LiveGroup): LiveGroup {
  const [creators, labels] = [group.creators.map((c) => ({ ...c })), group.labels.map((l) => ({ ...l }))];
  return { ...group, creators, labels };
}

function together(all: readonly Seen[]): Map<string, LiveGroup> {
  const groups = new Map<string, LiveGroup>();
  const own = new Set<LiveGroup>();
  for (const { groups: theirs } of all)
    for (const group of theirs) {
      let same = groups.get(group.key);
      if (same === undefined || !own.has(same)) {
        const added = same === undefined ? group : copied(same);
        groups.set(group.key, added);
        if (same === undefined) continue;
        own.add((same = added));
      }
      same.count += group.count;
      same.wait = Math.max(same.wait, group.wait);
      addTo(same.creators, copied(group).creators, (c) => c.at.join("\n"));
      addTo(same.labels, copied(group).labels, (l) => JSON.stringify(l.of));
    }
  return groups;
}

function openedOf(all: readonly Seen[], groups: ReadonlyMap<string, LiveGroup>): LiveOpened | null {
  const found = all.flatMap(({ opened }) => (opened === null ? [] : [opened]));
  const group = found[0] === undefined ? undefined : groups.get(found[0].group.key);
  if (group === undefined) return null;
  const members = found.flatMap((o) => o.members);
  members.sort((a, b) => b.wait - a.wait || a.id - b.id);
  return { group, members: members.slice(0, MEMBERS) };
}

function matches(group: LiveGroup, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const labels = group.labels.flatMap(({ of }) => Object.entries(of).map(([k, v]) => `${k}=${v}`));
  const places = [...group.stack, ...group.creators.map((c) => c.at)].map((at) => at.join(" "));
  const text = [group.state, ...places, ...labels].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The biggest first, then those that have waited longest. */
function chosen(groups: LiveGroup[]): LiveGroup[] {
  groups.sort((a, b) => b.count - a.count || b.wait - a.wait);
  const rest = groups.slice(BIGGEST).sort((a, b) => b.wait - a.wait);
  return [...groups.slice(0, BIGGEST), ...rest.slice(0, LONGEST)].map((group) =>
    group.stack.length > DEPTH ? { ...group, stack: group.stack.slice(0, DEPTH) } : group,
  );
}

const DOING: Readonly<Record<Machine["doing"], LiveThread["doing"]>> = {
  running: "running",
  away: "system call",
  spinning: "looking for work",
  loop: "waiting for events",
  asleep: "asleep",
};

function threadOf(machine: Machine, of: { seen: Seen; late: number | null } | null): LiveThread {
  const { m, p, blocking, steals, handoffs } = machine;
  const seen = of?.seen ?? null;
  const locked = seen?.locked ?? 0;
  let doing = DOING[machine.doing];
  // A locked thread is away, too: for parallel goroutines.
  if (machine.doing === "away" && locked !== 0 && of?.late === null)
    doing = seen!.runs === null ? "waiting for events" : "running";
  return {
    m,
    p,
    doing,
    blocking,
    runs: seen?.runs ?? null,
    locked,
    goroutines: seen === null ? 0 : Object.values(seen.stats.states).reduce((a, b) => a + b, 0),
    cpu: seen?.cpu ?? -1,
    switches: seen?.stats.switches ?? 0,
    slices: seen?.stats.slices ?? 0,
    syscalls: seen?.syscalls ?? 0,
    steals,
    handoffs,
    late: of === null ? -1 : of.late,
  };
}

/** How long the event loop takes to come round once, ms. */
async function loopTurn(): Promise<number> {
  const start = performance.now();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return performance.now() - start;
}

/** Of one moment as far as threads answer in one. */
export async function collect({ opened, filter }: Wanted): Promise<LiveState> {
  const { machines, threads: counted } = inspect();
  // First of all: asked, they are awake.
  const { procs, threads, queue } = machines();
  const own = lookHere({ opened });
  const [lag, { of, silent }] = await Promise.all([loopTurn(), ask<Seen>("live", { opened }, PATIENCE)]);
  const [now, spent] = [performance.now(), stopwatch()];
  // Who has not answered is where it is now: what it has gone into meanwhile is why.
  const held = silent.length === 0 ? new Map<number, Machine>() : new Map(machines().threads.map((t) => [t.m, t]));
  for (const { m } of of) held.delete(m);
  held.delete(0);
  const seen = new Map<number, { seen: Seen; late: number | null }>([[0, { seen: own, late: null }]]);
  for (const { m, value } of of) {
    seen.set(m, { seen: value, late: null });
    before.set(m, { seen: value, at: now });
  }
  for (const [m, { seen: old, at }] of before) {
    if (!threads.some((t) => t.m === m)) before.delete(m);
    else if (!seen.has(m)) seen.set(m, { seen: { ...old, opened: null, took: 0 }, late: now - at });
  }
  const all = [...seen.values()].map((s) => s.seen);
  const { stats, locals, timers } = numbers(all, queue);
  let unstarted = queue;
  const liveProcs = procs.map(({ m, queue, next }, p): LiveProc => {
    // Main's own goroutines wait in the first P, while it has none.
    const holder = m >= 0 ? m : p === 0 && !procs.some((other) => other.m === 0) ? 0 : -1;
    const theirs = holder < 0 ? undefined : seen.get(holder)?.seen;
    const local = theirs === undefined ? 0 : (locals.get(theirs) ?? 0);
    unstarted += queue + (next ? 1 : 0);
    return { p, m, queue: queue + local, timers: theirs === undefined ? 0 : (timers.get(theirs) ?? 0) };
  });
  if (unstarted > 0) stats.states["runnable"] = (stats.states["runnable"] ?? 0) + unstarted;
  let goroutines = 0;
  for (const n of Object.values(stats.states)) goroutines += n;
  const groups = together(all);
  const { steals, handoffs } = counted();
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = [...groups.values()].filter((group) => matches(group, words));
  const state: LiveState = {
    ...processNumbers(),
    lag,
    cost: 0,
    stats: { ...stats, goroutines, gomaxprocs: procs.length, steals, handoffs },
    unstarted,
    procs: liveProcs,
    threads: threads.map((machine) => threadOf(held.get(machine.m) ?? machine, seen.get(machine.m) ?? null)),
    matching: matching.length,
    total: groups.size,
    groups: chosen(matching),
    opened: opened === "" ? null : openedOf(all, groups),
    leaks: leaksSoFar(),
    silent,
  };
  state.cost = all.reduce((sum, s) => sum + s.took, 0) + spent();
  return state;
}

/** The numbers of all threads together, and the queue and timers of each. `queue`: parallel goroutines in the global one. */
function numbers(
  all: readonly Seen[],
  queue: number,
): { stats: LiveState["stats"]; locals: Map<Seen, number>; timers: Map<Seen, number> } {
  const [own, ...theirs] = all.map((s) => s.stats);
  const stats = { ...summed(own!, theirs), globalQueue: queue };
  const locals = new Map<Seen, number>();
  const timers = new Map<Seen, number>();
  for (const seen of all) {
    stats.globalQueue += seen.stats.globalQueue;
    locals.set(seen, seen.stats.localQueues[0] ?? 0);
    timers.set(seen, seen.stats.timers);
  }
  return { stats, locals, timers };
}

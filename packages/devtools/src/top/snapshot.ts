/** What `gort top` shows of a program, as it is sent. */
import { inspect } from "../inspect.ts";
import { allGroups } from "../pprof/goroutine.ts";
import { sortGroups } from "../pprof/text.ts";
import { ask } from "../threads/crew.ts";

/** Groups sent. */
const GROUPS = 50;

export interface TopGroup {
  count: number;
  /** What they wait for. */
  state: string;
  /** The innermost frames of the user's: `name file:line`. */
  stack: string[];
  labels: Readonly<Record<string, string>> | null;
}

/** What a process says of itself. */
export interface ProcessNumbers {
  pid: number;
  program: string;
  /** Seconds since the start of the process. */
  uptime: number;
  /** Bytes. */
  rss: number;
  heapUsed: number;
  /** Seconds of CPU so far. */
  cpu: number;
}

export interface TopSnapshot extends ProcessNumbers {
  threads: number;
  /** Whether the P runs goroutines: it does while it answers only if the answer is a goroutine. */
  stats: Stats;
  groups: TopGroup[];
}

export type Stats = ReturnType<ReturnType<typeof inspect>["stats"]>;

/** This thread's numbers. */
export function statsHere(): Stats {
  return inspect().stats();
}

function addCounts(to: Record<string, number>, from: Record<string, number>): void {
  for (const [key, n] of Object.entries(from)) to[key] = (to[key] ?? 0) + n;
}

/** Main's numbers and the others' together. Queues of Ps and the global one are read where all threads have them. */
export function summed(own: Stats, theirs: readonly Stats[]): Stats {
  const all: Stats = { ...own, states: { ...own.states }, reasons: { ...own.reasons } };
  for (const s of theirs) {
    addCounts(all.states, s.states);
    addCounts(all.reasons, s.reasons);
    for (const key of ["created", "maxAlive", "switches", "timers", "slices", "preemptions"] as const)
      all[key] += s[key];
    for (const key of ["turns", "stackBytes", "growths", "shrinks"] as const) all[key] += s[key];
  }
  // What a thread says of others may be old; what it says of its own is not.
  all.goroutines = 0;
  for (const n of Object.values(all.states)) all.goroutines += n;
  return all;
}

export function processNumbers(): ProcessNumbers {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const cpu = (user + system) / 1e6;
  return { pid: process.pid, program: process.argv[1] ?? "", uptime: process.uptime(), rss, heapUsed, cpu };
}

export async function topJson(): Promise<TopSnapshot> {
  const { threads, U } = inspect();
  // In the same turn as its goroutines are looked at: the header and the list tell of one moment.
  const own = statsHere();
  const [{ groups: found }, { of }] = await Promise.all([allGroups(), ask<Stats>("stats")]);
  const { count, ...queues } = threads();
  const stats = {
    ...summed(
      own,
      of.map(({ value }) => value),
    ),
    ...queues,
  };
  const groups = sortGroups(found)
    .slice(0, GROUPS)
    .map(({ stack, labels, count }) => ({
      count,
      labels,
      state: stack[0]?.hidden === true ? stack[0].name.replace(/^gort\./, "") : "",
      stack: stack
        .filter((l) => !l.hidden)
        .slice(0, 4)
        .map((l) => (l.file === "" ? l.name : `${l.name} ${l.file}:${l.line}`)),
    }));
  return {
    ...processNumbers(),
    threads: count + (U[7] !== 0 ? 1 : 0),
    stats,
    groups,
  };
}

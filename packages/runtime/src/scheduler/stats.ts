/** stats(): what the scheduler has counted, of this thread and, where there are others, of all (shared/counts.ts). */
import { R } from "../internal/state.ts";
import { timers } from "../time/heap.ts";
import { eachGoroutine } from "./all.ts";
import { stateText } from "./dump.ts";
import { DEAD, FLAGS, REASON_SHIFT, STATUS, WAITING } from "./status.ts";
import type { G } from "./g.ts";
import { maxStack, stackBytes } from "./grow.ts";
import { S } from "./p.ts";
import { reasonText } from "./reason.ts";
import { numGoroutine } from "./runtime.ts";

/**
 * A snapshot of the scheduler, of all threads together. A thread that does not answer at once (in a system call, or code that is not
 * compiled) counts as it last did.
 */
export interface Stats {
  /** Goroutines alive. */
  goroutines: number;
  /** How many are in each state: "running", "runnable", "waiting", …; "unknown" on a thread that has never answered. */
  states: Record<string, number>;
  /** How many wait for each reason: "chan receive", … */
  reasons: Record<string, number>;
  /** Goroutines created so far. */
  created: number;
  /** The most goroutines alive at once; of several threads, the sum of what each had. */
  maxAlive: number;
  /** Resumptions of goroutines so far. */
  switches: number;
  /** Length of the global queue; with several threads, also what waits on one that has no P. */
  globalQueue: number;
  /** Length of each P's queue, `runnext` not counted. */
  localQueues: number[];
  timers: number;
  /** Slices begun, preemptions, entries of the event loop so far. */
  slices: number;
  preemptions: number;
  turns: number;
  /** Steals and hand-offs between threads: 0 until there are parallel goroutines. */
  steals: number;
  handoffs: number;
  gomaxprocs: number;
  /** Bytes of the captured stacks of all goroutines; stacks moved to the heap because they were deep, and returned. */
  stackBytes: number;
  growths: number;
  shrinks: number;
  maxStack: number;
}

/** What adds the other threads' numbers to this one's: set where there are any. */
export const others: { add: ((own: Stats) => Stats) | null } = { add: null };

/** Counts by state and reason, queue lengths, preemptions. Walks all goroutines: not for a hot path. */
export function stats(): Stats {
  const own = ownStats();
  return others.add === null ? own : others.add(own);
}

/** Goroutines of one status and reason. */
interface Count {
  readonly key: number;
  n: number;
  readonly state: string;
  readonly reason: string;
}

/** In the order they are told. */
const STATES: readonly string[] = ["running", "waiting", "runnable"];

/** The key of the running goroutine, whatever its status says. */
const RUNNING = -2;

function countOf(g: G, key: number, counts: Map<number, Count>): Count {
  const status = g.status & STATUS;
  const state = status === WAITING ? "waiting" : status === DEAD ? "running" : stateText(g);
  const count: Count = { key, n: 0, state, reason: reasonText(g.status >> REASON_SHIFT) };
  counts.set(key, count);
  return count;
}

/** The same of this thread alone; of `goroutines`, those of the others too, as they last said. */
export function ownStats(): Stats {
  const states: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  const counts = new Map<number, Count>();
  // Most are as the one before: texts are made once for each status and reason, also of a million.
  let last: Count = { key: -1, n: 0, state: "", reason: "" };
  let bytes = 0;
  eachGoroutine((g) => {
    bytes += stackBytes(g);
    const key = g === R.g ? RUNNING : g.status & ~FLAGS;
    if (key !== last.key) last = counts.get(key) ?? countOf(g, key, counts);
    last.n++;
  });
  const rank = ({ state }: Count): number => STATES.indexOf(state);
  for (const { n, state, reason } of [...counts.values()].sort((a, b) => rank(a) - rank(b))) {
    states[state] = (states[state] ?? 0) + n;
    if (reason !== "") reasons[reason] = (reasons[reason] ?? 0) + n;
  }
  return {
    goroutines: numGoroutine(),
    states,
    reasons,
    created: S.created,
    maxAlive: S.maxAlive,
    switches: S.switches,
    globalQueue: S.runq.globalSize(),
    localQueues: [S.runq.size()],
    timers: timers.size,
    slices: S.schedtick,
    preemptions: S.preemptions,
    turns: S.turns,
    steals: 0,
    handoffs: 0,
    gomaxprocs: S.gomaxprocs,
    stackBytes: bytes,
    growths: S.growths,
    shrinks: S.shrinks,
    maxStack: maxStack(),
  };
}

/** stats(): what the scheduler has counted, of this thread and, where there are others, of all (shared/counts.ts). */
import { timers } from "../time/heap.ts";
import { allGoroutines } from "./all.ts";
import { stateText } from "./dump.ts";
import { DEAD, REASON_SHIFT, STATUS, WAITING } from "./g.ts";
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

/** The same of this thread alone; of `goroutines`, those of the others too, as they last said. */
export function ownStats(): Stats {
  const states: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  let bytes = 0;
  for (const g of allGoroutines()) {
    bytes += stackBytes(g);
    const status = g.status & STATUS;
    const state = status === WAITING ? "waiting" : status === DEAD ? "running" : stateText(g);
    states[state] = (states[state] ?? 0) + 1;
    const reason = reasonText(g.status >> REASON_SHIFT);
    if (reason !== "") reasons[reason] = (reasons[reason] ?? 0) + 1;
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

/**
 * P: the right to run goroutines, and the state of this thread's scheduler: one object, because a field of a `const`
 * object is several times cheaper to reach than a module-level `let`.
 *
 * Goroutines that share a heap are queued here. Parallel ones that have not started are in the region (shared/).
 */
import type { AsyncResource } from "node:async_hooks";
import { availableParallelism } from "node:os";
import type { Bubble } from "./bubble.ts";
import type { G } from "./g.ts";
import { POLL } from "../shared/layout.ts";
import type { Machine } from "../shared/machine.ts";
import { PlainRunQueue } from "./runq.ts";
import type { Tracer } from "./tracer.ts";

/** The context of the loop when a goroutine has changed it: nobody's. */
export const MIXED: unique symbol = Symbol("mixed");

/** The running goroutine has changed the context it runs in (enterWith), … */
export const CONTEXT = 1;
/** … has begun a trace. */
export const TRACE = 2;

/**
 * So many waiting to run for the first time, and the creator is preempted at its next poll, without waiting for the end of its slice. They
 * end young then: the garbage collector copies what survives, and goroutines that pile up all survive. Go would let the creator run on, so
 * the number is beyond what most programs start at once, and their order is Go's.
 */
export const CROWD = 1280;
/** The same once it has happened, until the event loop turns: so many stay in the processor's nearest cache. */
export const CROWD_ON = 128;

/** How long goroutines run before the event loop turns, ms. */
export const BUDGET = 10;

const fromEnvironment = Number(process.env["GOMAXPROCS"]);

class Scheduler {
  /** 1 while goroutines are being run by the loop, 2 while a tracer or a bubble watches that. */
  inLoop: number = 0;
  /** 1 when the loop will be entered again by itself (a microtask or an immediate is queued). */
  scheduled: number = 0;
  /** Switches until the clock is looked at. */
  countdown: number = 64;
  /** What `ready` calls outside the loop, and while somebody watches. */
  ready: (g: G) => void = () => {};
  /** Looks at it, modulo 16: so often what the queues hang on is made anew, before it is old (internal/hot.ts). */
  looks: number = 0;
  /** 1: many goroutines wait for their first run, and the next poll gives way to them; 2: it has. */
  crowded: number = 0;
  /** How many those are: {@link CROWD}, {@link CROWD_ON}. */
  crowd: number = CROWD;
  /** The slice that ended in the last preemption. */
  preemptTick: number = -1;
  /**
   * Slices begun; every 61st looks at the global queue first. It begins where it stands when Go's main starts (its own
   * start-up goroutines have run by then), so that programs with one P print what Go prints, to the last line.
   */
  schedtick: number = 5;
  /** What it was when time was up last: a slice's, or the event loop's budget. */
  endtick: number = -1;
  /** 1: slices do not end by time (GODEBUG=asyncpreemptoff=1). */
  endless: number = 0;
  /** 0 once sysmon's thread runs; until then POLL: the first poll of every slice comes to the scheduler, which starts it. */
  armed: number = POLL;
  /** The AsyncLocalStorage context the loop is in. */
  als: AsyncResource | undefined | typeof MIXED = undefined;
  /** 1 once a goroutine has had a context of its own: until then there is nothing to compare at a switch. */
  stores: number = 0;
  /** What the running goroutine has changed: {@link CONTEXT}, {@link TRACE}. */
  dirty: number = 0;
  /** The clock at the last look, ms. */
  now: number = 0;
  /** The same in whole ms: what {@link G.since} is set to. */
  nowMs: number = 0;
  /** How long goroutines run before the event loop turns, ms: {@link BUDGET}, less while it brings something. */
  budget: number = BUDGET;
  /** When this event-loop turn's budget runs out. */
  deadline: number = 0;
  /** Time spent in microtask entries of this event-loop turn, ms. */
  spent: number = 0;
  /** The program is over: run nothing more. */
  stopped: number = 0;
  readonly runq: PlainRunQueue = new PlainRunQueue();
  /** The goroutines that have parked and are not dead: see all.ts. Strong. */
  allFirst: G | null = null;
  allLast: G | null = null;
  /** Goroutines alive. */
  count: number = 0;
  nextId: number = 1;
  /** The id that other threads have: more are to be taken when it is reached. */
  lastId: number = -1;
  /** Parallel functions that this thread knows. */
  parallels: number = 0;
  /** 1: parallel functions are in a bundle. */
  bundled: number = 0;
  /** 1: a select has met a shared channel. */
  met: number = 0;
  /** This thread among the others, once there are any. */
  shared: Machine | null = null;
  /** Goroutines of `run` that have not ended. */
  mains: number = 0;
  /** Goroutines of `run` that called goexit: nobody will ever settle them. */
  exited: number = 0;
  /** GOMAXPROCS, or the CPUs there are, until the program sets it. */
  gomaxprocs: number =
    fromEnvironment > 0 && Number.isInteger(fromEnvironment) ? fromEnvironment : availableParallelism();
  /** Bytes, of the program's choice; 0: grow.ts knows. */
  maxStack: number = 0;
  /** Who is told of every switch; null nearly always. */
  tracer: Tracer | null = null;
  /** Who watch every wake-up: the tracer, and each bubble. */
  watched: number = 0;
  /** The bubble whose turn it is. */
  bubble: Bubble | null = null;
  // Counted for stats().
  created: number = 0;
  /** The most goroutines alive at once. */
  maxAlive: number = 0;
  /** Resumptions of goroutines. */
  switches: number = 0;
  preemptions: number = 0;
  turns: number = 0;
  /** Synchronous calls that were marked as system calls. */
  syscalls: number = 0;
  /** Stacks moved to the heap because they were deep, and returned from there. */
  growths: number = 0;
  shrinks: number = 0;
}

export type { Scheduler };
export const S: Scheduler = new Scheduler();

/** The threads and their Ps, as the region they share has them; and what stands next in this thread's own queues. */
import { R } from "../internal/state.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import {
  DEEP,
  DOZE,
  G_NMS,
  G_NPROCS,
  G_QUEUE,
  LOOP,
  M_AWAY,
  M_BASE,
  M_BLOCKING,
  M_HANDOFFS,
  M_P,
  M_PARK,
  M_SIZE,
  M_SPINS,
  M_STATE,
  M_STEALS,
  P_BASE,
  P_HEAD,
  P_NEXT,
  P_OWNER,
  P_SIZE,
  P_TAIL,
  UP,
} from "../shared/layout.ts";
import { X } from "../shared/region.ts";

export interface Threads {
  /** Those that run goroutines; main is one. */
  count: number;
  gomaxprocs: number;
  /** Goroutines in the global queues: main's own, and the one of parallel ones. */
  globalQueue: number;
  /** Of each P; main's own goroutines stand in that of its P. */
  localQueues: number[];
  steals: number;
  handoffs: number;
}

/** A P. */
export interface Proc {
  /** The M that has it; -1: it is idle. */
  m: number;
  /** Parallel goroutines in its queue that have not started, and whether one more runs next. */
  queue: number;
  next: boolean;
}

/** A thread that runs goroutines. */
export interface Machine {
  m: number;
  /** The P it has, or -1. */
  p: number;
  /** "away": in a system call, or a goroutine has locked it. "loop": in its event loop, where something may come. */
  doing: "running" | "away" | "spinning" | "loop" | "asleep";
  /** It is kept for blocking calls. */
  blocking: boolean;
  steals: number;
  handoffs: number;
}

export interface Machines {
  procs: Proc[];
  threads: Machine[];
  /** Parallel goroutines in the global queue. */
  queue: number;
}

const word = (at: number): number => X.I[at >> 2] as number;

/** Main alone, as long as there is no other thread. */
function alone(): Machines {
  const works = R.g !== null || S.runq.hasWork();
  const procs: Proc[] = [];
  for (let p = 0; p < S.gomaxprocs; p++) procs.push({ m: p === 0 && works ? 0 : -1, queue: 0, next: false });
  const doing = works ? "running" : "loop";
  const main: Machine = { m: 0, p: works ? 0 : -1, doing, blocking: false, steals: 0, handoffs: 0 };
  return { procs, threads: [main], queue: 0 };
}

function doingOf(at: number): Machine["doing"] {
  if (word(at + M_AWAY) !== 0) return "away";
  if (word(at + M_SPINS) === 1) return "spinning";
  const park = word(at + M_PARK);
  return park === LOOP ? "loop" : park === DEEP || park === DOZE ? "asleep" : "running";
}

/** Every P and every thread. Read while they change: of one moment only where nothing runs. */
export function machines(): Machines {
  if (X.memory === null) return alone();
  const procs: Proc[] = [];
  for (let p = 0; p < word(G_NPROCS); p++) {
    const at = P_BASE + p * P_SIZE;
    const queue = word(at + P_TAIL) - word(at + P_HEAD);
    procs.push({ m: word(at + P_OWNER) - 1, queue, next: word(at + P_NEXT) !== 0 });
  }
  const threads: Machine[] = [];
  for (let m = 0; m < word(G_NMS); m++) {
    const at = M_BASE + m * M_SIZE;
    if (m !== 0 && word(at + M_STATE) !== UP) continue;
    const [steals, handoffs] = [word(at + M_STEALS), word(at + M_HANDOFFS)];
    const blocking = word(at + M_BLOCKING) === 1;
    threads.push({ m, p: word(at + M_P) - 1, doing: doingOf(at), blocking, steals, handoffs });
  }
  return { procs, threads, queue: word(G_QUEUE) };
}

/** Read while they change: of one moment only where nothing runs. */
export function threads(): Threads {
  const [globalQueue, local] = [S.runq.globalSize(), S.runq.size()];
  if (X.memory === null)
    return { count: 1, gomaxprocs: S.gomaxprocs, globalQueue, localQueues: [local], steals: 0, handoffs: 0 };
  const { procs, threads, queue } = machines();
  const localQueues = procs.map((p) => p.queue + (p.m === 0 ? local : 0));
  // Main runs without a P for the moment.
  if (!procs.some((p) => p.m === 0)) localQueues[0] = (localQueues[0] ?? 0) + local;
  let [steals, handoffs] = [0, 0];
  // Those of threads that have ended, too.
  for (let m = 0; m < word(G_NMS); m++) {
    const at = M_BASE + m * M_SIZE;
    steals += word(at + M_STEALS);
    handoffs += word(at + M_HANDOFFS);
  }
  return {
    count: threads.length,
    gomaxprocs: procs.length,
    globalQueue: globalQueue + queue,
    localQueues,
    steals,
    handoffs,
  };
}

/** The goroutine that runs on this thread; between two, the one that is next; null if there is none. */
export function current(): G | null {
  const { runnext, local, waiting, global } = R.hot;
  return R.g ?? runnext ?? local.first ?? waiting.first ?? global.first;
}

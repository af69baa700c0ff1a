/** The threads and their Ps, as the region they share has them. */
import {
  G_NMS,
  G_NPROCS,
  G_QUEUE,
  M_BASE,
  M_HANDOFFS,
  M_SIZE,
  M_STATE,
  M_STEALS,
  P_BASE,
  P_HEAD,
  P_OWNER,
  P_SIZE,
  P_TAIL,
} from "../shared/layout.ts";
import { X } from "../shared/region.ts";
import { S } from "../scheduler/p.ts";

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

/** Read while they change: of one moment only where nothing runs. */
export function threads(): Threads {
  const [globalQueue, local] = [S.runq.globalSize(), S.runq.size()];
  if (X.memory === null)
    return { count: 1, gomaxprocs: S.gomaxprocs, globalQueue, localQueues: [local], steals: 0, handoffs: 0 };
  const word = (at: number): number => X.I[at >> 2] as number;
  const localQueues: number[] = [];
  const procs = word(G_NPROCS);
  let placed = false;
  for (let p = 0; p < procs; p++) {
    const at = P_BASE + p * P_SIZE;
    const own = word(at + P_OWNER) === 1;
    placed ||= own;
    localQueues.push(word(at + P_TAIL) - word(at + P_HEAD) + (own ? local : 0));
  }
  // Main runs without a P for the moment.
  if (!placed) localQueues[0] = (localQueues[0] ?? 0) + local;
  let [count, steals, handoffs] = [0, 0, 0];
  for (let m = 0; m < word(G_NMS); m++) {
    const at = M_BASE + m * M_SIZE;
    if (m === 0 || word(at + M_STATE) === 1) count++;
    steals += word(at + M_STEALS);
    handoffs += word(at + M_HANDOFFS);
  }
  return {
    count,
    gomaxprocs: procs,
    globalQueue: globalQueue + word(G_QUEUE),
    localQueues,
    steals,
    handoffs,
  };
}

/** The P of this thread: its right to run goroutines, and a queue of parallel ones that have not started. */
import { G_NPROCS, M_BLOCKING, M_P } from "./layout.ts";
import { X } from "./region.ts";

/** Its number; -1: this thread has none. */
export function ownP(): number {
  return (X.I[X.at + (M_P >> 2)] as number) - 1;
}

/** How many there are. */
export function procs(): number {
  return X.I[G_NPROCS >> 2] as number;
}

/** This thread runs blocking calls: without a P, and nothing else. */
export function isBlocking(): boolean {
  return X.I[X.at + (M_BLOCKING >> 2)] === 1;
}

/** What waits in the queue of `own` goes to the global one: its thread is not there for it. */
export function giveQueue(own: number): void {
  const { p } = X;
  for (let r = p.take(own); r !== 0; r = p.take(own)) p.queueChain(r, r, 1);
}

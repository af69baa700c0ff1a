/** How many goroutines wait on each thread, as it last said. What has begun stays where it is, so who has most of them begins no other. */
import { G_NPROCS, M_AWAY, M_BASE, M_LOAD, M_SIZE, P_BASE, P_OWNER, P_SIZE } from "./layout.ts";
import { X } from "./region.ts";

export function tellLoad(n: number): void {
  X.I[X.at + (M_LOAD >> 2)] = n;
}

/** Whether every P has a thread, and on none of them fewer wait than `n`. One that is away runs nothing. */
export function hasLeast(n: number): boolean {
  const { I } = X;
  for (let p = (I[G_NPROCS >> 2] as number) - 1; p >= 0; p--) {
    const owner = I[(P_BASE + p * P_SIZE + P_OWNER) >> 2] as number;
    if (owner === 0) return false;
    const at = M_BASE + (owner - 1) * M_SIZE;
    if ((I[(at + M_LOAD) >> 2] as number) < n && I[(at + M_AWAY) >> 2] === 0) return false;
  }
  return true;
}

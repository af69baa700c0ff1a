/** The one real timer of a thread: it enters the loop when the earliest of the timers in the heap is due. */
import { host, type HostTimer } from "../internal/host.ts";
import { S } from "../scheduler/p.ts";
import { woken } from "../scheduler/wake.ts";
import type { TimerNode } from "./heap.ts";

const real = { timer: null as HostTimer | null, when: 0 };

function fired(): void {
  real.timer = null;
  if (S.stopped === 0 && S.scheduled === 0) woken();
}

/** Makes it fire for `first`, the earliest of ours; null: there is none. Called when the loop is left, and when timers change outside it. */
export function armTimer(first: TimerNode | null): void {
  if (first === null) {
    if (real.timer !== null) {
      host.clearTimer(real.timer);
      real.timer = null;
    }
    return;
  }
  if (real.timer !== null) {
    if (real.when === first.when) return;
    host.clearTimer(real.timer);
  }
  real.when = first.when;
  real.timer = host.setTimer(fired, Math.min(Math.max(1, Math.ceil(first.when - host.now())), 0x7fff_ffff));
}

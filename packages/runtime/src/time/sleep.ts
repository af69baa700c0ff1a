/** sleep: the shortest path through the timer heap. */
import type { Context } from "../context/context.ts";
import { milliseconds } from "../errors/catalogue.ts";
import { watch } from "../scheduler/ctx.ts";
import { VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { SLEEP } from "../scheduler/reason.ts";
import { clockOf, nowOn, type Clock } from "./clock.ts";
import { TimerNode } from "./heap.ts";

/** A goroutine's alarm. */
export class Sleeper extends TimerNode implements Waitable {
  constructor(clock: Clock | null, when: number, g: G) {
    super(clock, when, wakeUp, g);
  }
  cancelWait(): void {
    this.stop();
  }
}

function wakeUp(t: TimerNode): void {
  const g = t.arg as G;
  g.v = undefined;
  g.x = VALUE;
  ready(g);
}

/**
 * Parks the caller for at least `ms` milliseconds. 0 or less returns at once, without yielding. Go: time.Sleep.
 * @param ctx stop sleeping when it ends (throws its error)
 * @throws TypeError GORT_ARGUMENT if `ms` is no number
 */
export function sleep(ms: number, ctx?: Context): void {
  if (!(milliseconds(ms, "sleep") > 0)) return;
  const g = current();
  const clock = clockOf(g);
  const t = new Sleeper(clock, nowOn(clock) + ms, g);
  t.start();
  park(g, SLEEP, t);
  if (ctx !== undefined) watch(g, ctx);
}

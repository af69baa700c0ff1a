/** sleep: the shortest path through the timer heap. */
import type { Context } from "../context/context.ts";
import { milliseconds } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { watch } from "../scheduler/ctx.ts";
import { VALUE, type G, type Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { SLEEP } from "../scheduler/reason.ts";
import { TimerNode, timers } from "./heap.ts";

/** A goroutine's alarm. */
class Sleeper extends TimerNode implements Waitable {
  constructor(when: number, g: G) {
    super(when, wakeUp, g);
  }
  cancelWait(): void {
    timers.remove(this);
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
 */
export function sleep(ms: number, ctx?: Context): void {
  if (!(milliseconds(ms, "sleep") > 0)) return;
  const g = current();
  const t = new Sleeper(host.now() + ms, g);
  timers.add(t);
  park(g, SLEEP, t);
  if (ctx !== undefined) watch(g, ctx);
}

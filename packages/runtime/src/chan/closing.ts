/** What becomes of those who wait for a channel when it is closed. */
import { sendClosed } from "../errors/catalogue.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { ready } from "../scheduler/park.ts";
import { stackOf } from "../scheduler/stack.ts";
import type { Sudog, WaitQ } from "../scheduler/waitq.ts";
import type { Failure } from "./failure.ts";
import { ended } from "./want.ts";

/** Receivers get the end, or what the channel failed with; senders throw. Empties both queues. */
export function wakeAll(recvq: WaitQ, sendq: WaitQ, failure: Failure | null): void {
  // Receivers, then senders, are made ready last first: with runnext the first of them runs first, as in Go.
  const woken: G[] = [];
  for (let w = recvq.shift(); w !== null; w = recvq.shift()) {
    if (w.status > 0) {
      end(w as G, failure);
      woken.push(w as G);
    } else {
      const g = (w as Sudog).fire(failure ?? undefined, false);
      if (g !== null) woken.push(g);
    }
  }
  for (let w = sendq.shift(); w !== null; w = sendq.shift()) {
    if (w.status > 0) {
      const g = w as G;
      g.v = stackOf(sendClosed(), g);
      g.x = THROW;
      woken.push(g);
    } else {
      const g = (w as Sudog).fire(undefined, false);
      if (g !== null) woken.push(g);
    }
  }
  for (let i = woken.length - 1; i >= 0; i--) ready(woken[i] as G);
}

/** The channel was closed under a waiting receiver. */
function end(g: G, failure: Failure | null): void {
  if (failure !== null) {
    g.v = failure.error;
    g.x = THROW;
    return;
  }
  g.v = ended(g.x);
  g.x = VALUE;
}

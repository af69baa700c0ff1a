/** What the steps of the scheduler cost by themselves, on the queues of a running program: nobody else runs meanwhile. */
import { go, gomaxprocs, noPreempt, parallel, sleep, wait } from "gort";
import { R, S, X, type G } from "gort/inspect";
import { choose, now, per, sample } from "./lib/bench.ts";

/** Of a thread's block, its P: shared/layout.ts. */
const M_P = 128;
const N = 2_000_000;
const nothing = parallel((): void => {});

/** Nanoseconds of each of `n` calls; the best of some rounds, because each takes a few ms. */
function each(n: number, f: (n: number) => void): number {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = now();
    noPreempt(() => f(n));
    best = Math.min(best, (now() - start) / n);
  }
  return best;
}

/** A goroutine of this thread: the running one, in the queue and out again. */
function ownQueue(n: number): void {
  const { runq } = S;
  const g = R.g as unknown as G;
  for (let i = 0; i < n; i++) {
    runq.put(g);
    if (runq.get() !== g) throw new Error("somebody else is queued");
  }
}

function ownGlobal(n: number): void {
  const { runq } = S;
  const g = R.g as unknown as G;
  for (let i = 0; i < n; i++) {
    runq.putGlobal(g);
    if (runq.getGlobal() !== g) throw new Error("somebody else is queued");
  }
}

function queues(): void {
  // The region is there, and the other thread asleep.
  gomaxprocs(2);
  go(nothing).join();
  sleep(200);
  const { p } = X;
  const r = p.allocate(0);
  const own = (X.I[X.at + (M_P >> 2)] as number) - 1;
  const other = 1 - own;
  const local = each(N, (n) => {
    for (let i = 0; i < n; i++) {
      p.put(own, r);
      if (p.take(own) !== r) throw new Error("lost");
    }
  });
  sample("local", each(N, ownQueue), "ns");
  sample("local-parallel", local, "ns");
  sample("global", each(N, ownGlobal), "ns");
  sample(
    "global-parallel",
    each(N, (n) => {
      for (let i = 0; i < n; i++) {
        p.queueChain(r, r, 1);
        if (p.queueTake() !== r) throw new Error("lost");
      }
    }),
    "ns",
  );
  // Of one goroutine from the queue of a P that nobody owns; what putting it there costs is taken off.
  const steal = each(N, (n) => {
    for (let i = 0; i < n; i++) {
      p.put(other, r);
      if (p.steal(own, i, false) !== r) throw new Error("lost");
    }
  });
  sample("steal", Math.max(steal - local / 2, 0), "ns");
  p.release(r, 0);
}

/** The loop is left, Node's event loop turns with nothing to come, and the loop is entered again. */
function netpoll(): void {
  const n = 200_000;
  const start = now();
  for (let i = 0; i < n; i++) wait(new Promise(setImmediate));
  per("turn", start, n, "ns");
}

export function main(): void {
  choose({ runq: queues, netpoll });
}

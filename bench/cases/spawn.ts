/** Creating goroutines and waiting for them. */
import { chan, go, WaitGroup } from "gort";
import { choose, now, per } from "./lib/bench.ts";

/** The creator never waits: the queue builds up. */
function batch(): void {
  const N = 1_000_000;
  const wg = new WaitGroup();
  const start = now();
  wg.add(N);
  const done = (): void => wg.done();
  for (let i = 0; i < N; i++) go(done);
  wg.wait();
  per("create+exit", start, N, "ns/goroutine");
}

/** One at a time, joined by a channel. */
function join(): void {
  const N = 300_000;
  const c = chan<number>();
  const start = now();
  for (let i = 0; i < N; i++) {
    go(() => c.send(1));
    c.recv();
  }
  per("create+join", start, N, "ns/goroutine");
}

function fanOut(): void {
  const ROUNDS = 500;
  const start = now();
  for (let r = 0; r < ROUNDS; r++) {
    const wg = new WaitGroup();
    wg.add(1000);
    for (let i = 0; i < 1000; i++) go(() => wg.done());
    wg.wait();
  }
  per("fanout1000", start, ROUNDS * 1000, "us/fanout");
}

export function main(): void {
  choose({ spawn_batch: batch, spawn_join: join, wg_fanout_1000: fanOut });
}

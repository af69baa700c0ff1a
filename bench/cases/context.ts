/** Contexts: ending one with a thousand below it, each of which somebody waits for; and making one and letting go of it. */
import { background, go, gosched, sleep, WaitGroup, withCancel } from "gort";
import { choose, now, per } from "./lib/bench.ts";

function cancelChildren(): void {
  const N = 1000;
  const ROUNDS = 50;
  let total = 0;
  for (let r = 0; r < ROUNDS; r++) {
    const [ctx, cancel] = withCancel(background());
    const wg = new WaitGroup();
    wg.add(N);
    for (let i = 0; i < N; i++) {
      const [child, stop] = withCancel(ctx);
      go(() => {
        child.done().recv();
        stop();
        wg.done();
      });
    }
    gosched();
    sleep(1);
    const start = now();
    cancel();
    wg.wait();
    total += now() - start;
  }
  per("cancel-1000-children", now() - total, ROUNDS * 1000, "us");
}

function makeAndCancel(): void {
  const N = 1_000_000;
  const [parent, cancel] = withCancel(background());
  const start = now();
  for (let i = 0; i < N; i++) withCancel(parent)[1]();
  per("WithCancel+cancel", start, N, "ns/op");
  cancel();
}

export function main(): void {
  choose({ ctx_cancel: cancelChildren, ctx_make: makeAndCancel });
}

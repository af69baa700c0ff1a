/** What goroutines can be doing: runnable, running, or waiting, each for its own reason. */
import { chan, go, gosched, Mutex, noPreempt, select, sleep, stack, stats, wait, WaitGroup } from "gort";

export function main(): void {
  const never = chan<number>();
  const mu = new Mutex();
  mu.lock();
  const wg = new WaitGroup();
  wg.add(1);
  const promise = new Promise<void>(() => {});

  go(() => never.recv());
  go(() => never.send(1)); // meets the one above: both go on and end
  go(() => select({ never }));
  go(() => select());
  go(() => sleep(60_000));
  go(() => mu.lock());
  go(() => wg.wait());
  go(() => wait(promise));
  do gosched();
  while (stats().states["runnable"] !== undefined); // until all of them wait

  // One that is runnable stays so while main is not preempted.
  noPreempt(() => {
    go(() => console.log("never printed: main ends first"));
    // Their headers; `stack(true)` has the whole stacks.
    for (const block of stack(true).split("\n\n")) console.log(block.split("\n")[0]);
    const { goroutines, states } = stats();
    console.log(goroutines, states);
  });
}

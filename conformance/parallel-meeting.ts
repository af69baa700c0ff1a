/** Two goroutines that look for each other without a break: each needs a thread, and whoever ends a turn as they come must see the other. */
import { AtomicInt, go, gomaxprocs, noPreempt, parallel, sleep } from "gort";
import { threadId } from "node:worker_threads";

const where = parallel((): number => threadId);
const meet = parallel((here: AtomicInt): number => {
  here.add(1);
  noPreempt(() => {
    while (here.load() < 2);
  });
  return 1;
});

export function main(): void {
  gomaxprocs(2);
  while (go(where).join() === 0) sleep(1);
  let met = 0;
  for (let round = 0; round < 50; round++) {
    const here = new AtomicInt();
    // Now and then the other thread has just run something, or sleeps.
    if (round % 3 === 0) go(where).join();
    if (round % 5 === 0) sleep(1);
    for (const g of [go(meet, here), go(meet, here)]) met += g.join();
  }
  console.log(met);
}

/** What a goroutine that spins adds to a number is seen by another P, while both run. */
import { AtomicInt, go, gomaxprocs, parallel } from "gort";

const adds = parallel((n: AtomicInt, stop: AtomicInt): number => {
  let added = 0;
  while (stop.load() === 0) {
    n.add(1);
    added++;
  }
  return added;
});

export function main(): void {
  if (gomaxprocs() < 2) gomaxprocs(2);
  const [n, stop] = [new AtomicInt(), new AtomicInt()];
  const g = go(adds, n, stop);
  for (let seen = n.load(), changes = 0; changes < 5;) {
    const now = n.load();
    if (now !== seen) changes++;
    seen = now;
  }
  stop.store(1);
  console.log("all seen", g.join() === n.load());
}

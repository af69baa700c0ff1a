/** Goroutines that one P has queued, more than its queue holds, are all run, once, whoever steals them. The queues themselves: packages/runtime/test/model. */
import { AtomicInt, chan, go, gomaxprocs, parallel, WaitGroup, type Chan } from "gort";

const marks = parallel((n: number, sum: AtomicInt, out: Chan<number>): void => {
  sum.add(n);
  out.send(n);
});

const spawns = parallel((from: number, n: number, sum: AtomicInt, out: Chan<number>): void => {
  for (let i = 0; i < n; i++) go(marks, from + i, sum, out);
});

export function main(): void {
  const MANY = 1000;
  for (const procs of [1, 2, 3, gomaxprocs()]) {
    gomaxprocs(procs);
    const [sum, out, wg] = [new AtomicInt(), chan<number>(4 * MANY), new WaitGroup()];
    for (let k = 0; k < 4; k++) wg.go(spawns, k * MANY, MANY, sum, out);
    wg.wait();
    const seen = new Set<number>();
    for (let i = 0; i < 4 * MANY; i++) seen.add(out.recv()!);
    console.log(seen.size, sum.load(), out.len);
  }
}

/** Mutexes. */
import { go, gosched, Mutex, WaitGroup } from "gort";
import { choose, now, per } from "./lib/bench.ts";

function uncontended(): void {
  const N = 30_000_000;
  const mu = new Mutex();
  let x = 0;
  const start = now();
  for (let i = 0; i < N; i++) {
    mu.lock();
    x++;
    mu.unlock();
  }
  per("lock+unlock", start, x, "ns/op");
}

function contended(goroutines: number, yields: boolean, n: number): void {
  const mu = new Mutex();
  const wg = new WaitGroup();
  wg.add(goroutines);
  let x = 0;
  const start = now();
  for (let i = 0; i < goroutines; i++) {
    go(() => {
      for (let j = 0; j < n / goroutines; j++) {
        mu.lock();
        x++;
        if (yields) gosched();
        mu.unlock();
      }
      wg.done();
    });
  }
  wg.wait();
  per("lock+unlock", start, x, "ns/op");
}

export function main(): void {
  choose({
    mutex_uncontended: uncontended,
    mutex_contended_8g: () => contended(8, false, 5_000_000),
    mutex_contended_8g_yield: () => contended(8, true, 1_000_000),
  });
}

/** Parallel goroutines that have not started are in dumps, and leaks: nothing else says that a test has left them. */
import { chan, go, numGoroutine, parallel, stack, type Chan } from "gort";
import { ignoreCurrent, LeakError, verifyNone } from "gort/testing";

const stuck = parallel((c: Chan<number>): void => {
  c.recv();
});

const ids = (text: string): string[] => [...text.matchAll(/^goroutine (\d+) \[/gm)].map((m) => m[1]!);

export function main(): void {
  const c = chan<number>();
  for (let i = 0; i < 300; i++) go(stuck, c);
  const all = ids(stack(true));
  console.log(numGoroutine(), all.length, new Set(all).size);
  const now = ignoreCurrent();
  try {
    verifyNone({ maxRetryAttempts: 3 });
    console.log("none");
  } catch (e) {
    console.log(e instanceof LeakError && e.goroutines.length);
  }
  verifyNone({ ignoreCurrent: now });
  c.close();
  verifyNone({ maxRetryAttempts: 100 }); // ten seconds
  console.log(ids(stack(true)).length);
}

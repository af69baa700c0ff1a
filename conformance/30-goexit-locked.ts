/** goexit on a goroutine that has locked its thread: its `finally` runs, whoever joins goes on, and so do the others. */
import { chan, go, goexit, lockOSThread, parallel, type Chan } from "gort";

const leaves = parallel((out: Chan<string>): string => {
  lockOSThread();
  try {
    goexit();
  } finally {
    out.send("finally");
  }
});

const works = parallel((n: number): number => n * n);

export function main(): void {
  for (let i = 0; i < 5; i++) {
    const out = chan<string>(1);
    const g = go(leaves, out);
    console.log(out.recv(), g.join());
  }
  let sum = 0;
  for (const g of [1, 2, 3, 4].map((n) => go(works, n))) sum += g.join();
  console.log("sum", sum);
}

/** Two channels that are always ready are chosen equally often. */
import { chan, go, select, sending } from "gort";

const TRIALS = 10_000;

export function main(): void {
  const c1 = chan<number>(TRIALS + 1);
  const c2 = chan<number>(TRIALS + 1);
  for (let i = 0; i <= TRIALS; i++) {
    c1.send(1);
    c2.send(2);
  }
  const c3 = chan<number>();
  const c4 = chan<number>();
  const out = chan<number>();
  const quit = chan<void>();
  go(() => {
    for (;;) {
      const r = select({ c3, c4, c1, c2 });
      if (select({ out: sending(out, r.value!), quit }).case === "quit") return;
    }
  });
  const counts = [0, 0];
  for (let i = 0; i < TRIALS; i++) counts[out.recv()! - 1]!++;
  quit.close();
  // A fair coin stays within this in all but one of a million runs.
  const off = Math.abs(counts[0]! / TRIALS - 0.5);
  const limit = 4.891676 / (2 * Math.sqrt(TRIALS));
  console.log(off < limit ? "fair" : `unfair: ${counts.join(" ")}`);
}

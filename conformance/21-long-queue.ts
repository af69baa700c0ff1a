/**
 * Leaving a long queue costs the same anywhere in it: 20 000 goroutines wait on one channel by select, and each leaves it
 * and comes back five times. A search through the queue would take 10^9 steps, and this program minutes.
 */
import { chan, select, WaitGroup, type Chan } from "gort";

const N = 20_000;
const MESSAGES = 5;

export function main(): void {
  const shared = chan<number>();
  const own: Chan<number>[] = [];
  const wg = new WaitGroup();
  let left = 0;
  for (let i = 0; i < N; i++) {
    const mine = chan<number>();
    own.push(mine);
    wg.go(() => {
      for (let k = 0; k < MESSAGES; k++) if (select({ shared, mine }).case === "mine") left++;
    });
  }
  // From the newest: a queue that is searched is searched to its end.
  for (let k = 0; k < MESSAGES; k++) for (let i = N - 1; i >= 0; i--) own[i]!.send(k);
  wg.wait();
  console.log(`left and came back: ${left}, nobody waits: ${!shared.trySend(1)}`);
}

/** Many goroutines share one channel: what is sent arrives once, after it was sent, whoever gets it. */
import { chan, go, gosched, select, WaitGroup } from "gort";

const N = 5000;
const RECEIVERS = 10;

export function main(): void {
  const c = chan<number>(2);
  const marks = new Uint8Array(N);
  const got = new Uint32Array(RECEIVERS);
  const wg = new WaitGroup();
  let wrong = 0;
  for (let m = 0; m < RECEIVERS; m++) {
    wg.go(() => {
      for (;;) {
        const r = select({ c });
        if (!r.ok) return;
        if (marks[r.value!]!++ !== 1) wrong++;
        got[m]!++;
        if (m % 3 === 0) gosched();
      }
    });
    gosched();
  }
  // Two send, one the even numbers, one the odd ones.
  const senders = [0, 1].map((first) =>
    go(() => {
      for (let n = first; n < N; n += 2) {
        if (marks[n]!++ !== 0) wrong++;
        c.send(n);
      }
    }),
  );
  for (const g of senders) g.join();
  c.close();
  wg.wait();
  const once = marks.every((mark) => mark === 2);
  const all = got.reduce((a, b) => a + b);
  console.log(`wrong ${wrong}, each once ${once}, received ${all}, everybody had some ${got.every((n) => n > 0)}`);
}

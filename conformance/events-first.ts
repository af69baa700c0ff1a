/** What an event starts or wakes runs before goroutines that wait for their next slice, however many compute. */
import { chan, go, stats, WaitGroup } from "gort";

const HOGS = 6;
const GUESTS = 8;

export function main(): void {
  const over = { done: false };
  const hogs = Array.from({ length: HOGS }, () =>
    go(() => {
      let n = 0;
      while (!over.done) n++;
      return n;
    }),
  );
  const most: number[] = [];
  for (let i = 0; i < 5; i++) {
    const slices: number[] = [];
    const wg = new WaitGroup();
    wg.add(GUESTS);
    const woken = chan<number>(1);
    const events = { before: 0 };
    setImmediate(() => {
      events.before = stats().preemptions;
      for (let k = 0; k < GUESTS - 1; k++) {
        go(() => {
          slices.push(stats().preemptions - events.before);
          wg.done();
        });
      }
      woken.trySend(events.before);
    });
    const before = woken.recv()!;
    slices.push(stats().preemptions - before);
    wg.done();
    wg.wait();
    most.push(Math.max(...slices));
  }
  over.done = true;
  for (const hog of hogs) hog.join();
  console.log(`at most one slice of ${HOGS} hogs before any of ${GUESTS}:`, Math.max(...most) <= 1 || most.join());
}

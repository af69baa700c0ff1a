/** A goroutine on another thread than the one that starts it. */
import { chan, type Chan } from "gort";

/** Starts one again and again until it says, by what it sends, that it runs on another thread: the thread is kept busy meanwhile. */
export function elsewhere(start: (ready: Chan<boolean>) => { join(): unknown }): { join(): unknown } {
  for (;;) {
    const ready = chan<boolean>(1);
    const g = start(ready);
    for (const until = performance.now() + 5; performance.now() < until;);
    if (ready.recv() === true) return g;
    g.join();
  }
}

/** A loop that calls nothing and never ends is preempted, on main and on every other thread. */
import { after, AtomicInt, go, gomaxprocs, parallel, sleep } from "gort";

const hog = parallel((stop: AtomicInt): string => {
  for (let n = 0; ; n++) if ((n & 0xffff) === 0 && stop.load() !== 0) return "ended";
});

export function main(): void {
  let stop = false;
  const here = go(() => {
    while (!stop);
    return "ended";
  });
  sleep(1);
  stop = true;
  console.log("here", here.join());
  const flag = new AtomicInt();
  const hogs = [];
  for (let i = 0; i < 2 * gomaxprocs(); i++) hogs.push(go(hog, flag));
  // Timers and events of main beside them.
  for (let i = 0; i < 3; i++) after(1).recv();
  flag.store(1);
  console.log("parallel", new Set(hogs.map((g) => g.join())).size);
}

/**
 * A goroutine that computes does not freeze the others: its slice is 10 ms, then the next one runs. And a goroutine that waits for the
 * outside does not hold anything up: the event loop turns in between.
 */
import { go, sleep, stats } from "gort";

function spin(until: () => boolean): number {
  let turns = 0;
  while (!until()) turns++;
  return turns;
}

export function main(): void {
  let done = false;
  const hogs = [go(() => spin(() => done)), go(() => spin(() => done))];

  let immediates = 0;
  const count = (): void => {
    immediates++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);

  for (let i = 0; i < 5; i++) sleep(1); // each waits for a hog's slice to end
  done = true;
  for (const hog of hogs) hog.join();

  console.log("main woke up 5 times beside two loops that never wait");
  console.log("preempted:", stats().preemptions > 0, "event loop turned:", immediates > 0);
}

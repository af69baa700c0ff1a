/** Waiting until something holds, where a time would be long enough on most machines. */
import { gosched, sleep, stats } from "gort";

/** Lets the others run until all of them wait: also one that is preempted on its way there. */
export function settle(): void {
  do gosched();
  while (stats().states["runnable"] !== undefined);
}

/** Whether it holds, within ten seconds. */
export function until(holds: () => boolean): boolean {
  for (let i = 0; i < 1000 && !holds(); i++) sleep(10);
  return holds();
}

/**
 * Deadlocks. Node says when nothing can happen any more: its event loop has run empty ("beforeExit"; no pending I/O, no
 * ref'd timer or handle; exact, where counting resources lies). If ordinary code still waits for a goroutine then (`run`,
 * `asPromise`), nobody will ever wake it.
 *
 * Goroutines nobody waits for are no deadlock: as in Go, the end of the program ends them.
 */
import { holdLoop } from "./due.ts";
import { fatal } from "./fatal.ts";
import { wake } from "./wake.ts";
import { S } from "./p.ts";

export function checkDeadlock(): void {
  if (S.stopped !== 0) return;
  if (S.shared !== null) {
    // Here "nothing can happen" is said by all threads together.
    if (!S.shared.sleep.emptied()) return;
  } else if (S.runq.hasWork()) {
    wake();
    return;
  }
  if (S.mains + S.exited === 0) return;
  if (holdLoop()) return;
  if (S.count + (S.shared === null ? 0 : S.shared.elsewhere()) === 0) {
    // Go prints this line and nothing else.
    fatal("no goroutines (main called runtime.Goexit) - deadlock!", null);
  }
  fatal("all goroutines are asleep - deadlock!", "GORT_DEADLOCK");
}

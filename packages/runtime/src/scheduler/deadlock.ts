/**
 * Deadlocks. Node says when nothing can happen any more: its event loop has run empty ("beforeExit"; no pending I/O, no
 * ref'd timer or handle; exact, where counting resources lies). If ordinary code still waits for a goroutine then (`run`,
 * `asPromise`), nobody will ever wake it.
 *
 * Goroutines nobody waits for are no deadlock: as in Go, the end of the program ends them.
 */
import { host } from "../internal/host.ts";
import { fatal } from "./fatal.ts";
import { wake } from "./wake.ts";
import { S } from "./p.ts";

/**
 * What Node may do although it does not keep the loop alive for it: signals of `AbortSignal.timeout` that contexts follow, each of which
 * aborts, and channels of the process's signals that somebody waits for. While somebody waits the loop is kept, as it is for a timer of ours.
 */
export const due: { signals: number } = { signals: 0 };
/** Milliseconds. When a signal aborts or comes Node knows by itself; this is how often is asked again. */
const AGAIN = 100;

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
  if (due.signals > 0) {
    host.setTimer(nothing, AGAIN);
    return;
  }
  if (S.count + (S.shared === null ? 0 : S.shared.elsewhere()) === 0) {
    // Go prints this line and nothing else.
    fatal("no goroutines (main called runtime.Goexit) - deadlock!", null);
  }
  fatal("all goroutines are asleep - deadlock!", "GORT_DEADLOCK");
}

function nothing(): void {}

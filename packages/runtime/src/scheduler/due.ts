/**
 * What Node may do although it does not keep the event loop for it: signals of `AbortSignal.timeout` that contexts follow, each of which aborts,
 * and channels of the process's signals that somebody waits for. Where nothing else can happen, a timer that never rings keeps the loop.
 */
import { host, type HostTimer } from "../internal/host.ts";

const due = { count: 0, timer: null as HostTimer | null };
/** The longest there is, ms. */
const NEVER = 0x7fff_ffff;

export function addDue(): void {
  due.count++;
}

/** It has come, or nobody waits for it any more. */
export function dropDue(): void {
  if (--due.count === 0) letGo();
}

/** Keeps the event loop; false if nothing is due. */
export function holdLoop(): boolean {
  if (due.count === 0) return false;
  due.timer ??= host.setTimer(nothing, NEVER);
  return true;
}

/** Nobody outside waits for a goroutine any more, or nothing is due: the program may end. */
export function letGo(): void {
  if (due.timer === null) return;
  host.clearTimer(due.timer);
  due.timer = null;
}

function nothing(): void {}

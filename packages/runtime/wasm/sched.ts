/**
 * Ps and Ms: who may run, who sleeps, who is woken.
 *
 * The one rule against lost wake-ups: a thread says that it is about to sleep (M_PARK) *before* it gives up anything others may
 * claim (its P, its place among the idle), and then looks once more at everything that could have come meanwhile. NOTIFIED is
 * taken back by the thread alone. Whoever wakes a thread counts it as busy before it can run.
 */
import {
  COMES,
  DEEP,
  DOZE,
  G_BUSY,
  G_LOCK,
  G_MIDLE,
  G_NEED_M,
  G_NPIDLE,
  G_NPROCS,
  G_PIDLE,
  G_QUEUE,
  G_SPINNING,
  G_WANT,
  G_WANT_HEAD,
  G_WANT_TAIL,
  LOOP,
  M_AWAY,
  M_BLOCKING,
  M_HANDED,
  M_INBOX,
  M_LOADS,
  M_P,
  M_PARK,
  M_SPINS,
  M_TOLD,
  M_WANT_NEXT,
  M_WANTS,
  NOTIFIED,
  P_LINK,
  P_OWNER,
  RUNNING,
  SPINS,
} from "../src/shared/layout";
import { enterIdle, idleTake, leaveIdle, leaveWanting, pass } from "./idle";
import { lock, ownerNumber, unlock } from "./lock";
import { clear, isEmpty, pAt } from "./runq";
import { mAt, unpark, tell } from "./wake";

/** Gives `m` a P: its own, one handed to it, an idle one. With `want`, it queues for one if there is none. Whether it has one. */
export function acquire(m: i32, want: bool): bool {
  const at = mAt(m);
  if (load<i32>(at + M_P) != 0) return true;
  lock(G_LOCK);
  let p = load<i32>(at + M_HANDED);
  if (p != 0) atomic.store<i32>(at + M_HANDED, 0);
  else p = idleTake(m);
  store<i32>(at + M_P, p);
  if (p != 0) {
    leaveWanting(m);
    leaveIdle(m);
  } else if (want && load<i32>(at + M_WANTS) == 0) {
    // Woken, it still stood there; it is in one list, or two would hand it a P each.
    leaveIdle(m);
    store<i32>(at + M_WANTS, 1);
    store<i32>(at + M_WANT_NEXT, 0);
    const tail = load<i32>(G_WANT_TAIL);
    if (tail == 0) store<i32>(G_WANT_HEAD, m + 1);
    else store<i32>(mAt(tail - 1) + M_WANT_NEXT, m + 1);
    store<i32>(G_WANT_TAIL, m + 1);
    atomic.store<i32>(G_WANT, load<i32>(G_WANT) + 1);
  }
  unlock(G_LOCK);
  return p != 0;
}

/** `m` gives its P to the first that wants one, or up where it is one too many; whether it did. */
export function giveUp(m: i32): bool {
  const at = mAt(m);
  if (load<i32>(at + M_P) == 0) return false;
  lock(G_LOCK);
  const p = load<i32>(at + M_P) - 1;
  const wanted = load<i32>(G_WANT_HEAD) != 0 || p >= atomic.load<i32>(G_NPROCS);
  let other: i32 = 0;
  if (wanted) {
    store<i32>(at + M_P, 0);
    other = pass(p);
  }
  unlock(G_LOCK);
  if (other != 0) unpark(other - 1);
  // As long as it had the P, nobody was woken for what is in its queue.
  if (wanted && anyWork()) wakeOne();
  return wanted;
}

/** Has the owner of some P give it up: `m` waits for one. The thread that was told, number + 1. */
export function demand(m: i32, seed: i32): i32 {
  const n = atomic.load<i32>(G_NPROCS);
  const from = (seed & 0x7fff) % n;
  for (let i: i32 = 0; i < n; i++) {
    const owner = atomic.load<i32>(pAt((from + i) % n) + P_OWNER);
    if (owner != 0 && owner != m + 1) {
      tell(owner - 1);
      return owner;
    }
  }
  return 0;
}

export function spin(m: i32): bool {
  const at = mAt(m);
  const was = load<i32>(at + M_SPINS);
  if (was == SPINS) return true;
  const busy = atomic.load<i32>(G_NPROCS) - atomic.load<i32>(G_NPIDLE);
  if (was == 0 && 2 * atomic.load<i32>(G_SPINNING) >= busy) return false;
  store<i32>(at + M_SPINS, SPINS);
  atomic.add<i32>(G_SPINNING, 1);
  return true;
}

/** `m` has found work, or looks no more; true if it was the last one that looked. */
export function stopSpinning(m: i32): bool {
  const at = mAt(m);
  if (load<i32>(at + M_SPINS) == 0) return false;
  // Another thread may make COMES SPINS.
  const was = atomic.xchg<i32>(at + M_SPINS, 0);
  return was == COMES || atomic.sub<i32>(G_SPINNING, 1) == 1;
}

/** There is new work: wakes a thread for it, if a P is idle and nobody looks for work yet. 2: main is to start a thread. */
export function wakeOne(): i32 {
  if (atomic.load<i32>(G_NPIDLE) == 0 || atomic.load<i32>(G_SPINNING) != 0) return 0;
  if (atomic.cmpxchg<i32>(G_SPINNING, 0, 1) != 0) return 0;
  lock(G_LOCK);
  const idle = load<i32>(G_MIDLE);
  let code: i32 = 0;
  let looks = false;
  if (load<i32>(G_PIDLE) != 0) {
    if (idle != 0) {
      leaveIdle(idle - 1);
      leaveWanting(idle - 1);
      const p = idleTake(idle - 1);
      const at = mAt(idle - 1);
      // What its event loop has brought may compute for long before that calls it: until then others are woken for more.
      const park = atomic.load<i32>(at + M_PARK);
      looks = idle != 1 && (park == DEEP || park == DOZE);
      store<i32>(at + M_SPINS, looks ? SPINS : COMES);
      atomic.store<i32>(at + M_HANDED, p);
      code = 1;
    } else code = 2;
  }
  unlock(G_LOCK);
  if (!looks) atomic.sub<i32>(G_SPINNING, 1);
  if (code == 1) unpark(idle - 1);
  if (code == 2) {
    if (atomic.cmpxchg<i32>(G_NEED_M, 0, 1) != 0) return 0;
    if (ownerNumber() != 1) tell(0);
  }
  return code;
}

/** Says that `m` is about to sleep; 0: it has been told something meanwhile and must not. */
export function beginSleep(m: i32, how: i32): bool {
  const at = mAt(m);
  atomic.store<i32>(at + M_PARK, how);
  const told = atomic.load<i32>(at + M_INBOX) | atomic.load<i32>(at + M_HANDED) | atomic.load<i32>(at + M_TOLD);
  if (told == 0) return true;
  wakeUp(m);
  return false;
}

/**
 * `m`, which has said that it will sleep, gives up its P and is idle. False: there is work after all, and it has a P for it. `leaves`: what there is
 * is left to others, and it comes back by itself.
 */
export function becomeIdle(m: i32, wants: bool, leaves: bool): bool {
  const at = mAt(m);
  lock(G_LOCK);
  const p = load<i32>(at + M_P);
  // Else it begins no parallel goroutines: it runs blocking calls, or loads what one runs, or a goroutine has locked it, or it has enough.
  const busy = load<i32>(at + M_AWAY) + load<i32>(at + M_BLOCKING) + load<i32>(at + M_LOADS);
  const takes = !leaves && busy == 0;
  let other: i32 = 0;
  if (p != 0) {
    if (takes && load<i32>(G_QUEUE) != 0 && p <= atomic.load<i32>(G_NPROCS)) {
      unlock(G_LOCK);
      wakeUp(m);
      return false;
    }
    store<i32>(at + M_P, 0);
    other = pass(p - 1);
  }
  if (!wants) leaveWanting(m);
  if (!wants && takes && load<i32>(at + M_HANDED) == 0) enterIdle(m);
  unlock(G_LOCK);
  if (other != 0) unpark(other - 1);
  stopSpinning(m);
  if (!takes) {
    // What is in its queue is others' to run: as long as it had the P, nobody was woken for that.
    if (p != 0 && anyWork()) wakeOne();
    return true;
  }
  // While it looked for work nobody was woken for what came: it may have come where it did not look any more. Nor was anybody while it had
  // the P, and it may have come to the end of a turn and not looked; nor, while this one was awake, for what others left with a P.
  if (wants || !anyWork() || !acquire(m, false)) return true;
  wakeUp(m);
  // However many look already: it has seen something.
  if (load<i32>(at + M_SPINS) == 0) {
    store<i32>(at + M_SPINS, SPINS);
    atomic.add<i32>(G_SPINNING, 1);
  }
  return false;
}

/** Whether some queue holds something. */
export function anyWork(): bool {
  if (atomic.load<i32>(G_QUEUE) != 0) return true;
  const n = atomic.load<i32>(G_NPROCS);
  for (let p: i32 = 0; p < n; p++) if (!isEmpty(p)) return true;
  return false;
}

/** `m` runs again. True if somebody woke it. */
export function wakeUp(m: i32): bool {
  const at = mAt(m);
  while (true) {
    const was = atomic.load<i32>(at + M_PARK);
    if (atomic.cmpxchg<i32>(at + M_PARK, was, RUNNING) != was) continue;
    // It woke by itself.
    if (was == DEEP) atomic.add<i32>(G_BUSY, 1);
    return was == NOTIFIED;
  }
}

/** From its event loop, which has run empty, `m` goes to deep sleep; 0: somebody woke it; else the Ms busy before it, itself counted. */
export function sleepDeep(m: i32): i32 {
  if (atomic.cmpxchg<i32>(mAt(m) + M_PARK, LOOP, DEEP) != LOOP) return 0;
  return atomic.sub<i32>(G_BUSY, 1);
}

/** Sleeps until somebody wakes this thread: never on main. */
export function sleep(m: i32): void {
  const at = mAt(m) + M_PARK;
  while (atomic.load<i32>(at) == DEEP) atomic.wait<i32>(at, DEEP, -1);
}

/** Sleeps for at most `us` microseconds, or until somebody wakes this thread, which has said DOZE; it runs again. Never on main. */
export function doze(m: i32, us: i32): bool {
  const at = mAt(m) + M_PARK;
  if (atomic.load<i32>(at) == DOZE) atomic.wait<i32>(at, DOZE, <i64>us * 1000);
  return wakeUp(m);
}

/** An idle P goes to the first that wants one; whether both were there. */
function serveWant(): bool {
  lock(G_LOCK);
  const m = load<i32>(G_WANT_HEAD) - 1;
  let p: i32 = 0;
  if (m >= 0) {
    p = idleTake(m);
    if (p != 0) {
      leaveWanting(m);
      atomic.store<i32>(mAt(m) + M_HANDED, p);
    }
  }
  unlock(G_LOCK);
  if (p != 0) unpark(m);
  return p != 0;
}

/** Changes the number of Ps. Those that are no more, if idle, are gone at once; their owners give up the others. */
export function setProcs(n: i32): void {
  lock(G_LOCK);
  const old = atomic.load<i32>(G_NPROCS);
  atomic.store<i32>(G_NPROCS, n);
  // The idle list anew: without those that are gone, with those that have come and nobody owns.
  store<i32>(G_PIDLE, 0);
  let idle: i32 = 0;
  for (let p: i32 = n - 1; p >= 0; p--) {
    const at = pAt(p);
    if (load<i32>(at + P_OWNER) != 0) continue;
    store<i32>(at + P_LINK, load<i32>(G_PIDLE));
    store<i32>(G_PIDLE, p + 1);
    idle++;
  }
  atomic.store<i32>(G_NPIDLE, idle);
  for (let p: i32 = n; p < old; p++) if (load<i32>(pAt(p) + P_OWNER) == 0) clear(p);
  unlock(G_LOCK);
  while (serveWant()) {}
  for (let p: i32 = n; p < old; p++) {
    const owner = atomic.load<i32>(pAt(p) + P_OWNER);
    if (owner != 0 && owner != ownerNumber()) tell(owner - 1);
  }
}

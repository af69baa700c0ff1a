/**
 * System calls: a synchronous native call on this thread, whose P goes to another one at once. Go leaves the P with the thread for 20
 * microseconds, and sysmon takes it away then; giving it up and taking it back costs 0.1 microseconds here, less than any such call.
 */
import { wants } from "../errors/catalogue.ts";
import { own } from "../internal/own.ts";
import { R } from "../internal/state.ts";
import { S } from "../scheduler/p.ts";

/**
 * Runs `f`, a synchronous native call that may take long (`execSync`, `readFileSync`, an addon), here. Meanwhile parallel goroutines run on
 * other threads, with this thread's P; the goroutines of this thread wait. `f` cannot block as goroutines do.
 * Go: entersyscall and exitsyscall.
 * @throws whatever `f` throws; GortError GORT_NO_PREEMPT if it blocks
 */
export function syscall<T>(f: () => T): T {
  if (typeof f !== "function") throw wants("syscall", "a function", f);
  const shared = others();
  S.syscalls++;
  if (shared !== null) shared.absence.begin();
  R.noPreempt++;
  try {
    return f();
  } finally {
    R.noPreempt--;
    if (shared !== null) shared.absence.end();
  }
}

/** Who could run meanwhile; null where there can be no other thread. */
function others(): typeof S.shared {
  return S.bundled === 0 ? S.shared : null;
}

/** What compiled code calls in place of a native function that is known to take long: `f.call(self, ...args)`. */
function nativeCall(f: Function, self: unknown, ...args: unknown[]): unknown {
  const shared = others();
  S.syscalls++;
  if (shared === null) return Reflect.apply(f, self, args);
  shared.absence.begin();
  try {
    return Reflect.apply(f, self, args);
  } finally {
    shared.absence.end();
  }
}

R.syscall = own(nativeCall);

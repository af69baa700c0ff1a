/** What a goroutine's `status` and `x` say: whether it runs or waits, and for what; how a wait has ended. */

// Status: the low four bits. Go's numbers, of which some are never needed; the running one is R.g, and RUNNABLE.
export const RUNNABLE = 1;
export const WAITING = 4;
export const DEAD = 6;
export const STATUS = 0b1111;

// Flags: kept over changes of status.
/** Somebody holds the handle: an exception waits for `join`. */
export const KEPT = 0b1_0000;
/** Entered from a promise, timer or event: never preempted. */
export const CALLBACK = 0b10_0000;
/** Its end ends the program. */
export const MAIN = 0b100_0000;
/** It has parked once: it is in the list of all goroutines. */
export const LISTED = 0b1000_0000;
/** Nobody has been given the handle: if it ends without having parked, nothing knows it, and it is another goroutine next. */
export const LOOSE = 0b1_0000_0000;
/** It has been preempted: what its frames saved may be old to the collector (frames.ts). */
export const PREEMPTED = 0b10_0000_0000;
export const FLAGS = 0b11_1111_0000;

/** The wait reason stands above the flags. */
export const REASON_SHIFT = 10;

// Values of `x`.
/** `v` is a value. */
export const VALUE = 0;
/** `v` is an exception. */
export const THROW = 1;
/** `x` >= FRESH: not started. The function takes nothing, `w`, or the elements of `w`. */
export const FRESH = 2;
export const FRESH_ONE = 3;
export const FRESH_MANY = 4;

/** Shared whole numbers of 53 bits, in the word at O_VALUE. */
import { O_VALUE } from "../src/shared/layout";

/** The largest whole number that a double holds exactly. */
const LARGEST: i64 = 9007199254740991;

export function numberLoad(o: i32): f64 {
  return <f64>atomic.load<i64>(o + O_VALUE);
}

export function numberSwap(o: i32, n: f64): f64 {
  return <f64>atomic.xchg<i64>(o + O_VALUE, <i64>n);
}

export function numberCompareAndSwap(o: i32, old: f64, n: f64): bool {
  return atomic.cmpxchg<i64>(o + O_VALUE, <i64>old, <i64>n) == <i64>old;
}

/** Adds; the new value, or NaN where it would be too large, and nothing is added. */
export function numberAdd(o: i32, n: f64): f64 {
  while (true) {
    const old = atomic.load<i64>(o + O_VALUE);
    const sum = old + <i64>n;
    if (sum > LARGEST || sum < -LARGEST) return NaN;
    if (atomic.cmpxchg<i64>(o + O_VALUE, old, sum) == old) return <f64>sum;
  }
}

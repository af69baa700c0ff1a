/** For-of over a map of 400, a call in each round. */
import { step } from "./step.ts";

const map = new Map(Array.from({ length: 400 }, (_, i) => [i, i]));

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 300; i++) {
    for (const [k, v] of map) sum = (sum + step(k) + v) | 0;
  }
  return sum;
}

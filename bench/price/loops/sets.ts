/** For-of over a set of 400, a call in each round. */
import { step } from "./step.ts";

const set = new Set(Array.from({ length: 400 }, (_, i) => i));

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 300; i++) {
    for (const x of set) sum = (sum + step(x)) | 0;
  }
  return sum;
}

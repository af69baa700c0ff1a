/** For-in over an object of 5 keys, a call in each round. */
import { step } from "./step.ts";

const object: Record<string, number> = { a: 1, b: 2, c: 3, d: 4, e: 5 };

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 30000; i++) {
    for (const key in object) sum = (sum + step(object[key]!)) | 0;
  }
  return sum;
}

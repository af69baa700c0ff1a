/** For-in over an object of 40 keys, a call in each round. */
import { step } from "./step.ts";

const object: Record<string, number> = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i]));

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 500; i++) {
    for (const key in object) sum = (sum + step(object[key]!)) | 0;
  }
  return sum;
}

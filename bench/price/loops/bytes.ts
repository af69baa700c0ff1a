/** For-of over a typed array of 800, a call in each round. */
import { step } from "./step.ts";

const bytes = new Uint8Array(800).fill(3);

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 300; i++) {
    for (const x of bytes) sum = (sum + step(x)) | 0;
  }
  return sum;
}

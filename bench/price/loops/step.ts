/** What is called in each round: small, and may be suspended. */
let seen = 0;

export function step(x: number): number {
  seen = (seen + x) | 0;
  for (let i = 0; i < (x & 1); i++) seen++;
  return x & 7;
}

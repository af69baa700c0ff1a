/** A loop of one instruction: where a poll costs most. */
export function work(): number {
  let x = 0;
  for (let i = 0; i < 30_000_000; i++) x = (x + i) | 0;
  return x;
}

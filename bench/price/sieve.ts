/** Loops over a typed array, without calls. */
export function work(): number {
  const n = 2_000_000;
  const composite = new Uint8Array(n + 1);
  let count = 0;
  for (let i = 2; i <= n; i++) {
    if (composite[i] === 1) continue;
    count++;
    for (let j = i * 2; j <= n; j += i) composite[j] = 1;
  }
  return count;
}

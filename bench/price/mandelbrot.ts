/** Floating point in a tight inner loop. */
export function work(): number {
  const size = 400;
  let sum = 0;
  for (let y = 0; y < size; y++) {
    const ci = (2 * y) / size - 1;
    for (let x = 0; x < size; x++) {
      const cr = (2 * x) / size - 1.5;
      let zr = 0;
      let zi = 0;
      let i = 0;
      while (i < 50 && zr * zr + zi * zi <= 4) {
        const t = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = t;
        i++;
      }
      sum += i;
    }
  }
  return sum;
}

/** Nested loops over arrays of arrays, through small functions. */
function make(n: number, seed: number): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < n; i++) {
    const row: number[] = [];
    for (let j = 0; j < n; j++) row.push(((i * 7 + j * 3 + seed) % 11) - 5.5);
    rows.push(row);
  }
  return rows;
}

function dot(a: number[], b: number[][], j: number): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]![j]!;
  return sum;
}

export function work(): number {
  const n = 160;
  const a = make(n, 1);
  const b = make(n, 2);
  let trace = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) trace += dot(a[i]!, b, j) * (i === j ? 1 : 0.001);
  return Math.round(trace);
}

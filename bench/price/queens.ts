/** Backtracking: recursion with loops and arrays. */
function place(row: number, n: number, columns: boolean[], up: boolean[], down: boolean[]): number {
  if (row === n) return 1;
  let found = 0;
  for (let c = 0; c < n; c++) {
    if (columns[c] || up[row + c] || down[row - c + n]) continue;
    columns[c] = up[row + c] = down[row - c + n] = true;
    found += place(row + 1, n, columns, up, down);
    columns[c] = up[row + c] = down[row - c + n] = false;
  }
  return found;
}

export function work(): number {
  const n = 11;
  const no = (k: number): boolean[] => new Array<boolean>(k).fill(false);
  return place(0, n, no(n), no(2 * n), no(2 * n + 1));
}

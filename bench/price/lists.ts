/** Linked lists that are compared and made shorter: recursion, and little else. */
class Cell {
  readonly rest: Cell | null;
  constructor(rest: Cell | null) {
    this.rest = rest;
  }
}

function list(length: number): Cell | null {
  return length === 0 ? null : new Cell(list(length - 1));
}

function length(of: Cell | null): number {
  return of === null ? 0 : 1 + length(of.rest);
}

function isShorter(x: Cell | null, y: Cell | null): boolean {
  let a = x;
  let b = y;
  while (b !== null) {
    if (a === null) return true;
    a = a.rest;
    b = b.rest;
  }
  return false;
}

function tail(x: Cell | null, y: Cell | null, z: Cell | null): Cell | null {
  return isShorter(y, x) ? tail(tail(x!.rest, y, z), tail(y?.rest ?? null, z, x), tail(z?.rest ?? null, x, y)) : z;
}

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 150; i++) sum += length(tail(list(15), list(10), list(6)));
  return sum;
}

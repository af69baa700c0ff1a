/** Closures made, kept and called; captured variables that change. */
type Op = (x: number) => number;

const add =
  (n: number): Op =>
  (x) =>
    (x + n) | 0;
const multiply =
  (n: number): Op =>
  (x) =>
    Math.imul(x, n);

function compose(ops: Op[]): Op {
  let f: Op = (x) => x;
  for (const op of ops) {
    const inner = f;
    f = (x) => op(inner(x));
  }
  return f;
}

function counter(): () => number {
  let n = 0;
  return () => ++n;
}

function each(n: number, f: (i: number) => void): void {
  for (let i = 0; i < n; i++) f(i);
}

export function work(): number {
  const ops: Op[] = [];
  for (let i = 0; i < 10; i++) ops.push(i % 2 ? add(i) : multiply(i * 2 + 1));
  const f = compose(ops);
  const next = counter();
  let x = 1;
  each(200_000, (i) => {
    x = f(x ^ i);
    if (i % 3 === 0) x += next();
  });
  return x;
}

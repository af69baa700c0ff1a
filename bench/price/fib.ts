/** Recursion and nothing else. */
function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

export function work(): number {
  return fib(30);
}

/**
 * Ours alone: a goroutine that would block below a function that cannot be suspended gets an error, its wait is undone, no
 * value is lost, and the program goes on. `call`, `apply` and `bind` are no such functions, nor are natives that have a
 * compiled version, unless they are bound.
 */
import { type Chan, chan, go, noPreempt, sleep, wait } from "gort";

function attempt(name: string, f: () => unknown): void {
  try {
    console.log(name, f());
  } catch (e) {
    console.log(name, (e as { code?: string }).code ?? String(e));
  }
}

class Lazy {
  private readonly ch: Chan<number>;
  constructor(ch: Chan<number>) {
    this.ch = ch;
  }
  get value(): number | undefined {
    return this.ch.recv();
  }
}

export function main(): void {
  const empty = chan<number>();
  const { forEach, map } = Array.prototype;
  attempt("a bound forEach", () => forEach.bind([1, 2])(() => empty.recv()));
  attempt("a bound map", () => map.bind([1])(() => empty.recv() as never));
  attempt("JSON.parse", () => JSON.parse("[1]", () => empty.recv()));
  attempt("JSON.stringify", () => JSON.stringify([1], () => empty.recv()));
  attempt("a lazy iterator", () => new Set([1].values().map(() => empty.recv())));
  attempt("getter", () => new Lazy(empty).value);
  attempt("new Promise", () => wait(new Promise(() => empty.recv())));
  attempt("noPreempt", () => noPreempt(() => sleep(1)));
  attempt("call", () =>
    ((a: number): number => {
      sleep(1);
      return a;
    }).call(null, 1),
  );
  attempt("apply", () =>
    ((a: number): number => {
      sleep(1);
      return a;
    }).apply(null, [2]),
  );
  const bound = ((a: number): number => {
    sleep(1);
    return a;
  }).bind(null, 3);
  attempt("bind", bound);
  go(() => empty.send(42));
  console.log("nobody took the value before:", empty.recv());
}

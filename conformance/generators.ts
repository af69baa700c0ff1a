/**
 * Ours alone: a generator hands out values in between, so nothing in it can block: an error says where. What it calls without
 * blocking, and a channel in `for await`, are as everywhere.
 */
import { type Chan, chan, go, sleep, wait } from "gort";

function attempt(name: string, f: () => unknown): void {
  let result: string;
  try {
    const value = f();
    result = `went on with ${String(value instanceof Promise ? wait(value) : value)}`;
  } catch (e) {
    const { code, message } = e as Error & { code?: string };
    const [, what, line] = /suspended: (.*?) at [^(]*\(.*?:(\d+:\d+)\)/.exec(message) ?? [];
    result = `${code} ${what === undefined ? (/below [^;]*|called by \w+/.exec(message)?.[0] ?? message) : `${what} ${line}`}`;
  }
  console.log(`${name}: ${result}`);
}

const take = (ch: Chan<number>): number => ch.recv()!;

function* taking(ch: Chan<number>): Generator<number> {
  try {
    yield take(ch);
  } finally {
    console.log("closed");
  }
}

function* itself(ch: Chan<number>): Generator<number | undefined> {
  yield ch.recv();
}

async function* later(ch: Chan<number>): AsyncGenerator<number> {
  yield take(ch);
}

async function* muchLater(ch: Chan<number>): AsyncGenerator<number> {
  await Promise.resolve();
  yield take(ch);
}

async function* doubled(ch: Chan<number>): AsyncGenerator<number> {
  for await (const v of ch) yield v * 2;
}

async function all<T>(items: AsyncIterable<T>): Promise<string> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out.join(" ");
}

export function main(): void {
  const empty = chan<number>();
  attempt("spread", () => [...taking(empty)]);
  attempt("for of", () => {
    for (const x of taking(empty)) return x;
    return 0;
  });
  attempt("next", () => taking(empty).next().value);
  attempt("in the body itself", () => itself(empty).next().value);
  attempt("delegated", () => {
    function* outer(): Generator<number> {
      yield* taking(empty);
    }
    return outer().next().value;
  });
  attempt("async", () => all(later(empty)));
  attempt("async, behind an await", () => all(muchLater(empty)));
  go(() => empty.send(42));
  console.log("nobody took the value before:", empty.recv());

  const full = chan<number>(3);
  for (let i = 1; i <= 3; i++) full.send(i);
  attempt("what need not wait", () => [...taking(full), ...taking(full)]);
  attempt("async, what need not wait", () => all(later(full)));
  const ch = chan<number>();
  go(() => {
    for (let i = 1; i <= 3; i++) {
      sleep(1);
      ch.send(i);
    }
    ch.close();
  });
  attempt("for await over a channel", () => all(doubled(ch)));
}

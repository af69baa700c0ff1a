/** `for … of` over iterators of one's own: `next` may block, and leaving the loop closes them as the language says. */
import { chan, go, gosched, Mutex, sleep, type Chan } from "gort";

/** Numbers that come from another goroutine. */
class Rows implements Iterable<number> {
  readonly #rows: Chan<number> = chan<number>();
  closed: number = 0;

  constructor(n: number) {
    go(() => {
      for (let i = 0; i < n; i++) this.#rows.send(i);
      this.#rows.close();
    });
  }

  [Symbol.iterator](): Iterator<number> {
    return {
      next: () => {
        const [value, ok] = this.#rows.recvOk();
        return ok ? { done: false, value } : { done: true, value: undefined };
      },
      return: () => {
        this.closed++;
        return { done: true, value: undefined };
      },
    };
  }
}

/** An iterable whose iterator has `next` alone. */
function steps(next: () => unknown): Iterable<unknown> {
  return { [Symbol.iterator]: () => ({ next }) as unknown as Iterator<unknown> };
}

function attempt(name: string, f: () => unknown): void {
  try {
    console.log(name, f());
  } catch (e) {
    const { code, message } = e as Error & { code?: string };
    console.log(name, "throws", code ?? message);
  }
}

export function main(): void {
  attempt("to the end", () => {
    const rows = new Rows(4);
    let sum = 0;
    for (const v of rows) {
      gosched();
      sum += v;
    }
    return [sum, rows.closed];
  });
  attempt("break", () => {
    const rows = new Rows(4);
    for (const v of rows) if (v === 1) break;
    return rows.closed;
  });
  attempt("return", () => {
    for (const v of new Rows(4)) if (v === 2) return v;
    return "not";
  });
  attempt("throw", () => {
    const rows = new Rows(4);
    try {
      for (const v of rows) throw new Error(`at ${v}`);
    } catch (e) {
      return [(e as Error).message, rows.closed];
    }
    return "not";
  });
  attempt("continue of an outer one", () => {
    let seen = "";
    const outer = new Rows(3);
    next: for (const a of outer)
      for (const b of new Rows(3)) {
        seen += `${a}${b} `;
        if (b === 1) continue next;
      }
    return seen + outer.closed;
  });
  attempt("next throws", () => {
    let closed = 0;
    const iterator = {
      next: (): IteratorResult<number> => {
        gosched();
        throw new Error("in next");
      },
      return: () => {
        closed++;
        return { done: true, value: 0 };
      },
    };
    try {
      for (const v of { [Symbol.iterator]: () => iterator as Iterator<number> }) console.log(v);
    } catch (e) {
      return [(e as Error).message, closed];
    }
    return "not";
  });
  attempt("a lock in next", () => {
    const mu = new Mutex();
    let n = 0;
    mu.lock();
    go(() => {
      sleep(1);
      mu.unlock();
    });
    const counted = steps(() => {
      using _ = mu.lock();
      return { done: n++ === 3 };
    });
    for (const _ of counted) gosched();
    return n;
  });
  attempt("no object", () => {
    for (const _ of steps(() => (gosched(), 5))) return "not";
    return "not";
  });
  attempt("a bound receive", () => {
    const results = chan<IteratorResult<string>>();
    go(() => {
      results.send({ done: false, value: "a" });
      results.send({ done: true, value: undefined });
    });
    let seen = "";
    for (const v of steps(results.recv.bind(results))) seen += String(v);
    return seen;
  });
  attempt("a proxy", () => {
    for (const _ of steps(new Proxy(() => (sleep(1), { done: true }), {}))) return "not";
    return "not";
  });
  attempt("a generator over it", () => {
    const late = new Rows(2);
    function* twice(): Generator<number> {
      for (const v of late) yield 2 * v;
    }
    for (const _ of twice()) return "not";
    return "not";
  });
  attempt("a pattern", () => {
    const [a] = new Rows(2);
    return a;
  });
}

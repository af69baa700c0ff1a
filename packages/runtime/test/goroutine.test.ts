import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test, vi } from "vitest";
import { callerFrame, seq, settle, times } from "./frames.ts";
import {
  chan,
  go,
  goexit,
  gosched,
  GortError,
  numGoroutine,
  run,
  sleep,
  stats,
  wait,
  WaitGroup,
} from "../src/index.ts";
import { host } from "../src/internal/host.ts";
import { R } from "../src/internal/state.ts";
import { attach, detach, type Tracer } from "../src/scheduler/tracer.ts";

test("run resolves with what main returns, and rejects with what it throws", async () => {
  await expect(run(() => 42)).resolves.toBe(42);
  await expect(run((a: number, b: number, c: number, d: number) => a + b + c + d, 1, 2, 3, 4)).resolves.toBe(10);
  await expect(
    run(() => {
      throw new RangeError("no");
    }),
  ).rejects.toThrow("no");
});

test("what is started last runs first, the others in order", async () => {
  const log: number[] = [];
  await run(
    seq(
      () => {
        for (let i = 0; i < 5; i++) go(() => void log.push(i));
      },
      ...times(10, gosched),
    ),
  );
  expect(log).toEqual([4, 0, 1, 2, 3]);
});

test("gosched takes turns", async () => {
  const log: string[] = [];
  const worker = (name: string): (() => unknown) =>
    seq(...[0, 1, 2].flatMap((i) => [() => void log.push(name + i), gosched]));
  await run(
    seq(
      () => {
        go(worker("a"));
        go(worker("b"));
      },
      ...times(10, gosched),
    ),
  );
  expect(log).toEqual(["b0", "a0", "b1", "a1", "b2", "a2"]);
});

test("join gives the result, also of a goroutine that has ended", async () => {
  const join = (g: { join(): unknown }): unknown => g.join();
  await expect(run(seq(() => go(seq(gosched, () => 7)), join))).resolves.toBe(7);
  const g = await run(() => go(() => 5));
  await expect(g.asPromise()).resolves.toBe(5);
  expect(g.join()).toBe(5);
});

test("an exception waits for join, and for asPromise", async () => {
  const boom = (): never => {
    throw new Error("boom");
  };
  await expect(
    run(
      seq(
        () => go(boom),
        (g: { join(): void }) => g.join(),
      ),
    ),
  ).rejects.toThrow("boom");
  await expect(run(() => go(boom)).then((g) => g.asPromise())).rejects.toThrow("boom");
});

test("wait parks until a promise settles", async () => {
  await expect(run(() => wait(Promise.resolve(3)))).resolves.toBe(3);
  await expect(run(() => wait(Promise.reject(new Error("late"))))).rejects.toThrow("late");
  await expect(run(() => wait(new Promise((r) => setTimeout(r, 2, "t"))))).resolves.toBe("t");
  const thenable = Object.fromEntries([["then", (f: (v: number) => void) => f(8)]]) as unknown as PromiseLike<number>;
  await expect(run(() => wait(thenable))).resolves.toBe(8);
  await expect(run(() => wait(5))).resolves.toBe(5);
});

test("sleep lasts as long as it says; 0 and less return at once", async () => {
  const start = performance.now();
  await run(
    seq(
      () => sleep(0),
      () => sleep(-1),
      () => sleep(15),
    ),
  );
  const took = performance.now() - start;
  expect(took).toBeGreaterThanOrEqual(14.5);
});

test("goexit ends a goroutine without an error", async () => {
  const g = await run(() => go(() => goexit()));
  await expect(g.asPromise()).resolves.toBe(undefined);
});

test("a goroutine's frames are resumed innermost first, exceptions too", async () => {
  const log: unknown[] = [];
  await run(() => {
    sleep(1);
    R.tail = R.tail.next = callerFrame("inner", "2:2", (v, x) => {
      log.push(["inner", v, x]);
      throw new Error("from inner");
    });
    R.tail = R.tail.next = callerFrame("outer", "3:3", (v, x) => {
      log.push(["outer", (v as Error).message, x]);
      return "caught";
    });
    R.tail = R.tail.next = callerFrame("base", "4:4", (v, x) => void log.push(["base", v, x]));
  });
  expect(log).toEqual([
    ["inner", undefined, 0],
    ["outer", "from inner", 1],
    ["base", "caught", 0],
  ]);
});

test("an error gets the callers that are on the heap", async () => {
  const e = await run(() => {
    sleep(1);
    R.tail = R.tail.next = callerFrame("leaf", "2:2", () => {
      throw new Error("deep");
    });
    R.tail = R.tail.next = callerFrame("middle", "30:3", (v) => {
      throw v;
    });
    R.tail = R.tail.next = callerFrame("main", "40:4", (v) => {
      throw v;
    });
  }).catch((e: Error) => e);
  const stack = (e as Error).stack as string;
  expect(stack).toContain("Error: deep");
  expect(stack).toContain("at middle (/app.ts:30:3)\n    at main (/app.ts:40:4)");
  expect(stack).not.toContain("execute");
});

test("a forced suspension is resumed at once", async () => {
  const log: string[] = [];
  await run(() => {
    go(() => void log.push("other"));
    R.u = 3;
    R.fv = "value";
    R.tail = R.tail.next = callerFrame("main", "1:1", (v) => void log.push(String(v)));
  });
  await run(settle);
  expect(log).toEqual(["value", "other"]);
});

test("blocking outside a goroutine says what to do", () => {
  expect(() => gosched()).toThrow(GortError);
  // This file is not compiled.
  expect(() => gosched()).toThrow(/is not compiled .* `await run\(f, x\)`/);
  R.modules = 0;
  try {
    expect(() => go(() => {})).toThrow(/npx gort run/);
  } finally {
    R.modules = 1;
  }
});

test("a goroutine that nobody knows is used again, and is another one: number, creator, context", async () => {
  const als = new AsyncLocalStorage<string>();
  const seen: { g: unknown; id: number; store: string | undefined; site: string | null }[] = [];
  const ended = chan<never>();
  const look = (): void => {
    const { g } = R;
    seen.push({ g, id: g!.id, store: als.getStore(), site: g!.site });
  };
  await run(
    seq(
      () => als.run("first", () => R.goAt("one\na.ts:1:1", look)),
      settle,
      () => R.goAt("two\nb.ts:2:2", look),
      settle,
      // One that has parked may be known somewhere.
      () =>
        R.goAt(
          "three\nc.ts:3:3",
          seq(
            look,
            settle,
            () => sleep(1),
            () => ended.close(),
          ),
        ),
      () => ended.recv(),
      () => R.goAt("four\nd.ts:4:4", look),
      settle,
    ),
  );
  const [one, two, three, four] = seen;
  expect(two!.g).toBe(one!.g);
  expect(two!.id).toBe(one!.id + 1);
  expect([one!.store, two!.store]).toEqual(["first", undefined]);
  expect([one!.site, two!.site]).toEqual(["one\na.ts:1:1", "two\nb.ts:2:2"]);
  expect(four!.g).not.toBe(three!.g);
  expect(numGoroutine()).toBe(0);
});

test("a thousand goroutines come and go", async () => {
  const before = stats();
  const wg = new WaitGroup();
  let n = 0;
  await run(
    seq(
      () => {
        wg.add(1000);
        for (let i = 0; i < 1000; i++) {
          go(
            seq(gosched, () => {
              n++;
              wg.done();
            }),
          );
        }
        expect(numGoroutine()).toBeGreaterThanOrEqual(1001);
      },
      () => wg.wait(),
    ),
  );
  expect(n).toBe(1000);
  expect(numGoroutine()).toBe(0);
  expect(stats().created - before.created).toBe(1001);
  expect(stats().maxAlive).toBeGreaterThanOrEqual(1001);
});

test("goroutines go on where a test has put its own immediates in place of the engine's", async () => {
  vi.useFakeTimers({ toFake: ["setImmediate"] });
  try {
    // Longer in all than the event loop is kept waiting: it turns in between.
    const busy = (): unknown => {
      for (const until = performance.now() + 0.3; performance.now() < until;);
      return gosched();
    };
    const { turns } = stats();
    await run(seq(...times(200, busy)));
    expect(stats().turns).toBeGreaterThan(turns + 1);
  } finally {
    vi.useRealTimers();
  }
});

test("a tracer is told of each stop once, also where another one has just been taken off", async () => {
  const told: string[] = [];
  const silent = (): void => {};
  const tracer = (name: string): Tracer => ({
    created: silent,
    started: () => void told.push(`${name} started`),
    stopped: () => void told.push(`${name} stopped`),
    ended: silent,
    readied: silent,
    relabelled: silent,
    entered: silent,
    left: silent,
    taskBegun: silent,
    taskEnded: silent,
    regionBegun: silent,
    regionEnded: silent,
    logged: silent,
  });
  const [a, b] = [tracer("a"), tracer("b")];
  const change = (): unknown => {
    detach(a);
    attach(b);
    return gosched();
  };
  await run(
    seq(
      () => attach(a),
      gosched,
      gosched,
      change,
      () => detach(b),
    ),
  );
  expect(told).toEqual(["a stopped", "a started", "a stopped", "a started", "b stopped", "b started"]);
});

test("how much the event loop has brought is known also where a test has put another clock in its place", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    expect(host.events()).toBeGreaterThan(0);
  } finally {
    vi.useRealTimers();
  }
});

test("while the event loop brings something it turns every 2 ms, else every 10", async () => {
  const { now, events } = host;
  let [at, brought] = [now(), 0];
  host.now = () => (at += 0.2);
  const turns = async (more: number): Promise<number> => {
    host.events = () => (brought += more);
    const before = stats().turns;
    await run(seq(...times(40_000, () => gosched())));
    return stats().turns - before;
  };
  try {
    const [calm, busy, again] = [await turns(0), await turns(1), await turns(0)];
    expect(busy).toBeGreaterThan(3 * calm);
    expect(again).toBeLessThan(busy / 2);
  } finally {
    Object.assign(host, { now, events });
  }
});

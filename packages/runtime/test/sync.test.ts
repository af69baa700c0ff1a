import { afterEach, expect, test } from "vitest";
import { seq, settle } from "./frames.ts";
import {
  AtomicInt,
  Cond,
  go,
  gosched,
  Mutex,
  Once,
  onceFunc,
  onceValue,
  run,
  RWMutex,
  sleep,
  WaitGroup,
} from "../src/index.ts";
import { host } from "../src/internal/host.ts";
import { S } from "../src/scheduler/p.ts";

const { exit, stderr } = host;
afterEach(() => {
  host.exit = exit;
  host.stderr = stderr;
  S.stopped = 0;
});

/** What a fatal error prints. */
function fatalText(f: () => void): string {
  let text = "";
  host.stderr = (s) => void (text += s);
  host.exit = (status) => void (text += `exit status ${status}`);
  expect(f).toThrow("fatal error");
  return text;
}

/** Starts five goroutines, each parked before the next begins. */
const five = (make: (i: number) => () => unknown): (() => unknown)[] =>
  [0, 1, 2, 3, 4].flatMap((i) => [() => void go(make(i)), settle]);

test("mutex: five waiters, first come first served", async () => {
  const m = new Mutex();
  const log: number[] = [];
  m.lock();
  await run(
    seq(
      ...five((i) =>
        seq(
          () => m.lock(),
          (d: unknown) => (expect(d).toBe(m), log.push(i)),
          () => m.unlock(),
        ),
      ),
      settle,
      () => m.unlock(),
      settle,
    ),
  );
  expect(log).toEqual([0, 1, 2, 3, 4]);
  expect(m.tryLock()).toBe(true);
  expect(m.tryLock()).toBe(false);
});

test("mutex: a waiter is not starved by a goroutine that locks again and again", async () => {
  const m = new Mutex();
  let got = false;
  const hog = (): unknown => {
    const steps: (() => unknown)[] = [];
    for (let i = 0; i < 200; i++) {
      steps.push(
        () => m.lock(),
        () => {
          const until = performance.now() + 0.2;
          while (performance.now() < until) Math.random();
        },
        () => m.unlock(),
      );
    }
    return seq(...steps)();
  };
  await run(
    seq(
      () => m.lock(),
      () =>
        void go(
          seq(
            () => m.lock(),
            () => void (got = true),
            () => m.unlock(),
          ),
        ),
      settle,
      () => m.unlock(),
      hog,
      settle,
    ),
  );
  expect(got).toBe(true);
});

test("misuse is fatal, in Go's words", () => {
  expect(fatalText(() => new Mutex().unlock())).toBe(
    "fatal error: sync: unlock of unlocked mutex\n\ncode GORT_UNLOCK: npx gort explain GORT_UNLOCK\nexit status 2",
  );
  S.stopped = 0;
  expect(fatalText(() => new RWMutex().unlock())).toContain("fatal error: sync: Unlock of unlocked RWMutex");
  S.stopped = 0;
  expect(fatalText(() => new RWMutex().rUnlock())).toContain("fatal error: sync: RUnlock of unlocked RWMutex");
  expect(() => new WaitGroup().done()).toThrow("sync: negative WaitGroup counter");
});

test("rwmutex: readers together, in Go's order; a waiting writer holds new readers back", async () => {
  const m = new RWMutex();
  const log: number[] = [];
  m.lock();
  await run(
    seq(
      ...five((i) =>
        seq(
          () => m.rLock(),
          () => void log.push(i),
          () => m.rUnlock(),
        ),
      ),
      settle,
      () => m.unlock(),
      settle,
    ),
  );
  expect(log).toEqual([4, 0, 1, 2, 3]);
  expect(m.tryRLock()).toBe(true);
  expect(m.tryRLock()).toBe(true);
  const writer = run(() => m.lock());
  await run(settle);
  expect(m.tryRLock()).toBe(false);
  expect(m.tryLock()).toBe(false);
  m.rUnlock();
  m.rUnlock();
  await writer;
  expect(m.tryRLock()).toBe(false);
  m.unlock();
  expect(m.tryLock()).toBe(true);
});

test("waitgroup: everybody goes on, in Go's order", async () => {
  const wg = new WaitGroup();
  const log: number[] = [];
  wg.add();
  await run(
    seq(
      ...five((i) =>
        seq(
          () => wg.wait(),
          () => void log.push(i),
        ),
      ),
      settle,
      () => wg.done(),
      settle,
    ),
  );
  expect(log).toEqual([4, 0, 1, 2, 3]);
});

test("waitgroup.go counts until the end, however often it parks", async () => {
  const wg = new WaitGroup();
  let n = 0;
  await run(
    seq(
      () => {
        for (let i = 0; i < 10; i++) wg.go(seq(gosched, gosched, () => void n++));
      },
      () => wg.wait(),
      () => expect(n).toBe(10),
    ),
  );
});

test("cond: signal and broadcast, first come first woken, with the lock held", async () => {
  for (const broadcast of [true, false]) {
    const m = new Mutex();
    const cond = new Cond(m);
    const log: number[] = [];
    await run(
      seq(
        ...five((i) =>
          seq(
            () => m.lock(),
            () => cond.wait(),
            () => (expect(m.tryLock()).toBe(false), log.push(i)),
            () => m.unlock(),
          ),
        ),
        settle,
        () => {
          if (broadcast) cond.broadcast();
          else for (let i = 0; i < 5; i++) cond.signal();
        },
        settle,
      ),
    );
    expect(log).toEqual([4, 0, 1, 2, 3]);
  }
});

test("once: one call, the others wait for it", async () => {
  const once = new Once();
  let n = 0;
  const log: string[] = [];
  const one = (name: string): (() => unknown) =>
    seq(
      () =>
        once.do(
          seq(
            () => sleep(2),
            () => void n++,
          ) as () => void,
        ),
      () => void log.push(`${name}${n}`),
    );
  await run(
    seq(
      () => void go(one("a")),
      gosched,
      () => void go(one("b")),
      gosched,
      one("c"),
      () => sleep(5),
    ),
  );
  expect(n).toBe(1);
  expect(log.toSorted()).toEqual(["a1", "b1", "c1"]);
});

test("onceValue and onceFunc", async () => {
  let calls = 0;
  const value = onceValue(
    seq(
      () => void calls++,
      () => sleep(1),
      () => 42,
    ) as () => number,
  );
  await expect(Promise.all([run(() => value()), run(() => value())])).resolves.toEqual([42, 42]);
  expect(calls).toBe(1);
  const bad = onceFunc(() => {
    throw new Error("again");
  });
  expect(bad).toThrow("again");
  expect(bad).toThrow("again");
});

test("an atomic whole number is never -0", () => {
  const n = new AtomicInt(-0);
  const seen = [n.load(), (n.store(-0), n.load()), (n.swap(-0), n.load()), (n.compareAndSwap(0, -0), n.load())];
  expect(seen.map((v) => Object.is(v, 0))).toEqual([true, true, true, true]);
});

/** wait: many waiters, rejections, giving up; and goroutines and channels seen from async code. */
import { setTimeout as later } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { seq, settle } from "./frames.ts";
import {
  background,
  Canceled,
  chan,
  DeadlineExceeded,
  go,
  gosched,
  nilChan,
  run,
  sleep,
  wait,
  withCancel,
  withTimeout,
  type Goroutine,
} from "../src/index.ts";
import { verifyNoneAsync } from "../src/testing/index.ts";

afterEach(() => verifyNoneAsync());

/** A promise that counts the reactions it is given. */
function counting<T>(executor: ConstructorParameters<typeof Promise<T>>[0]): {
  promise: Promise<T>;
  reactions: () => number;
} {
  let n = 0;
  const promise = new Promise(executor);
  const original = Promise.prototype.then;
  return {
    promise: Object.defineProperty(promise, "constructor", {
      get() {
        // `then` looks at it each time.
        n++;
        return Promise;
      },
    }),
    reactions: () => (original === Promise.prototype.then ? n : -1),
  };
}

test("many goroutines wait for one promise, with and without a context, first come first", async () => {
  const [ctx, cancel] = withCancel(background());
  let resolve: (v: string) => void = () => {};
  const { promise, reactions } = counting<string>((r) => (resolve = r));
  const log: string[] = [];
  const gs = await run(() =>
    Array.from({ length: 6 }, (_, i) =>
      go(
        seq(
          () => (i % 2 === 0 ? wait(promise) : wait(promise, ctx)),
          (v: string) => (log.push(v + i), i),
        ),
      ),
    ),
  );
  await run(settle);
  resolve("v");
  expect(await Promise.all(gs.map((g) => g.asPromise()))).toEqual([0, 1, 2, 3, 4, 5]);
  expect(log.toSorted()).toEqual(["v0", "v1", "v2", "v3", "v4", "v5"]);
  expect(reactions()).toBe(4); // one for each without a context, one for all with
  cancel();
});

test("a rejection is thrown in each, and there is no unhandled one", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  const gs = await run(() => [1, 2, 3].map(() => go(() => wait(promise))));
  await run(settle);
  reject(new Error("late"));
  const all = await Promise.allSettled(gs.map((g) => g.asPromise()));
  expect(all.map((r) => r.status === "rejected" && (r.reason as Error).message)).toEqual(["late", "late", "late"]);
});

test("giving up: the context's error, the others wait on, and nothing piles up on the promise", async () => {
  const { promise, reactions } = counting<number>(() => {});
  for (let i = 0; i < 100; i++) {
    const [ctx, cancel] = withTimeout(background(), 0.01);
    await expect(run(() => wait(promise, ctx))).rejects.toBe(DeadlineExceeded);
    cancel();
  }
  expect(reactions()).toBe(1);
});

test.each(["before", "during", "after"])("a context that ends %s the wait", async (when) => {
  const [ctx, cancel] = withCancel(background());
  if (when === "before") cancel();
  if (when === "during") setTimeout(cancel, 2);
  const waiting = run(() => wait(later(when === "after" ? 1 : 500, "value"), ctx));
  if (when === "after") {
    await expect(waiting).resolves.toBe("value");
    cancel();
  } else await expect(waiting).rejects.toBe(Canceled);
});

test("a promise that is rejected after its only waiter gave up is no unhandled rejection", async () => {
  const [ctx, cancel] = withCancel(background());
  const { promise, reject } = Promise.withResolvers<never>();
  const waiting = run(() => wait(promise, ctx));
  await run(settle);
  cancel();
  await expect(waiting).rejects.toBe(Canceled);
  reject(new Error("nobody listens"));
  await later(2);
});

test("thenables that throw, and that call back twice", async () => {
  const bad = {
    then: () => {
      throw new Error("broken then");
    },
  } as unknown as PromiseLike<number>;
  await expect(run(() => wait(bad))).rejects.toThrow("broken then");
  const twice = { then: (f: (v: number) => void) => (f(1), f(2)) } as unknown as PromiseLike<number>;
  await expect(run(() => wait(twice))).resolves.toBe(1);
  await expect(run(() => wait(Promise.resolve(1), {} as never))).rejects.toThrow("not a context");
});

test("asPromise: the same promise each time; a failure, and an end by goexit", async () => {
  const g = (await run(() => go(seq(gosched, () => 7)))) as Goroutine<unknown>;
  const p = g.asPromise();
  expect(g.asPromise()).toBe(p);
  expect(await p).toBe(7);
  const failing = await run(() =>
    go(
      seq(
        () => sleep(1),
        () => {
          throw new Error("boom");
        },
      ),
    ),
  );
  await expect(failing.asPromise()).rejects.toThrow("boom");
});

test("recvAsync, sendAsync and for await", async () => {
  const ch = chan<number>();
  const sent = (async () => {
    for (let i = 0; i < 3; i++) await ch.sendAsync(i);
    ch.close();
    await expect(ch.sendAsync(9)).rejects.toThrow("send on closed channel");
  })();
  const got: number[] = [];
  for await (const v of ch) got.push(v);
  await sent;
  expect(got).toEqual([0, 1, 2]);
  expect(await ch.recvAsync()).toBe(undefined);
  const closed = chan<number>();
  const waiting = closed.sendAsync(1);
  closed.close();
  await expect(waiting).rejects.toThrow("send on closed channel");
});

test("an async iterator that is returned while it waits takes no value", async () => {
  const ch = chan<number>();
  const iterator = ch[Symbol.asyncIterator]();
  const [first, second] = [iterator.next(), iterator.next()];
  await iterator.return?.();
  expect(await first).toEqual({ value: undefined, done: true });
  expect(await second).toEqual({ value: undefined, done: true });
  expect(ch.trySend(1)).toBe(false);
  expect(await iterator.next()).toEqual({ value: undefined, done: true });
});

test("asynchronous operations on a nil channel wait for ever, and do not meet each other", async () => {
  const never = nilChan<number>();
  const outcomes: unknown[] = [];
  void never.recvAsync().then((v) => outcomes.push(v));
  void never.sendAsync(1).then(() => outcomes.push("sent"));
  expect(never.trySend(2)).toBe(false);
  expect(never.tryRecv()).toBe(undefined);
  await later(2);
  expect(outcomes).toEqual([]);
});

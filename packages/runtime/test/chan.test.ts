import { inspect } from "node:util";
import { expect, test } from "vitest";
import { seq, settle, times } from "./frames.ts";
import { chan, ChannelError, go, gosched, nilChan, run, type Chan, type Context } from "../src/index.ts";
import { R } from "../src/internal/state.ts";
import type { G } from "../src/scheduler/g.ts";
import { ready } from "../src/scheduler/park.ts";

test("a channel prints as what it is", () => {
  const c = chan<object>(2);
  c.trySend({ next: c });
  expect(inspect([c, chan(), nilChan()])).toBe("[ Chan { len: 1, cap: 2 }, Chan { len: 0, cap: 0 }, Chan { nil } ]");
});

test("a bad capacity", () => {
  for (const n of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 33]) {
    expect(() => chan(n)).toThrow(new RangeError("makechan: size out of range"));
  }
});

test("a value goes straight to the receiver that waits", async () => {
  const c = chan<number>();
  const got: unknown[] = [];
  await run(
    seq(
      () =>
        void go(
          seq(
            () => c.recv(),
            (v: number) => void got.push(v),
          ),
        ),
      settle,
      () => c.send(5),
      settle,
    ),
  );
  expect(got).toEqual([5]);
  expect(c.len).toBe(0);
});

test("a buffered channel is FIFO over its whole length, and grows by need", async () => {
  const c = chan<number>(1000);
  expect([c.len, c.cap]).toEqual([0, 1000]);
  for (let i = 0; i < 1000; i++) expect(c.trySend(i)).toBe(true);
  expect(c.trySend(1000)).toBe(false);
  for (let i = 0; i < 600; i++) expect(c.tryRecv()).toEqual([i, true]);
  for (let i = 1000; i < 1600; i++) expect(c.trySend(i)).toBe(true);
  for (let i = 600; i < 1600; i++) expect(c.tryRecv()).toEqual([i, true]);
  expect(c.tryRecv()).toBe(undefined);
});

test("a sender that waits puts its value behind the buffered ones", async () => {
  const c = chan<number>(1);
  const got: unknown[] = [];
  await run(
    seq(
      () =>
        void go(
          seq(
            () => c.send(1),
            () => c.send(2),
            () => c.send(3),
            () => c.close(),
          ),
        ),
      gosched,
      ...times(
        4,
        seq(
          () => c.recv(),
          (v: number) => void got.push(v),
        ),
      ),
    ),
  );
  expect(got).toEqual([1, 2, 3, undefined]);
});

test("close wakes receivers as Go does: the first of them first", async () => {
  const c = chan<number>();
  const log: number[] = [];
  await run(
    seq(
      ...[0, 1, 2, 3, 4].flatMap((i) => [
        () =>
          void go(
            seq(
              () => c.recvOk(),
              (r: unknown) => (expect(r).toEqual([undefined, false]), void log.push(i)),
            ),
          ),
        settle,
      ]),
      settle,
      () => c.close(),
      settle,
    ),
  );
  expect(log).toEqual([0, 4, 3, 2, 1]);
});

test("misuse, in Go's words", async () => {
  const c = chan<number>(1);
  c.close();
  expect(() => c.send(1)).toThrow(new ChannelError("GORT_SEND_CLOSED", "send on closed channel"));
  expect(() => c.trySend(1)).toThrow("send on closed channel");
  expect(() => c.close()).toThrow("close of closed channel");
  expect(() => nilChan().close()).toThrow("close of nil channel");
  await expect(c.sendAsync(1)).rejects.toThrow("send on closed channel");
});

test("a sender that waits when the channel is closed throws, with its own stack", async () => {
  const c = chan<number>();
  const sender = await run(() =>
    go(
      seq(
        () => c.send(1),
        () => "sent",
      ),
    ),
  );
  await run(seq(settle, () => c.close()));
  const e = await sender.asPromise().catch((e: Error) => e);
  expect(e).toBeInstanceOf(ChannelError);
  expect((e as Error).stack).toContain("at steps (/app.ts:1:1)");
});

test("closed and drained: the zero value, then the end of an iteration", async () => {
  const c = chan<number>(2);
  c.trySend(1);
  c.close();
  expect(c.$step()).toBe(1);
  expect(c.$step()).toBe(R.END);
  expect(c.tryRecv()).toEqual([undefined, false]);
  await expect(run(() => c.recv())).resolves.toBe(undefined);
  expect([...c]).toEqual([]);
});

test("async code and goroutines meet", async () => {
  const c = chan<number>();
  const sum = run(
    seq(
      () => c.recv(),
      (a: number) => (go(() => c.send(a + 1)), a),
    ),
  );
  await c.sendAsync(1);
  await expect(c.recvAsync()).resolves.toBe(2);
  await expect(sum).resolves.toBe(1);
  const seen: number[] = [];
  const reader = (async () => {
    for await (const v of c) seen.push(v);
  })();
  await run(
    seq(
      () => c.send(7),
      () => c.send(8),
      () => c.close(),
    ),
  );
  await reader;
  expect(seen).toEqual([7, 8]);
});

test("a wait that is given up leaves no trace", async () => {
  const c = chan<number>();
  let waiter: G | null = null;
  const waiting = run(() => {
    waiter = R.g;
    return c.recv();
  });
  await run(settle);
  (waiter as unknown as G).cancel();
  expect(c.recvq.first).toBe(null);
  expect(c.trySend(1)).toBe(false);
  // Somebody who waits for ever would end the tests' process as a deadlock, where that is still there.
  ready(waiter as unknown as G);
  await waiting;
});

test("a context ends a wait with its error, once", async () => {
  const done = chan<never>();
  let err: Error | undefined;
  const ctx = { done: () => done, err: () => err } as unknown as Context;
  const c = chan<number>();
  const waiting = run(() => c.recv(ctx));
  const lucky = run(() => (c as Chan<number>).recv(ctx));
  await run(seq(settle, () => void c.trySend(1), settle));
  err = new Error("cancelled");
  done.close();
  await expect(waiting).resolves.toBe(1);
  await expect(lucky).rejects.toBe(err);
  await expect(run(() => c.recv(ctx))).rejects.toBe(err);
  expect(c.recvq.first).toBe(null);
  expect(done.recvq.first).toBe(null);
});

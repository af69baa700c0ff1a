/** effect: fibers, Queue. */
import { Effect, Fiber, Queue } from "effect";
import { choose, heapOf, now, per } from "./lib.ts";

const run = <A>(e: Effect.Effect<A>): Promise<A> => Effect.runPromise(e);

const leaves = (num: number, size: number): Effect.Effect<number> =>
  Effect.gen(function* () {
    if (size === 1) return num;
    const part = size / 10;
    const all: Fiber.Fiber<number>[] = [];
    for (let i = 0; i < 10; i++) all.push(yield* Effect.forkChild(leaves(num + i * part, part)));
    let sum = 0;
    for (const f of all) sum += yield* Fiber.join(f);
    return sum;
  });

await choose({
  async spawn_join() {
    const N = 100_000;
    const start = now();
    await run(
      Effect.gen(function* () {
        for (let i = 0; i < N; i++) yield* Fiber.join(yield* Effect.forkChild(Effect.succeed(1)));
      }),
    );
    per("create+join", start, N, "ns/task");
  },
  async gosched_2() {
    const N = 200_000;
    const start = now();
    const task = Effect.gen(function* () {
      for (let i = 0; i < N / 2; i++) yield* Effect.yieldNow;
    });
    await run(Effect.all([task, task], { concurrency: 2 }));
    per("switch", start, N, "ns/switch");
  },
  async pingpong() {
    const N = 50_000;
    await run(
      Effect.gen(function* () {
        const a = yield* Queue.bounded<number>(1);
        const b = yield* Queue.bounded<number>(1);
        yield* Effect.forkChild(
          Effect.gen(function* () {
            for (;;) yield* Queue.offer(b, yield* Queue.take(a));
          }),
        );
        const start = now();
        for (let i = 0; i < N; i++) {
          yield* Queue.offer(a, i);
          yield* Queue.take(b);
        }
        per("roundtrip", start, N, "ns/roundtrip");
      }),
    );
  },
  async buffered128_1p1c() {
    const N = 200_000;
    await run(
      Effect.gen(function* () {
        const c = yield* Queue.bounded<number>(128);
        const start = now();
        yield* Effect.forkChild(
          Effect.gen(function* () {
            for (let i = 0; i < N; i++) yield* Queue.offer(c, i);
          }),
        );
        let sum = 0;
        for (let i = 0; i < N; i++) sum += yield* Queue.take(c);
        if (sum !== (N * (N - 1)) / 2) throw new Error("wrong");
        per("send+recv", start, N, "ns/elem");
      }),
    );
  },
  async parked() {
    const N = 100_000;
    await heapOf(N, async () => {
      const fibers: unknown[] = [];
      for (let i = 0; i < N; i++) fibers.push(Effect.runFork(Effect.never));
      await new Promise((resolve) => setTimeout(resolve, 100));
      return fibers;
    });
  },
  async skynet_1e6() {
    const start = now();
    if ((await run(leaves(0, 1_000_000))) !== 499999500000) throw new Error("wrong");
    per("1e6-leaves", start, 1e6, "ms");
  },
});

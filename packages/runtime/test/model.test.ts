/**
 * Semaphore, RWMutex and Cond against models: random commands, of which some wait and some of those are given up; after each, who
 * has got through must be who the model lets through.
 */
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { seq, settle as settled } from "./frames.ts";
import {
  background,
  Canceled,
  Cond,
  Mutex,
  numGoroutine,
  run,
  RWMutex,
  Semaphore,
  withCancel,
  type Context,
} from "../src/index.ts";

/** Lets everybody run who can. */
async function settle(): Promise<void> {
  await run(settled);
  await new Promise((r) => setImmediate(r));
}

/** Operations that may wait, by number; what became of each. */
class Waits {
  readonly done: Set<number> = new Set();
  readonly cancelled: Set<number> = new Set();
  readonly #cancels: (() => void)[] = [];

  start(op: (ctx: Context) => unknown): number {
    const [ctx, cancel] = withCancel(background());
    const id = this.#cancels.push(cancel) - 1;
    run(() => op(ctx)).then(
      () => this.done.add(id),
      (e: unknown) => this.cancelled.add(e === Canceled ? id : -1),
    );
    return id;
  }

  cancel(id: number): void {
    this.#cancels[id]!();
  }
}

/** What a model says of the operations: who is through, who waits, who has given up. */
class Model {
  readonly done: Set<number> = new Set();
  readonly cancelled: Set<number> = new Set();

  giveUp<T extends { id: number }>(queue: T[], id: number): boolean {
    const i = queue.findIndex((w) => w.id === id);
    if (i < 0) return false;
    queue.splice(i, 1);
    this.cancelled.add(id);
    return true;
  }
}

const commands = (kinds: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.nat(kinds - 1), fc.noBias(fc.nat(1000))), { maxLength: 40, size: "max" });

async function finish(waits: Waits, model: Model, n: number, ids: number[]): Promise<void> {
  for (const id of ids) waits.cancel(id);
  await settle();
  for (const id of ids) model.cancelled.add(id);
  if (!isDeepStrictEqual([waits.done, waits.cancelled], [model.done, model.cancelled]))
    throw new Error("the last cancellations went wrong");
  if (numGoroutine() !== n) throw new Error("goroutines are left");
}

test("semaphore", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(6), commands(4), async (size, list) => {
      const n = numGoroutine();
      const sem = new Semaphore(size);
      const waits = new Waits();
      const model = new Model();
      const queue: { id: number; n: number }[] = [];
      const held: number[] = [];
      const free = (): number => size - held.reduce((a, b) => a + b, 0);
      const serve = (): void => {
        while (queue.length > 0 && free() >= queue[0]!.n) {
          const w = queue.shift()!;
          held.push(w.n);
          model.done.add(w.id);
        }
      };
      for (const [kind, k] of list) {
        const units = k % (size + 1);
        if (kind === 0) {
          const id = waits.start((ctx) => sem.acquire(units, ctx));
          if (queue.length === 0 && free() >= units) {
            held.push(units);
            model.done.add(id);
          } else queue.push({ id, n: units });
        } else if (kind === 1) {
          const can = queue.length === 0 && free() >= units;
          expect(sem.tryAcquire(units)).toBe(can);
          if (can) held.push(units);
        } else if (kind === 2) {
          if (held.length === 0) continue;
          sem.release(held.splice(k % held.length, 1)[0]!);
          serve();
        } else if (queue.length > 0) {
          const { id } = queue[k % queue.length]!;
          waits.cancel(id);
          model.giveUp(queue, id);
          serve();
        }
        await settle();
        expect(waits.done).toEqual(model.done);
        expect(waits.cancelled).toEqual(model.cancelled);
      }
      // The last first: who stands in front holds up those behind.
      const ids = queue.map((w) => w.id).toReversed();
      await finish(waits, model, n, ids);
      expect(() => sem.release(size - free() + 1)).toThrow("semaphore: released more than held");
    }),
    { numRuns: 40 },
  );
});

test("rwmutex", async () => {
  await fc.assert(
    fc.asyncProperty(commands(6), async (list) => {
      const n = numGoroutine();
      const mu = new RWMutex();
      const waits = new Waits();
      const model = new Model();
      let readers = 0;
      let writing = false;
      const rq: { id: number }[] = [];
      const wq: { id: number }[] = [];
      const admitReaders = (): void => {
        for (const w of rq.splice(0)) {
          readers++;
          model.done.add(w.id);
        }
      };
      const nextWriter = (): void => {
        const w = wq.shift();
        if (w === undefined) return;
        writing = true;
        model.done.add(w.id);
      };
      for (const [kind, k] of list) {
        if (kind === 0) {
          const id = waits.start((ctx) => mu.rLock(ctx));
          if (writing || wq.length > 0) rq.push({ id });
          else {
            readers++;
            model.done.add(id);
          }
        } else if (kind === 1) {
          const id = waits.start((ctx) => mu.lock(ctx));
          if (writing || readers > 0) wq.push({ id });
          else {
            writing = true;
            model.done.add(id);
          }
        } else if (kind === 2 && readers > 0) {
          mu.rUnlock();
          if (--readers === 0) nextWriter();
        } else if (kind === 3 && writing) {
          mu.unlock();
          writing = false;
          if (rq.length > 0) admitReaders();
          else nextWriter();
        } else if (kind === 4 && rq.length + wq.length > 0) {
          const all = [...rq, ...wq];
          const { id } = all[k % all.length]!;
          waits.cancel(id);
          if (!model.giveUp(rq, id)) {
            model.giveUp(wq, id);
            // Nobody holds back new readers any more.
            if (!writing && wq.length === 0) admitReaders();
          }
        } else if (kind === 5) {
          const can: boolean = !writing && readers === 0;
          expect(mu.tryLock()).toBe(can);
          writing ||= can;
        }
        await settle();
        expect(waits.done).toEqual(model.done);
        expect(waits.cancelled).toEqual(model.cancelled);
      }
      // Readers first: giving up the last writer would let them in.
      const ids = [...rq, ...wq].map((w) => w.id);
      await finish(waits, model, n, ids);
    }),
    { numRuns: 40 },
  );
});

test("cond", async () => {
  await fc.assert(
    fc.asyncProperty(commands(4), async (list) => {
      const n = numGoroutine();
      const mu = new Mutex();
      const cond = new Cond(mu);
      const waits = new Waits();
      const model = new Model();
      const queue: { id: number }[] = [];
      const inside = { now: 0, most: 0 };
      const wait = (ctx: Context): unknown => {
        const leave = (): void => {
          inside.most = Math.max(inside.most, ++inside.now);
          inside.now--;
          expect(mu.tryLock()).toBe(false);
          mu.unlock();
        };
        return seq(
          () => mu.lock(),
          () => cond.wait(ctx),
          leave,
        )();
      };
      for (const [kind, k] of list) {
        if (kind === 0) queue.push({ id: waits.start(wait) });
        else if (kind === 1) {
          cond.signal();
          const w = queue.shift();
          if (w !== undefined) model.done.add(w.id);
        } else if (kind === 2 && k % 4 === 0) {
          cond.broadcast();
          for (const w of queue.splice(0)) model.done.add(w.id);
        } else if (kind === 3 && queue.length > 0) {
          const { id } = queue[k % queue.length]!;
          waits.cancel(id);
          model.giveUp(queue, id);
          await settle();
          // It has the lock again, and its exception has left it locked.
          expect(mu.tryLock()).toBe(false);
          mu.unlock();
        }
        await settle();
        expect(waits.done).toEqual(model.done);
        expect(waits.cancelled).toEqual(model.cancelled);
        expect(inside.most).toBeLessThan(2);
      }
      for (const { id } of queue) {
        waits.cancel(id);
        await settle();
        mu.unlock();
      }
      await settle();
      expect(numGoroutine()).toBe(n);
      expect(mu.tryLock()).toBe(true);
    }),
    { numRuns: 40 },
  );
});

/** Wait groups, conds and read-write locks under every interleaving: who is told waited when it happened, and not only afterwards. */
import { expect, test } from "vitest";
import {
  M_BASE,
  M_INBOX,
  M_SIZE,
  O_CAP,
  O_COUNT,
  O_KIND,
  QUEUED,
  R_INDEX,
  R_M,
  R_NEXT,
  RWMUTEX,
} from "../../src/shared/layout.ts";
import { bound, explore, LONG, type Model, protocol, type Step, type Thread } from "./interleave.ts";

const make = protocol(4, false);
const o = 2_000_000;
let records = 0;

/** A record of thread `m`, which wants `n` units. */
function wait(model: Model, m: number, n = 0): number {
  const r = 1_000_000 + 64 * ++records;
  model.words.set(r + R_M, m);
  model.words.set(r + R_INDEX, n);
  return r;
}

/** Whether the record has come back through the inbox of `m`. */
function came(model: Model, m: number, r: number): boolean {
  for (let at = model.words.get(M_BASE + m * M_SIZE + M_INBOX); at !== 0; at = model.words.get(at + R_NEXT))
    if (at === r) return true;
  return false;
}

function* told(model: Model, m: number, r: number): Generator<Step, void, unknown> {
  yield () => came(model, m, r);
}

test("a wait group used again: the end of its first round tells nobody who waits for the second", LONG, () => {
  const { runs } = explore(
    {
      start(model) {
        records = 0;
        let round = 1;
        model.words.set(o + O_COUNT, 1);
        const ps = [1, 2, 3].map((m) => model.thread(m, make));
        const waiter = function* (): Thread {
          for (; round <= 2; round++) {
            const w = wait(model, 1);
            if ((yield* ps[0]!["waitZero"]!(o, w)) === QUEUED) yield* told(model, 1, w);
            expect(model.words.get(o + O_COUNT)).toBe(0);
            if (round === 1) yield* ps[0]!["add"]!(o, 1, false);
          }
        };
        const done = function* (m: number): Thread {
          // The second is started in the second round.
          if (m === 3) yield () => round === 2;
          yield* ps[m - 1]!["add"]!(o, -1, false);
        };
        return [waiter(), done(2), done(3)];
      },
      finish(_model, waiting) {
        expect(waiting).toEqual([]);
      },
    },
    bound(3),
  );
  expect(runs).toBeGreaterThan(10);
});

test("a broadcast wakes nobody twice", LONG, () => {
  let woken = 0;
  const { runs } = explore(
    {
      start(model) {
        records = 0;
        woken = 0;
        const ps = [1, 2].map((m) => model.thread(m, make));
        const waiter = function* (): Thread {
          for (; woken < 2; woken++) {
            const w = wait(model, 1);
            yield* ps[0]!["enqueue"]!(o, w);
            yield* told(model, 1, w);
          }
        };
        const second = function* (): Thread {
          yield* ps[1]!["signal"]!(o, true);
        };
        return [waiter(), second()];
      },
      finish() {
        expect(woken).toBeLessThan(2);
      },
    },
    bound(4),
  );
  expect(runs).toBeGreaterThan(10);
});

test("a reader that comes again queues behind the writer that waits", LONG, () => {
  let order: string[] = [];
  const { runs } = explore(
    {
      start(model) {
        records = 0;
        order = [];
        model.words.set(o + O_KIND, RWMUTEX);
        model.words.set(o + O_CAP, 8);
        const ps = [1, 2, 3, 4].map((m) => model.thread(m, make));
        // Who unlocks holds all; two readers and a writer wait.
        const wants = [1, 1, 8];
        const rs = wants.map((n, i) => wait(model, i + 1, n));
        for (const [i, n] of wants.entries()) {
          const queued = ps[i]!["acquireUnits"]!(o, rs[i]!, n);
          while (queued.next().done !== true);
        }
        const first = function* (): Thread {
          yield* told(model, 1, rs[0]!);
          yield* ps[0]!["releaseUnits"]!(o, 1);
          const again = wait(model, 1, 1);
          if ((yield* ps[0]!["acquireUnits"]!(o, again, 1)) === QUEUED) yield* told(model, 1, again);
          order.push("reader again");
        };
        const second = function* (): Thread {
          yield* told(model, 2, rs[1]!);
          yield* ps[1]!["releaseUnits"]!(o, 1);
        };
        const writer = function* (): Thread {
          yield* told(model, 3, rs[2]!);
          order.push("writer");
          yield* ps[2]!["releaseUnits"]!(o, 8);
        };
        const unlocks = function* (): Thread {
          yield* ps[3]!["releaseUnits"]!(o, 8);
        };
        return [first(), second(), writer(), unlocks()];
      },
      finish(_model, waiting) {
        expect(waiting).toEqual([]);
        expect(order).toEqual(["writer", "reader again"]);
      },
    },
    bound(1),
  );
  expect(runs).toBeGreaterThan(10);
});

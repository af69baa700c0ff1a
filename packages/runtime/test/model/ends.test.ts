/** A thread ends between any two steps, and main recovers what it held, under every interleaving with the others. */
import { expect, test } from "vitest";
import {
  CAME,
  CELL,
  CLOSED,
  DEEP,
  G_BUSY,
  G_MIDLE,
  G_NMIDLE,
  G_NMS,
  G_NPIDLE,
  G_NPROCS,
  G_OBJECTS,
  G_ORPHANS,
  G_QUEUE,
  G_QUEUE_HEAD,
  M_BASE,
  M_HANDED,
  M_INBOX,
  M_IS_IDLE,
  M_P,
  M_PARK,
  M_SIZE,
  MUTEX,
  O_BUFFER,
  O_CAP,
  O_COUNT,
  O_HEAD,
  O_HOLDER,
  O_KIND,
  O_RECV_LAST,
  O_ROOM,
  OK,
  P_BASE,
  P_OWNER,
  P_SIZE,
  QUEUED,
  R_CELL,
  R_INDEX,
  R_M,
  R_NEXT,
  R_OBJECT,
  R_OK,
  R_QNEXT,
  R_QPREV,
  WAITGROUP,
} from "../../src/shared/layout.ts";
import { bound, explore, LONG, type Call, type Model, protocol, type Thread } from "./interleave.ts";

const make = protocol(4, false);
type Calls = Record<string, Call>;
const mAt = (m: number): number => M_BASE + m * M_SIZE;
const O = 2_000_000;
let records = 0;

function wait(model: Model, m: number, value = 0): number {
  const r = 1_000_000 + 64 * ++records;
  model.words.set(r + R_M, m);
  model.words.set(r + R_CELL, value);
  return r;
}

function isIn(model: Model, m: number, r: number): boolean {
  for (let at = model.words.get(mAt(m) + M_INBOX); at !== 0; at = model.words.get(at + R_NEXT))
    if (at === r) return true;
  return false;
}

/** How many calls of the protocol a thread lives: it ends between two of them. */
class Life {
  dead: boolean = false;
  #left: number;
  constructor(calls: number) {
    this.#left = calls;
  }
  over(): boolean {
    if (this.#left-- === 0) this.dead = true;
    return this.dead;
  }
}

/** Main: when thread `m` has ended, recovery.ts in short. */
function* recovers(model: Model, p: Calls, m: number, end: { readonly dead: boolean }): Thread {
  yield () => end.dead;
  expect(yield* p["bury"]!(m)).toBeTruthy();
  yield* p["abandon"]!(m);
  for (;;) {
    // One channel's, the oldest first.
    let values = 0;
    for (let r = yield* p["takeInbox"]!(m); r !== 0; r = model.words.get(r + R_NEXT)) {
      if (model.words.get(r + R_OK) !== 1 || model.words.get(r + R_QPREV) !== CAME) continue;
      model.words.set(r + R_QNEXT, values);
      values = r;
    }
    if (values !== 0) expect(yield* p["giveBack"]!(model.words.get(values + R_OBJECT), values, 0)).toBe(0);
    // What was on its way comes later.
    yield () => model.words.get(G_ORPHANS) === 1;
    model.words.set(G_ORPHANS, 0);
  }
}

test.each([0, 1])("values that had not reached it are received by others, capacity %i", LONG, (capacity) => {
  let [got, heard]: [number[], number[]] = [[], []];
  let runs = 0;
  for (let calls = 1; calls < 4; calls++) {
    runs += explore(
      {
        start(model) {
          records = 0;
          got = [];
          heard = [];
          model.words.set(G_NMS, 4);
          model.words.set(G_BUSY, 4);
          model.words.set(O + O_CAP, capacity);
          // Room for one that is given back.
          model.words.set(O + O_ROOM, capacity + 1);
          model.words.set(O + O_BUFFER, 3_000_000);
          const ps = [0, 1, 2, 3].map((m) => model.thread(m, make));
          model.words.set(G_OBJECTS, O);
          const end = new Life(calls);
          const sends = function* (): Thread {
            for (const v of [11, 12]) {
              const w = wait(model, 1, v);
              if ((yield* ps[1]!["send"]!(O, w, true)) === QUEUED) yield () => isIn(model, 1, w);
            }
            yield* ps[1]!["close"]!(O);
          };
          const receives = function* (m: number, into: number[]): Thread {
            for (;;) {
              if (m === 2 && end.over()) return;
              const w = wait(model, m);
              const code = yield* ps[m]!["recv"]!(O, w, true);
              if (code === CLOSED) {
                if (m === 2) end.dead = true;
                return;
              }
              if (code === QUEUED) {
                if (m === 2 && end.over()) return;
                yield () => isIn(model, m, w);
                if (m === 2 && end.over()) return;
                // It hears of it: what is in its inbox is its own from here on.
                yield* ps[m]!["takeInbox"]!(m);
                if (model.words.get(w + R_OK) !== 1) {
                  if (m === 2) end.dead = true;
                  return;
                }
              }
              into.push(model.words.get(w + R_CELL));
            }
          };
          return [sends(), receives(2, heard), receives(3, got), recovers(model, ps[0]!, 2, end)];
        },
        finish(model, waiting) {
          expect(waiting).toEqual([3]);
          // Each was received once; what had come and was not heard of when it ended, by another.
          // Or waits in the channel, where the other had come to its end before.
          const kept = model.words.get(O + O_COUNT);
          const at = 3_000_000 + model.words.get(O + O_HEAD) * CELL;
          const left = kept === 0 ? [] : [model.words.get(at)];
          expect([...heard, ...got, ...left].toSorted((a, b) => a - b)).toEqual([11, 12]);
          expect(kept).toBeLessThan(2);
        },
      },
      bound(1),
    ).runs;
  }
  expect(runs).toBeGreaterThan(100);
});

test("a mutex it holds, or was just handed, goes to the next", LONG, () => {
  let got: number[] = [];
  let runs = 0;
  for (let calls = 0; calls < 3; calls++) {
    runs += explore(
      {
        start(model) {
          records = 0;
          got = [];
          model.words.set(G_NMS, 4);
          model.words.set(G_BUSY, 4);
          model.words.set(O + O_KIND, MUTEX);
          model.words.set(O + O_CAP, 1);
          model.words.set(O + O_COUNT, 1);
          model.words.set(G_OBJECTS, O);
          const ps = [0, 1, 2, 3].map((m) => model.thread(m, make));
          const main = function* (): Thread {
            yield* recovers(model, ps[0]!, 2, end);
          };
          const end = new Life(calls);
          const locks = function* (m: number): Thread {
            if (m === 2 && end.over()) return;
            const w = wait(model, m);
            model.words.set(w + R_INDEX, 1);
            if ((yield* ps[m]!["acquireUnits"]!(O, w, 1)) === QUEUED) {
              if (m === 2 && end.over()) return;
              yield () => isIn(model, m, w);
            }
            got.push(m);
            if (m === 2 && !end.over()) end.dead = true;
            if (m !== 2) expect(yield* ps[m]!["releaseUnits"]!(O, 1)).toBeTruthy();
          };
          return [main(), locks(1), locks(2), locks(3)];
        },
        finish(model, waiting) {
          expect(waiting).toEqual([0]);
          expect(got.filter((m) => m !== 2).toSorted()).toEqual([1, 3]);
          expect(model.words.get(O + O_COUNT)).toBe(1);
        },
      },
      bound(1),
    ).runs;
  }
  expect(runs).toBeGreaterThan(100);
});

test("asleep, idle, with a P handed to it: all is given back, and it is counted no more", LONG, () => {
  const { runs } = explore(
    {
      start(model) {
        records = 0;
        const { words } = model;
        words.set(G_NPROCS, 2);
        words.set(G_NMS, 3);
        // M1 runs with the first P; M2 sleeps, and the second P is idle.
        words.set(P_BASE + P_OWNER, 2);
        words.set(mAt(1) + M_P, 1);
        words.set(G_BUSY, 2);
        words.set(mAt(2) + M_PARK, DEEP);
        words.set(mAt(2) + M_IS_IDLE, 1);
        words.set(G_MIDLE, 3);
        words.set(G_NMIDLE, 1);
        const ps = [0, 1].map((m) => model.thread(m, make));
        const adds = function* (): Thread {
          yield* ps[1]!["setProcs"]!(2);
          yield* ps[1]!["putNext"]!(0, 1_000_064);
          yield* ps[1]!["wakeOne"]!();
        };
        return [adds(), recovers(model, ps[0]!, 2, { dead: true })];
      },
      finish(model, waiting) {
        expect(waiting).toEqual([1]);
        const { words } = model;
        expect(words.get(G_BUSY)).toBe(2);
        expect(words.get(G_MIDLE)).toBe(0);
        expect(words.get(G_NMIDLE)).toBe(0);
        expect(words.get(mAt(2) + M_P) + words.get(mAt(2) + M_HANDED)).toBe(0);
        expect(words.get(G_NPIDLE)).toBe(1);
      },
    },
    bound(3),
  );
  expect(runs).toBeGreaterThan(10);
});

test.each([0, 2])("two values that had not reached it go on in their order, capacity %i", LONG, (capacity) => {
  let got: number[] = [];
  const { runs } = explore(
    {
      start(model) {
        records = 0;
        got = [];
        model.words.set(G_NMS, 4);
        model.words.set(G_BUSY, 4);
        model.words.set(O + O_CAP, capacity);
        model.words.set(O + O_ROOM, capacity + 2);
        model.words.set(O + O_BUFFER, 3_000_000);
        model.words.set(G_OBJECTS, O);
        const ps = [0, 1, 2, 3].map((m) => model.thread(m, make));
        const end = { dead: false };
        let sent = false;
        // Two of its goroutines wait, and it hears of nothing any more.
        const dies = function* (): Thread {
          for (let i = 0; i < 2; i++) yield* ps[2]!["recv"]!(O, wait(model, 2), true);
          yield () => sent;
          end.dead = true;
        };
        const sends = function* (): Thread {
          yield () => records >= 2 && model.words.get(O + O_RECV_LAST) === 1_000_000 + 128;
          for (const v of [11, 12]) expect(yield* ps[1]!["send"]!(O, wait(model, 1, v), true)).toBe(OK);
          sent = true;
        };
        const receives = function* (): Thread {
          yield () => sent;
          for (let i = 0; i < 2; i++) {
            const w = wait(model, 3);
            if ((yield* ps[3]!["recv"]!(O, w, true)) === QUEUED) yield () => isIn(model, 3, w);
            got.push(model.words.get(w + R_CELL));
          }
        };
        return [recovers(model, ps[0]!, 2, end), sends(), dies(), receives()];
      },
      finish(_model, waiting) {
        expect(waiting).toEqual([0]);
        expect(got).toEqual([11, 12]);
      },
    },
    bound(1),
  );
  expect(runs).toBeGreaterThan(10);
});

test("what it had queued on a P that is no more is in the global queue", LONG, () => {
  const [a, b] = [1_000_064, 1_000_128];
  const { runs } = explore(
    {
      start(model) {
        records = 0;
        const { words } = model;
        words.set(G_NPROCS, 2);
        words.set(G_NMS, 3);
        words.set(G_BUSY, 3);
        words.set(P_BASE + P_OWNER, 1);
        words.set(mAt(0) + M_P, 1);
        words.set(P_BASE + P_SIZE + P_OWNER, 3);
        words.set(mAt(2) + M_P, 2);
        const ps = [0, 1, 2].map((m) => model.thread(m, make));
        const end = { dead: false };
        const dies = function* (): Thread {
          yield* ps[2]!["put"]!(1, a);
          yield* ps[2]!["putNext"]!(1, b);
          end.dead = true;
        };
        const shrinks = function* (): Thread {
          yield* ps[1]!["setProcs"]!(1);
        };
        return [recovers(model, ps[0]!, 2, end), shrinks(), dies()];
      },
      finish(model, waiting) {
        expect(waiting).toEqual([0]);
        const { words } = model;
        expect(words.get(G_QUEUE)).toBe(2);
        const first = words.get(G_QUEUE_HEAD);
        expect([first, words.get(first + R_NEXT)].toSorted()).toEqual([a, b]);
      },
    },
    bound(3),
  );
  expect(runs).toBeGreaterThan(2);
});

test("goroutines that a wait group had started there are told of once, in whatever round", LONG, () => {
  const { runs } = explore(
    {
      start(model) {
        records = 0;
        model.words.set(G_NMS, 3);
        model.words.set(G_BUSY, 3);
        model.words.set(O + O_KIND, WAITGROUP);
        model.words.set(O + O_COUNT, 1);
        model.words.set(G_OBJECTS, O);
        const ps = [0, 1, 2].map((m) => model.thread(m, make));
        const end = { dead: false };
        const main = function* (): Thread {
          yield () => end.dead;
          expect(yield* ps[0]!["bury"]!(2)).toBeTruthy();
          expect(yield* ps[0]!["abandon"]!(2)).toBe(O);
          expect(model.words.get(O + O_CAP)).toBe(2);
          yield* ps[0]!["add"]!(O, -2, false);
        };
        const waits = function* (): Thread {
          const w = wait(model, 1);
          if ((yield* ps[1]!["waitZero"]!(O, w)) === QUEUED) yield () => isIn(model, 1, w);
        };
        const other = function* (): Thread {
          yield* ps[1]!["add"]!(O, 1, true);
          yield* ps[1]!["add"]!(O, -1, true);
          yield* ps[1]!["add"]!(O, -1, false);
        };
        const dies = function* (): Thread {
          yield* ps[2]!["add"]!(O, 3, true);
          yield* ps[2]!["add"]!(O, -1, true);
          end.dead = true;
        };
        return [main(), waits(), other(), dies()];
      },
      finish(model, waiting) {
        expect(waiting).toEqual([]);
        expect(model.words.get(O + O_COUNT)).toBe(0);
        expect(model.words.get(O + O_HOLDER)).toBe(0);
      },
    },
    bound(2),
  );
  expect(runs).toBeGreaterThan(10);
});

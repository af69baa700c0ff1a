/** Ps that come and go, and threads that are not there for a while or for good, under every interleaving: who looks at what they leave? */
import { expect, test } from "vitest";
import { DEEP, G_BUSY, G_NMIDLE, G_NPROCS, LOOP, M_LOADS, M_PARK, RUNNING } from "../../src/shared/layout.ts";
import { LONG, type Thread } from "./interleave.ts";
import {
  attends,
  type Calls,
  checkAll,
  idles,
  machine,
  mAt,
  place,
  puts,
  record,
  sleeps,
  turn,
  until,
} from "./machine.ts";

test.each([
  { from: 1, to: [3] },
  { from: 1, to: [2, 1] },
  { from: 2, to: [1] },
  { from: 2, to: [1, 2] },
  { from: 2, to: [3, 1] },
])(
  "the number of Ps changes, from $from to $to, while a thread that woke by itself wants one",
  LONG,
  ({ from, to }) => {
    const runs = checkAll(
      (model, got) => {
        place(model, from, [1], [2], LOOP);
        const procs = (): number => model.words.get(G_NPROCS);
        return {
          *1(p) {
            for (const n of to) {
              yield* p["setProcs"]!(n);
              if (yield* p["anyWork"]!()) yield* p["wakeOne"]!();
              yield* puts(p, 1, n);
            }
            yield* attends(p, 1, procs);
            yield* machine(p, 1, got, { work: 0 }, LOOP);
          },
          *2(p) {
            yield* machine(p, 2, got, { work: 1 }, LOOP);
          },
        };
      },
      { procs: to.at(-1)!, wanted: to.map(record).toSorted((a, b) => a - b) },
    );
    expect(runs).toBeGreaterThan(20);
  },
);

test.each([[1], [1, 2], [3, 1]])("another thread changes the number of Ps: %j", LONG, (...to) => {
  const runs = checkAll(
    (model, got) => {
      place(model, 2, [1, 2], [], DEEP);
      const procs = (): number => model.words.get(G_NPROCS);
      return {
        *1(p) {
          for (const n of to) {
            yield* p["setProcs"]!(n);
            if (yield* p["anyWork"]!()) yield* p["wakeOne"]!();
          }
          yield* machine(p, 1, got, { work: 0 }, LOOP);
        },
        *2(p) {
          yield* puts(p, 2, 1, 2);
          yield* attends(p, 2, procs);
          yield* idles(p, 2, LOOP, false);
          yield* machine(p, 2, got, { work: 0 }, LOOP);
        },
      };
    },
    { procs: to.at(-1)!, wanted: [1, 2].map(record) },
  );
  expect(runs).toBeGreaterThan(20);
});

test("a P is handed to a thread and is one too many", LONG, () => {
  const runs = checkAll(
    (model, got) => {
      place(model, 2, [1], [2], DEEP);
      return {
        *1(p) {
          yield* puts(p, 1, 1);
          yield* p["setProcs"]!(1);
          yield* puts(p, 1, 2);
          yield* idles(p, 1, LOOP, false);
          yield* machine(p, 1, got, { work: 0 }, LOOP);
        },
        *2(p) {
          yield* sleeps(p, 2, got);
        },
      };
    },
    { procs: 1, wanted: [1, 2].map(record) },
  );
  expect(runs).toBeGreaterThan(20);
});

/** A system call, from a goroutine or from the event loop of a thread that sleeps: absence.ts. */
function* calling(p: Calls, m: number, lasts: () => boolean, asleep: () => boolean): Thread {
  yield* p["setAway"]!(m, true);
  yield* p["stopSpinning"]!(m);
  if (yield* p["handOff"]!(m)) yield* p["wakeOne"]!();
  yield* until(lasts);
  yield* p["setAway"]!(m, false);
  if (asleep()) yield* p["becomeIdle"]!(m, false, false);
  else yield* p["acquire"]!(m, false);
}

test.each([1, 2])("a system call that lasts until others have run what its thread had, %i Ps", LONG, (procs) => {
  const runs = checkAll(
    (model, got) => {
      place(model, procs, [1], [2], DEEP);
      return {
        *1(p) {
          yield* puts(p, 1, 1, 2);
          yield* calling(
            p,
            1,
            () => got.length === 2,
            () => false,
          );
          yield* machine(p, 1, got, { work: 0 }, LOOP);
        },
        *2(p) {
          yield* sleeps(p, 2, got);
        },
      };
    },
    { procs, wanted: [1, 2].map(record) },
  );
  expect(runs).toBeGreaterThan(20);
});

test.each([1, 2])("a system call of a timer, while its thread is idle, %i Ps", LONG, (procs) => {
  const runs = checkAll(
    (model, got) => {
      place(model, procs, [1], [2], LOOP);
      const asleep = (): boolean => model.words.get(mAt(2) + M_PARK) !== RUNNING;
      return {
        *1(p) {
          yield* puts(p, 1, 1, 2);
          yield* idles(p, 1, LOOP, false);
          yield* machine(p, 1, got, { work: 0 }, LOOP);
        },
        *2(p) {
          yield* calling(p, 2, () => true, asleep);
          // Its event loop calls, when it was woken or has run empty.
          if (asleep() && (yield* p["sleepDeep"]!(2)) !== 0) yield* p["sleep"]!(2);
          yield* machine(p, 2, got, { work: 0 }, LOOP);
        },
      };
    },
    { procs, wanted: [1, 2].map(record) },
  );
  expect(runs).toBeGreaterThan(20);
});

test.each([1, 2])("a thread loads until others have run what it had, %i Ps", LONG, (procs) => {
  const runs = checkAll(
    (model, got) => {
      const { words } = model;
      place(model, procs, [1], [2], DEEP);
      return {
        *1(p) {
          yield* puts(p, 1, 1, 2);
          words.set(mAt(1) + M_LOADS, 1);
          const own = (yield* p["pOf"]!(1)) - 1;
          for (let r = yield* p["take"]!(own); r !== 0; r = yield* p["take"]!(own)) yield* p["queueChain"]!(r, r, 1);
          if (yield* p["anyWork"]!()) yield* p["wakeOne"]!();
          yield* p["beginSleep"]!(1, LOOP);
          while (got.length < 2 && !(yield* p["becomeIdle"]!(1, false, false))) {
            yield* until(() => true);
            yield* p["beginSleep"]!(1, LOOP);
          }
          yield* until(() => got.length === 2);
          words.set(mAt(1) + M_LOADS, 0);
          yield* machine(p, 1, got, { work: 0 }, LOOP);
        },
        *2(p) {
          yield* sleeps(p, 2, got);
        },
      };
    },
    { procs, wanted: [1, 2].map(record) },
  );
  expect(runs).toBeGreaterThan(20);
});

test.each([
  { procs: 2, asleep: true },
  { procs: 2, asleep: false },
  { procs: 1, asleep: true },
])("a thread ends with work in its queue: $procs Ps, the other asleep: $asleep", LONG, ({ procs, asleep }) => {
  const runs = checkAll(
    (model, got) => {
      place(model, procs, asleep ? [1] : [1, 2], asleep ? [2] : [], LOOP);
      let ended = false;
      return {
        *1(p) {
          yield* puts(p, 1, 1, 2);
          ended = true;
        },
        *2(p) {
          if (!asleep) yield* turn(p, 2, got, { work: 0 });
          yield* until(() => ended);
          expect(yield* p["bury"]!(1)).toBe(true);
          yield* p["wakeOne"]!();
          yield* machine(p, 2, got, { work: 0 }, LOOP);
        },
      };
    },
    { procs, wanted: [1, 2].map(record), gone: 1 },
  );
  expect(runs).toBeGreaterThan(asleep ? 0 : 20);
});

test.each([
  // Main is woken where there is no other.
  { busy: 0, idle: [3, 0], ids: [1] },
  // Of two records the second wakes another.
  { busy: 2, idle: [2, 3], ids: [1, 2] },
])("an event loop computes until others have run what is put: M$busy", LONG, ({ busy, idle, ids }) => {
  const runs = checkAll(
    (model, got) => {
      place(model, 3, [1], idle, LOOP);
      model.words.set(mAt(3) + M_PARK, DEEP);
      model.words.set(G_BUSY, 2);
      const done = (): boolean => got.length === ids.length;
      return {
        *[busy](p: Calls) {
          yield* until(done);
          yield* machine(p, busy, got, { work: 0 }, LOOP);
        },
        *1(p: Calls) {
          yield* puts(p, 1, ...ids);
          yield* until(done);
          yield* machine(p, 1, got, { work: 0 }, LOOP);
        },
        *3(p: Calls) {
          yield* sleeps(p, 3, got);
        },
      };
    },
    { procs: 3, wanted: ids.map(record) },
  );
  expect(runs).toBeGreaterThan(2);
});

test("main goes to the end of the idle list", LONG, () => {
  const runs = checkAll(
    (model, got) => {
      place(model, 3, [1, 0], [3], DEEP);
      return {
        *0(p) {
          yield* idles(p, 0, LOOP, false);
          yield* until(() => got.length === 1);
          yield* machine(p, 0, got, { work: 0 }, LOOP);
        },
        *1(p) {
          yield* until(() => model.words.get(G_NMIDLE) === 2);
          yield* puts(p, 1, 1);
          yield* until(() => got.length === 1);
          yield* machine(p, 1, got, { work: 0 }, LOOP);
        },
        *3(p) {
          yield* sleeps(p, 3, got);
        },
      };
    },
    { procs: 3, wanted: [record(1)] },
  );
  expect(runs).toBeGreaterThan(2);
});

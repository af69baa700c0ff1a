/** Going to sleep and waking up under every interleaving: whatever is put somewhere is found by somebody, and all sleep at the end. */
import { expect, test } from "vitest";
import {
  DEEP,
  DOZE,
  G_BUSY,
  G_DUMP,
  G_MIDLE,
  G_NMIDLE,
  G_NPIDLE,
  G_NPROCS,
  G_PIDLE,
  LOOP,
  M_DUMPED,
  M_IS_IDLE,
  M_P,
  M_PARK,
  P_BASE,
  P_OWNER,
  P_SIZE,
  R_M,
} from "../../src/shared/layout.ts";
import { bound, explore, LONG, type Model, type Thread } from "./interleave.ts";
import { type Calls, calls, idles, machine, mAt, record } from "./machine.ts";

interface Setup {
  name: string;
  /** Ps; the first is M1's. */
  procs: number;
  /** There were two Ps: M1 has the second, which is one too many, and M2 has the first. */
  fewer?: boolean;
  /** How M2 begins: asleep, or with the second P and nothing to do. */
  asleep: boolean;
  /** How a thread goes to sleep: LOOP or DOZE. */
  how: number;
}

const setups: Setup[] = [LOOP, DOZE].flatMap((how) =>
  [
    { name: "two Ps, the other thread asleep", procs: 2, asleep: true },
    { name: "two Ps, the other thread about to sleep", procs: 2, asleep: false },
    { name: "one P, the other thread asleep", procs: 1, asleep: true },
  ].map((s) => ({ ...s, name: how === DOZE ? `${s.name}, dozing` : s.name, how })),
);

function setUp(model: Model, s: Setup): void {
  const { words } = model;
  words.set(G_NPROCS, s.procs);
  words.set(record(5) + R_M, 2);
  const own = s.fewer === true ? 1 : 0;
  words.set(P_BASE + own * P_SIZE + P_OWNER, 2);
  words.set(mAt(1) + M_P, own + 1);
  // Who dozes counts as busy.
  words.set(G_BUSY, s.asleep && s.how !== DOZE ? 1 : 2);
  if (s.procs === 2 || s.fewer === true) {
    const other = 1 - own;
    if (s.asleep) {
      words.set(G_PIDLE, other + 1);
      words.set(G_NPIDLE, 1);
    } else {
      words.set(P_BASE + other * P_SIZE + P_OWNER, 3);
      words.set(mAt(2) + M_P, other + 1);
    }
  }
  if (s.asleep) {
    words.set(mAt(2) + M_PARK, s.how === DOZE ? DOZE : DEEP);
    words.set(mAt(2) + M_IS_IDLE, 1);
    words.set(G_MIDLE, 3);
    words.set(G_NMIDLE, 1);
  }
}

function* begins(p: Calls, s: Setup, m: number, got: number[], pinned: { work: number }): Thread {
  if (s.asleep) yield* s.how === DOZE ? p["doze"]!(m, -1) : p["sleep"]!(m);
  yield* machine(p, m, got, pinned, s.how);
}

/** Runs it; `act`: what M1 does first; `locked`: a goroutine has locked it. */
function check(s: Setup, act: (p: Calls) => Thread, wanted: number[], locked: boolean = false): number {
  let got: number[] = [];
  const { runs } = explore(
    {
      start(model) {
        got = [];
        setUp(model, s);
        const first = calls(model, 1);
        const pinned = [{ work: 0, locked }, { work: 0 }] as const;
        const one = function* (): Thread {
          yield* act(first);
          yield* machine(first, 1, got, pinned[0], s.how);
        };
        return [one(), begins(calls(model, 2), s, 2, got, pinned[1])];
      },
      finish(model, waiting) {
        expect(waiting).toEqual([0, 1]);
        expect(got.toSorted((a, b) => a - b)).toEqual(wanted);
        expect(model.words.get(mAt(2) + M_DUMPED)).toBe(model.words.get(G_DUMP));
        const end = s.how === DOZE ? DOZE : DEEP;
        expect(model.words.get(G_BUSY)).toBe(s.how === DOZE ? 2 : 0);
        expect([1, 2].map((m) => model.words.get(mAt(m) + M_PARK))).toEqual([end, end]);
        expect(model.words.get(G_NPIDLE)).toBe(s.procs);
        // Who is locked is nobody's to wake for work.
        expect(model.words.get(G_NMIDLE)).toBe(locked ? 1 : 2);
      },
    },
    bound(2),
  );
  return runs;
}

test.each(setups)("new goroutines: $name", LONG, (s) => {
  const runs = check(
    s,
    function* (p): Thread {
      for (let i = 1; i <= 2; i++) {
        yield* p["putNext"]!(0, record(i));
        yield* p["wakeOne"]!();
      }
    },
    [1, 2].map(record),
  );
  expect(runs).toBeGreaterThan(100);
});

test.each(setups)("new goroutines of a locked thread: $name", LONG, (s) => {
  const runs = check(
    s,
    function* (p): Thread {
      yield* p["setAway"]!(1, true);
      for (let i = 1; i <= 2; i++) {
        yield* p["putNext"]!(0, record(i));
        yield* p["wakeOne"]!();
      }
    },
    [1, 2].map(record),
    true,
  );
  expect(runs).toBeGreaterThan(20);
});

test.each(setups.filter((s) => s.how === LOOP))("new goroutines that are left to others: $name", LONG, (s) => {
  const runs = check(
    s,
    function* (p): Thread {
      for (let i = 1; i <= 2; i++) yield* p["putNext"]!(0, record(i));
      // It has enough, and sleeps: a timer is not needed.
      yield* idles(p, 1, s.how, false, true);
    },
    [1, 2].map(record),
    true,
  );
  expect(runs).toBeGreaterThan(20);
});

test.each(
  [LOOP, DOZE].flatMap((how) =>
    [true, false].map((asleep) => ({
      name: `the other thread ${asleep ? "asleep" : "about to sleep"}${how === DOZE ? ", dozing" : ""}`,
      procs: 1,
      fewer: true,
      asleep,
      how,
    })),
  ),
)("new goroutines of a P that is one too many: $name", LONG, (s) => {
  const runs = check(
    s,
    function* (p): Thread {
      for (let i = 1; i <= 2; i++) {
        yield* p["putNext"]!(1, record(i));
        yield* p["wakeOne"]!();
      }
      yield* p["giveUp"]!(1);
      // It has none of its own, and leaves its loop.
      yield* idles(p, 1, s.how, false);
    },
    [1, 2].map(record),
  );
  expect(runs).toBeGreaterThan(20);
});

test.each(setups)("a message: $name", LONG, (s) => {
  const runs = check(
    s,
    function* (p): Thread {
      yield* p["post"]!(record(5));
    },
    [record(5)],
  );
  expect(runs).toBeGreaterThan(20);
});

test.each(setups)("a question: $name", LONG, (s) => {
  const runs = check(
    s,
    function* (p): Thread {
      yield* p["ask"]!();
      yield* p["tell"]!(2);
    },
    [],
  );
  expect(runs).toBeGreaterThan(5);
});

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
  G_SPINNING,
  GONE,
  LOOP,
  M_BASE,
  M_DUMPED,
  M_IS_IDLE,
  M_LINK,
  M_LOADS,
  M_P,
  M_PARK,
  M_SIZE,
  M_TOLD,
  P_BASE,
  P_LINK,
  P_OWNER,
  P_SIZE,
  R_M,
  RUNNING,
} from "../../src/shared/layout.ts";
import { bound, explore, LONG, Model, protocol, type Call, type Thread } from "./interleave.ts";

const make = protocol(4, false);
type Calls = Record<string, Call>;
const record = (i: number): number => 1_000_000 + 64 * i;
const mAt = (m: number): number => M_BASE + m * M_SIZE;

/**
 * What a thread does when it is woken, until everything sleeps: machine.ts in short, over the same protocol. `how`: in its event loop
 * and behind it, or a doze, which nobody but another thread ends here.
 */
function* machine(p: Calls, m: number, got: number[], pinned: { work: number; locked?: boolean }, how: number): Thread {
  for (;;) {
    yield* p["wakeUp"]!(m);
    yield* p["look"]!();
    for (let r = yield* p["takeInbox"]!(m); r !== 0; r = 0) {
      got.push(r);
      pinned.work++;
    }
    // A goroutine has locked it: what is in its queue is others'.
    if (pinned.locked === true) pinned.work = 0;
    else if ((yield* p["acquire"]!(m, pinned.work > 0)) !== 0) yield* turn(p, m, got, pinned);
    const wants = pinned.work > 0;
    if (wants && (yield* p["acquire"]!(m, true)) !== 0) continue;
    yield* idles(p, m, how, wants);
  }
}

/** Nothing is to be done: it sleeps. */
function* idles(p: Calls, m: number, how: number, wants: boolean, leaves: boolean = false): Thread {
  if (!(yield* p["beginSleep"]!(m, how)) || !(yield* p["becomeIdle"]!(m, wants, leaves))) return;
  if (how === DOZE) yield* p["doze"]!(m, -1);
  // The event loop has run empty.
  else if ((yield* p["sleepDeep"]!(m)) !== 0) yield* p["sleep"]!(m);
}

/** Goroutines of the thread first, then whatever is to be found. */
function* turn(p: Calls, m: number, got: number[], pinned: { work: number }): Thread {
  for (;;) {
    pinned.work = 0;
    const r0 = yield* p["takeInbox"]!(m);
    if (r0 !== 0) {
      got.push(r0);
      continue;
    }
    const own = (yield* p["pOf"]!(m)) - 1;
    let r = yield* p["take"]!(own);
    if (r === 0) r = yield* p["takeBatch"]!(own);
    if (r === 0 && (yield* p["spin"]!(m))) r = yield* p["steal"]!(own, 0x1234_5678, true);
    if (r === 0) return;
    if ((yield* p["stopSpinning"]!(m)) || (yield* p["anyWork"]!())) yield* p["wakeOne"]!();
    got.push(r);
  }
}

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

function calls(model: Model, m: number): Calls {
  const p = model.thread(m, make);
  // oxlint-disable-next-line eslint/require-yield -- called as the others are
  p["pOf"] = function* (n): Generator<undefined, number, unknown> {
    return model.words.get(mAt(n as number) + M_P);
  };
  p["ask"] = function* (): Generator<undefined, number, unknown> {
    yield;
    model.words.set(G_DUMP, 1);
    return 0;
  };
  // What concerns the thread, and is in no inbox: here a dump.
  p["look"] = function* (): Generator<undefined, number, unknown> {
    yield;
    model.words.set(mAt(m) + M_TOLD, 0);
    yield;
    const request = model.words.get(G_DUMP);
    model.words.set(mAt(m) + M_DUMPED, request);
    return request;
  };
  // Main's event loop is held open.
  if (m === 0) p["sleep"] = () => until(() => model.words.get(mAt(0) + M_PARK) !== DEEP) as ReturnType<Call>;
  return p;
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

/** What a thread waits for outside the protocol: a system call lasts, an event loop is busy. */
function* until(is: () => boolean): Thread {
  yield is;
}

/** A run of threads of their own making, each with its number; all Ps are idle behind it, and everybody asleep who has not ended. */
function checkAll(
  start: (model: Model, got: number[]) => Record<number, (p: Calls) => Thread>,
  end: { procs: number; wanted: number[]; gone?: number },
): number {
  let got: number[] = [];
  const ms = Object.keys(start(new Model(), [])).map(Number);
  return explore(
    {
      start(model) {
        got = [];
        const threads = start(model, got);
        return ms.map((m) => threads[m]!(calls(model, m)));
      },
      finish({ words }) {
        expect(got.toSorted((a, b) => a - b)).toEqual(end.wanted);
        expect(words.get(G_NPIDLE)).toBe(end.procs);
        expect(words.get(G_SPINNING)).toBe(0);
        for (const m of ms) expect(words.get(mAt(m) + M_PARK)).toBe(m === end.gone ? GONE : DEEP);
        expect(words.get(G_NMIDLE)).toBe(ms.filter((m) => m !== end.gone).length);
        expect(words.get(G_BUSY)).toBe(0);
      },
    },
    bound(ms.length > 2 ? 1 : 2),
  ).runs;
}

/** `n` Ps, of which `owners` have the first; `idle`: who sleeps, from the first to be woken on, in their event loops if `how` is LOOP. */
function place({ words }: Model, n: number, owners: number[], idle: number[], how: number): void {
  words.set(G_NPROCS, n);
  owners.forEach((m, p) => {
    words.set(P_BASE + p * P_SIZE + P_OWNER, m + 1);
    words.set(mAt(m) + M_P, p + 1);
  });
  for (let p = n - 1; p >= owners.length; p--) {
    words.set(P_BASE + p * P_SIZE + P_LINK, words.get(G_PIDLE));
    words.set(G_PIDLE, p + 1);
  }
  words.set(G_NPIDLE, Math.max(0, n - owners.length));
  for (const m of idle.toReversed()) {
    words.set(mAt(m) + M_PARK, how);
    words.set(mAt(m) + M_IS_IDLE, 1);
    words.set(mAt(m) + M_LINK, words.get(G_MIDLE));
    words.set(G_MIDLE, m + 1);
  }
  words.set(G_NMIDLE, idle.length);
  words.set(G_BUSY, how === DEEP ? owners.length : owners.length + idle.length);
}

function* puts(p: Calls, m: number, ...ids: number[]): Thread {
  for (const id of ids) {
    const own = (yield* p["pOf"]!(m)) - 1;
    if (own >= 0) yield* p["putNext"]!(own, record(id));
    else yield* p["queueChain"]!(record(id), record(id), 1);
    yield* p["wakeOne"]!();
  }
}

function* sleeps(p: Calls, m: number, got: number[], work: number = 0): Thread {
  yield* p["sleep"]!(m);
  yield* machine(p, m, got, { work }, LOOP);
}

/** Between two goroutines: machine.ts, attend. */
function* attends(p: Calls, m: number, procs: () => number): Thread {
  if ((yield* p["pOf"]!(m)) > procs()) yield* p["giveUp"]!(m);
}

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
          while (got.length < 2 && !(yield* p["becomeIdle"]!(1, false))) {
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

test("main goes to the end of the idle list", () => {
  checkAll(
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
});

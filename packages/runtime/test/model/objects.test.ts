/** Channels under every interleaving: each value comes once, in order; closing tells everybody; one case of a select fires. */
import { expect, test } from "vitest";
import {
  CLOSED,
  M_BASE,
  M_INBOX,
  M_SIZE,
  O_BUFFER,
  O_CAP,
  O_ROOM,
  OK,
  QUEUED,
  R_CELL,
  R_FIRED,
  R_M,
  R_NEXT,
  R_OBJECT,
  R_OK,
  R_SELECT,
} from "../../src/shared/layout.ts";
import { bound, explore, LONG, type Call, type Model, protocol, type Step, type Thread } from "./interleave.ts";

const make = protocol(4, false);
type Calls = Record<string, Call>;
const object = (i: number): number => 2_000_000 + 128 * i;
const record = (i: number): number => 1_000_000 + 64 * i;

function channel(model: Model, i: number, capacity: number): number {
  const o = object(i);
  model.words.set(o + O_CAP, capacity);
  model.words.set(o + O_ROOM, capacity);
  model.words.set(o + O_BUFFER, 3_000_000 + 1000 * i);
  return o;
}

let records = 0;

/** A record of thread `m`, with a value to send or room for one. */
function wait(model: Model, m: number, value = 0): number {
  const r = record(++records);
  model.words.set(r + R_M, m);
  model.words.set(r + R_CELL, value);
  return r;
}

/** Sleeps until the record comes back through the inbox of `m`. */
function* told(model: Model, m: number, r: number): Generator<Step, void, unknown> {
  const inbox = M_BASE + m * M_SIZE + M_INBOX;
  const is = (): boolean => {
    for (let at = model.words.get(inbox); at !== 0; at = model.words.get(at + R_NEXT)) if (at === r) return true;
    return false;
  };
  yield is;
}

function* sender(model: Model, p: Calls, m: number, o: number, values: number[], log: string[]): Thread {
  for (const v of values) {
    const w = wait(model, m, v);
    const code = yield* p["send"]!(o, w, true);
    if (code === QUEUED) {
      yield* told(model, m, w);
      if (model.words.get(w + R_OK) !== 1) log.push(`closed ${v}`);
    } else if (code === CLOSED) log.push(`closed ${v}`);
    else expect(code).toBe(OK);
  }
}

function* receiver(model: Model, p: Calls, m: number, o: number, got: number[], most = 99): Thread {
  for (let i = 0; i < most; i++) {
    const w = wait(model, m);
    const code = yield* p["recv"]!(o, w, true);
    if (code === CLOSED) return;
    if (code === QUEUED) {
      yield* told(model, m, w);
      if (model.words.get(w + R_OK) !== 1) return;
    }
    got.push(model.words.get(w + R_CELL));
  }
}

test.each([0, 1, 2])("a sender and a receiver, capacity %i: in order, then the end", LONG, (capacity) => {
  let got: number[] = [];
  const { runs } = explore(
    {
      start(model) {
        got = [];
        records = 0;
        const o = channel(model, 1, capacity);
        const [a, b] = [model.thread(1, make), model.thread(2, make)];
        const first = function* (): Thread {
          yield* sender(model, a, 1, o, [11, 12], []);
          yield* a["close"]!(o);
        };
        return [first(), receiver(model, b, 2, o, got)];
      },
      finish(_model, waiting) {
        expect(waiting).toEqual([]);
        expect(got).toEqual([11, 12]);
      },
    },
    bound(3),
  );
  expect(runs).toBeGreaterThan(10);
});

test.each([0, 1])(
  "two senders and a closer, capacity %i: a value is received or told closed, never both",
  LONG,
  (capacity) => {
    let got: number[] = [];
    let log: string[] = [];
    const { runs } = explore(
      {
        start(model) {
          got = [];
          log = [];
          records = 0;
          const o = channel(model, 1, capacity);
          const ps = [1, 2, 3].map((m) => model.thread(m, make));
          const last = function* (): Thread {
            yield* receiver(model, ps[2]!, 3, o, got, 1);
            yield* ps[2]!["close"]!(o);
            yield* receiver(model, ps[2]!, 3, o, got);
          };
          return [sender(model, ps[0]!, 1, o, [1], log), sender(model, ps[1]!, 2, o, [2], log), last()];
        },
        finish(_model, waiting) {
          expect(waiting).toEqual([]);
          const closed = log.map((line) => Number(line.slice(7)));
          expect([...got, ...closed].toSorted((a, b) => a - b)).toEqual([1, 2]);
        },
      },
      3,
    );
    expect(runs).toBeGreaterThan(10);
  },
);

/** One select over receives from `os` (0) and sends of `v` to them (1). */
function* selecting(model: Model, p: Calls, m: number, cases: [number, boolean, number][], done: string[]): Thread {
  const list = 4_000_000 + m * 1000;
  const rs = cases.map(([o, sends, v]) => {
    const r = wait(model, m, v);
    model.words.set(r + R_OBJECT, o);
    model.words.set(r + R_OK, sends ? 1 : 0);
    return r;
  });
  for (const r of rs) model.words.set(r + R_SELECT, rs[0]!);
  model.words.set(rs[0]! + R_FIRED, 0);
  const n = rs.length;
  const sorted = rs.toSorted((a, b) => model.words.get(a + R_OBJECT)! - model.words.get(b + R_OBJECT));
  [...rs, ...rs, ...sorted].forEach((r, i) => model.words.set(list + 4 * i, r));
  const code = yield* p["select"]!(list, n, true);
  let fired: number;
  if (code === -1) {
    let which = -1;
    const inbox = M_BASE + m * M_SIZE + M_INBOX;
    yield () => {
      for (let at = model.words.get(inbox); at !== 0; at = model.words.get(at + R_NEXT))
        if (rs.includes(at)) which = rs.indexOf(at);
      return which >= 0;
    };
    fired = which;
    for (const r of rs) if (r !== rs[fired]) yield* p["cancel"]!(r);
  } else fired = code & 0xff_ffff;
  const [o, sends, v] = cases[fired]!;
  done.push(
    `${m} ${sends ? "sent" : "got"} ${sends ? v : model.words.get(rs[fired]! + R_CELL)} on ${o === object(1) ? "a" : "b"}`,
  );
}

test("two selects that send and receive on the same two channels trade once", LONG, () => {
  let done: string[] = [];
  const { runs } = explore(
    {
      start(model) {
        done = [];
        records = 0;
        const [a, b] = [channel(model, 1, 0), channel(model, 2, 0)];
        const ps = [1, 2].map((m) => model.thread(m, make));
        return [
          selecting(
            model,
            ps[0]!,
            1,
            [
              [a, true, 7],
              [b, false, 0],
            ],
            done,
          ),
          selecting(
            model,
            ps[1]!,
            2,
            [
              [a, false, 0],
              [b, true, 8],
            ],
            done,
          ),
        ];
      },
      finish(model, waiting) {
        expect(waiting).toEqual([]);
        const on = (name: string): string[] => done.filter((line) => line.endsWith(name)).toSorted();
        expect([on("a"), on("b")]).toContainEqual([]);
        expect(done.toSorted()).toEqual(
          on("a").length > 0 ? ["1 sent 7 on a", "2 got 7 on a"] : ["1 got 8 on b", "2 sent 8 on b"],
        );
      },
    },
    bound(3),
  );
  expect(runs).toBeGreaterThan(10);
});

test("a select does not receive from itself", LONG, () => {
  let done: string[] = [];
  const { runs } = explore(
    {
      start(model) {
        done = [];
        records = 0;
        const a = channel(model, 1, 0);
        const ps = [1, 2].map((m) => model.thread(m, make));
        return [
          selecting(
            model,
            ps[0]!,
            1,
            [
              [a, true, 7],
              [a, false, 0],
            ],
            done,
          ),
          sender(model, ps[1]!, 2, a, [9], done),
        ];
      },
      finish(_model, waiting) {
        expect(waiting).toEqual([]);
        expect(done).toEqual(["1 got 9 on a"]);
      },
    },
    bound(3),
  );
  expect(runs).toBeGreaterThan(10);
});

test("a select and three others: one case fires, nothing is lost", LONG, () => {
  let done: string[] = [];
  const { runs } = explore(
    {
      start(model) {
        done = [];
        records = 0;
        const [a, b] = [channel(model, 1, 0), channel(model, 2, 0)];
        const ps = [1, 2, 3].map((m) => model.thread(m, make));
        const third = function* (): Thread {
          yield* sender(model, ps[2]!, 3, b, [5], []);
        };
        const second = function* (): Thread {
          yield* sender(model, ps[1]!, 2, a, [4], []);
        };
        return [
          selecting(
            model,
            ps[0]!,
            1,
            [
              [a, false, 0],
              [b, false, 0],
            ],
            done,
          ),
          second(),
          third(),
        ];
      },
      finish(_model, waiting) {
        expect(done.length).toBe(1);
        // The other one still waits to be received.
        expect(waiting).toEqual([done[0]!.endsWith("a") ? 2 : 1]);
      },
    },
    bound(2),
  );
  expect(runs).toBeGreaterThan(10);
});

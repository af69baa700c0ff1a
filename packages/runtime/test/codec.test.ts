/** Values that cross threads: what goes in comes out, or is refused with the path to it; nothing of the region is lost. */
import { fstatSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chan, nilChan, WaitGroup } from "../src/index.ts";
import { AsyncReceiver } from "../src/chan/async.ts";
import type { Chan } from "../src/chan/chan.ts";
import { decodeCell, dropCell, encodeCell } from "../src/shared/codec.ts";
import { G } from "../src/scheduler/g.ts";
import { VALUE } from "../src/scheduler/status.ts";
import { failObject } from "../src/shared/failures.ts";
import { G_ARENA_NEXT, OK, R_CELL, R_KIND, R_M } from "../src/shared/layout.ts";
import { move } from "../src/shared/move.ts";
import { open, record, X } from "../src/shared/region.ts";
import { growBuffer } from "../src/shared/sending.ts";
import { drain, onRecord, waitRecord } from "../src/shared/waits.ts";

open(1);
const never = (): never => {
  throw new Error("nobody should hear of it");
};
const cell = record();

function cross(v: unknown): unknown {
  encodeCell(cell + 48, v, "value");
  return decodeCell(cell + 48);
}

test("plain data of every shape", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withUnicodeString: true,
  } as never);
  fc.assert(
    fc.property(anything, (v) => {
      expect(cross(v)).toStrictEqual(v);
    }),
    { numRuns: 500 },
  );
});

test("numbers keep their sign and their kind", () => {
  for (const v of [0, -0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 0.1, NaN, Infinity, -Infinity, Number.MAX_VALUE])
    expect(Object.is(cross(v), v)).toBe(true);
});

test("strings of any length and alphabet", () => {
  for (const s of [
    "",
    "a",
    "12345678",
    "123456789",
    "é".repeat(8),
    "☃",
    "😀".repeat(100),
    "\ud800",
    "x".repeat(100_000),
  ])
    expect(cross(s)).toBe(s);
});

test("an object that is met twice is one object again", () => {
  const shared = { x: 1 };
  const v = { a: shared, b: [shared], m: new Map([[shared, shared]]), self: null as unknown };
  v.self = v;
  const w = cross(v) as typeof v;
  expect(w.a).toBe(w.b[0]);
  expect([...w.m][0]).toEqual([w.a, w.a]);
  expect(w.self).toBe(w);
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const [first, second] = cross([bytes, new Uint16Array(bytes.buffer, 2, 1)]) as [Uint8Array, Uint16Array];
  expect(second.buffer).toBe(first.buffer);
});

test("as deep as it goes", () => {
  let list: { next: unknown } | null = null;
  for (let i = 0; i < 20_000; i++) list = { next: i % 3 === 0 ? [list] : i % 3 === 1 ? new Map([[list, list]]) : list };
  let n = 0;
  for (let at: unknown = cross(list); at !== null; n++) {
    const { next } = at as { next: unknown };
    if (next instanceof Map) {
      const [[key, value]] = [...next] as [[unknown, unknown]];
      expect(key).toBe(value);
      at = key;
    } else at = Array.isArray(next) ? (next as unknown[])[0] : next;
  }
  expect(n).toBe(20_000);
  let e: Error & { cause?: unknown } = new TypeError("0");
  for (let i = 1; i < 1500; i++) e = new Error(String(i), { cause: e });
  for (let i = 1499; i > 0; i--) e = (i === 1499 ? (cross(e) as typeof e) : e).cause as typeof e;
  expect([e.message, e.cause, e instanceof TypeError]).toEqual(["0", undefined, true]);
  // What lies deep and is met again further up is the same object, and is refused with where it is from.
  let deep: object = { end: true };
  const end = deep;
  for (let i = 0; i < 1000; i++) deep = { deep };
  let at = cross({ deep, end }) as { deep: unknown; end: unknown };
  const met = at.end;
  for (let i = 0; i < 1000; i++) at = at.deep as typeof at;
  expect(at.deep).toBe(met);
  Object.assign(end, { f: () => 1 });
  expect(() => cross(deep)).toThrow(/: value…\.(?:deep\.)+f is a function/);
});

test("of an array with holes what is there", () => {
  const far: unknown[] = [];
  far[2 ** 32 - 2] = { far };
  const w = cross(far) as { far: unknown }[];
  expect([w.length, Object.keys(w), w[2 ** 32 - 2]!.far === w]).toEqual([2 ** 32 - 1, ["4294967294"], true]);
  const named = Object.assign([, 1, , undefined, ,], { name: "x" });
  expect(cross(named)).toStrictEqual(named);
  expect(Object.keys(cross(named) as object)).toEqual(["1", "3", "name"]);
});

test("an ArrayBuffer that can be resized still can", () => {
  const buffer = new ArrayBuffer(2, { maxByteLength: 4 });
  const w = cross({ buffer, bytes: new Uint8Array(buffer, 1, 1).fill(7) }) as {
    buffer: ArrayBuffer;
    bytes: Uint8Array;
  };
  expect([w.buffer.resizable, w.buffer.maxByteLength, w.bytes.buffer === w.buffer]).toEqual([true, 4, true]);
  w.buffer.resize(3);
  expect([...new Uint8Array(w.buffer)]).toEqual([0, 7, 0]);
});

test("a Buffer is a Buffer again", () => {
  for (const v of [Buffer.from("né"), Buffer.alloc(10_000, 1), Buffer.alloc(0)]) {
    const w = cross({ v }) as { v: Buffer };
    expect(Buffer.isBuffer(w.v)).toBe(true);
    expect(w.v.toString("hex")).toBe(v.toString("hex"));
  }
  const moved = cross(move(Buffer.alloc(16, 2).buffer)) as ArrayBuffer;
  expect(new Uint8Array(moved)[15]).toBe(2);
  if (typeof Float16Array === "function") expect(cross(new Float16Array([0.5, 2]))).toEqual(new Float16Array([0.5, 2]));
});

test("a match says where it was and what its groups are", () => {
  const match = /(?<word>b)(c)?/d.exec("abd")!;
  const crossed = cross({ match }) as { match: RegExpExecArray };
  expect(crossed.match).toStrictEqual(match);
  expect([crossed.match.index, crossed.match.input, crossed.match.groups!["word"]]).toEqual([1, "abd", "b"]);
  expect(crossed.match.indices!.groups!["word"]).toEqual([1, 2]);
});

test("a slice of a large buffer takes only itself along", () => {
  const pool = new Uint8Array(100_000).fill(7);
  const v = cross(pool.subarray(10, 13)) as Uint8Array;
  expect([...v]).toEqual([7, 7, 7]);
  expect(v.buffer.byteLength).toBe(3);
  // Not where all of it goes along, or is handed over.
  const [all, part] = cross([pool.buffer, pool.subarray(10, 13)]) as [ArrayBuffer, Uint8Array];
  expect([part.buffer === all, part.byteOffset]).toEqual([true, 10]);
  const given = move(new Uint8Array(100_000).subarray(10, 13));
  encodeCell(cell + 48, given, "value")!.done();
  const taken = decodeCell(cell + 48) as Uint8Array;
  expect([given.length, taken.byteOffset, taken.buffer.byteLength]).toEqual([0, 10, 100_000]);
});

test("errors keep class, name, message, stack, cause and what else they hold", () => {
  const cause = new TypeError("below");
  const e = Object.assign(new RangeError("above", { cause }), { code: "E_X", detail: { f: () => 1 } });
  const w = cross(e) as typeof e;
  expect(w).toBeInstanceOf(RangeError);
  expect([w.message, w.name, w.stack, w.code]).toEqual([e.message, "RangeError", e.stack, "E_X"]);
  expect(w.cause).toBeInstanceOf(TypeError);
  expect("detail" in w).toBe(false);
  // Plain data is held too; a cause that cannot cross comes as a text.
  const plain = Object.assign(new Error("x", { cause: { code: 5, list: [1, { a: 2 }], when: new Date(0) } }), {
    many: [1, () => 2],
  });
  expect(cross(plain)).toMatchObject({ cause: { code: 5, list: [1, { a: 2 }], when: new Date(0) } });
  expect("many" in (cross(plain) as object)).toBe(false);
  class Cause {
    id = 7;
  }
  expect((cross(new Error("y", { cause: new Cause() })) as Error).cause).toBe("Cause { id: 7 }");
  class Own extends Error {
    override name = "Own";
  }
  const own = cross(new Own("mine")) as Error & { className?: string };
  expect([own.name, own.message, own instanceof Error, String(own)]).toEqual(["Own", "mine", true, "Own: mine"]);
  expect(own.className).toBe("Own");
  class NotANumber extends TypeError {}
  const kin = cross(new NotANumber("kin")) as Error & { className?: string };
  expect([kin.name, kin instanceof TypeError, kin.className]).toEqual(["TypeError", true, "NotANumber"]);
  expect(cross(new AggregateError([new Error("one")], "all"))).toMatchObject({ errors: [{ message: "one" }] });
  // What prints still prints, what does not still does not.
  const listed = Object.assign(new Error("invalid", { cause: 1 }), { errors: [{ field: "a" }] });
  expect(JSON.stringify(cross(listed))).toBe(JSON.stringify(listed));
});

test("errors hold whatever can cross, and leave the rest behind", () => {
  const ch = chan<number>(1);
  const memory = move(new Uint8Array([1, 2]));
  const list = { first: true };
  const e = Object.assign(new Error("x", { cause: new Map([["list", [list]]]) }), {
    ch,
    half: [ch, memory, list, () => 1],
    rows: new Set([new Float64Array([0.5])]),
    many: Array.from({ length: 5000 }, (_, i) => i),
    plain: 1,
    nested: Object.assign(new RangeError("y"), { list, f: () => 1 }),
    broken: {
      get now(): number {
        throw new Error("not now");
      },
    },
  });
  const w = cross({ e, list }) as { e: typeof e; list: unknown };
  expect(w.e.cause).toEqual(new Map([["list", [list]]]));
  expect((w.e.cause as Map<string, unknown[]>).get("list")![0]).toBe(w.list);
  expect(w.e.nested.list).toBe(w.list);
  expect(Object.keys(w.e).sort()).toEqual(["ch", "many", "nested", "plain", "rows"]);
  expect(Object.keys(w.e.nested)).toEqual(["list"]);
  expect(w.e.ch).toBe(ch);
  expect([w.e.rows, w.e.many.length]).toEqual([e.rows, 5000]);
  expect(memory.length).toBe(2);
  // What lies too deep in it to be written at once is left behind, with all that holds it.
  let deep: object = { f: () => 1 };
  for (let i = 0; i < 1000; i++) deep = { deep };
  expect(Object.keys(cross(Object.assign(new Error("z"), { deep, code: 1 })) as object)).toEqual(["code"]);
});

test("what cannot cross is named by its path", () => {
  class Point {
    x = 1;
  }
  const gone = new Uint8Array(8);
  move(gone);
  const cases: [unknown, string][] = [
    [() => 1, "value is a function"],
    [{ a: [1, { "b c": Point }] }, 'value.a[1]["b c"] is a class'],
    [[new Point()], "value[0] is an instance of Point"],
    [new Map([["k", Symbol("s")]]), "value.<value 0> is a symbol"],
    [
      new Set([Promise.resolve()]),
      "value.<element 0> is an instance of Promise: what it resolves with may cross, wait(promise)",
    ],
    [{ w: new WeakMap() }, "value.w is an instance of WeakMap"],
    [Symbol("s"), "value is a symbol"],
    [{ b: gone }, "value.b is memory that has been moved away"],
    [[gone.buffer], "value[0] is memory that has been moved away"],
    [new G(1, 0, null, VALUE, null, 0, null, undefined), "value is a goroutine's handle"],
  ];
  for (const [v, text] of cases) expect(() => cross(v)).toThrow(`this cannot go to another thread: ${text};`);
});

test("an instance of a class made of a collection would lose its class: it is refused too", () => {
  class Stack extends Array<number> {}
  class Registry extends Map<string, number> {}
  class Tags extends Set<string> {}
  class Day extends Date {}
  class Pattern extends RegExp {}
  class Bytes extends Uint8Array {}
  class Memory extends ArrayBuffer {}
  const bare = Object.create(Object.create(null) as object) as object;
  for (const v of [new Stack(), new Registry(), new Tags(), new Day(0), new Pattern("x"), new Bytes(2), new Memory(2)])
    expect(() => cross({ v })).toThrow(`: value.v is an instance of ${v.constructor.name};`);
  expect(() => cross(bare)).toThrow(": value is an object with a prototype of its own;");
  // What another realm calls an array or an object is one.
  expect(cross(runInNewContext("[1, { a: [2] }]"))).toEqual([1, { a: [2] }]);
});

test("an array brings along what it holds besides its elements", () => {
  const found = /(?<year>\d+)-(\d+)/d.exec("on 2024-05")!;
  const w = cross(found) as typeof found;
  expect([...w]).toEqual(["2024-05", "2024", "05"]);
  expect([w.index, w.input, w.groups!["year"], w.indices![1]]).toEqual([3, "on 2024-05", "2024", [3, 7]]);
  // oxlint-disable-next-line no-sparse-arrays
  const sparse = Object.assign([1, , undefined], { 7.5: "half", "-1": "last", "01": "padded" });
  expect(Object.entries(cross(sparse) as object)).toEqual(Object.entries(sparse));
  expect(Object.keys(cross(Object.assign([], { name: [] })) as object)).toEqual(["name"]);
  expect((cross(sparse) as unknown[]).length).toBe(3);
});

test("what does not let itself be looked at is said in words", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const broken = Object.assign(() => 1, {
    [inspect.custom](): string {
      throw new Error("not now");
    },
  });
  expect((cross(new Error("x", { cause: broken })) as Error).cause).toBe("a function");
  const ch = chan<number>(1);
  cross(ch);
  failObject(ch.o, proxy);
  expect(() => ch.tryRecv()).toThrow("an object that cannot be looked at");
});

test("who is told of something while a value is received may send: the value is not touched", () => {
  const [ch, other] = [chan<string>(1), chan<string>(1)];
  cross([ch, other]);
  const [text, more] = ["x".repeat(100), "y".repeat(100)];
  const KIND = 100;
  onRecord(KIND, (r) => {
    X.p.release(r, 0);
    other.trySend(more);
  });
  const tell = (): void => {
    const r = record();
    X.I[(r + R_KIND) >> 2] = KIND;
    X.I[(r + R_M) >> 2] = X.m;
    X.p.post(r);
  };
  ch.trySend(text);
  tell();
  expect(ch.tryRecv()).toEqual([text, true]);
  expect(other.tryRecv()).toEqual([more, true]);
});

test("a send for which there is no memory leaves nothing behind", () => {
  const ch = chan<unknown>(100);
  cross(ch);
  for (let i = 0; i < 8; i++) ch.trySend(i);
  const memory = move(new Uint8Array([1, 2]));
  const { p } = X;
  const refused = (): void =>
    expect(() => ch.trySend(memory)).toThrow(expect.objectContaining({ code: "GORT_SHARED_MEMORY" }));
  let before: number | undefined;
  // Records are there still, room for more values is not.
  X.p = { ...p, allocate: (size: number) => (size === 0 ? p.allocate(0) : 0) };
  try {
    for (let i = 0; i < 100; i++) refused();
    before = X.I[G_ARENA_NEXT >> 2];
    for (let i = 0; i < 1000; i++) refused();
  } finally {
    X.p = p;
  }
  expect([X.I[G_ARENA_NEXT >> 2], memory.length]).toEqual([before, 2]);
  expect([ch.trySend(memory), ch.len, memory.length]).toEqual([true, 9, 0]);
});

/** A channel, shared, of a thread that sends as another would: who receives here hears of it later. */
function sentFromElsewhere(capacity: number): { ch: Chan<number>; send: (v: number) => void } {
  const ch = chan<number>(capacity) as unknown as Chan<number>;
  cross(ch);
  const send = (v: number): void => {
    const r = waitRecord();
    encodeCell(r + R_CELL, v, "value");
    if (X.p.send(ch.o, r, false) !== OK) {
      growBuffer(ch.o);
      expect(X.p.send(ch.o, r, false)).toBe(OK);
    }
    X.p.release(r, 0);
  };
  return { ch, send };
}

test("values that were on their way to who has left go to others in their place, also where the channel is closed", () => {
  const { ch, send } = sentFromElsewhere(1);
  const waiters = [1, 2].map(() => new AsyncReceiver(false, never, never));
  for (const w of waiters) ch.addReceiver(w);
  for (const v of [1, 2, 3]) send(v);
  for (const w of waiters) ch.removeReceiver(w);
  X.p.close(ch.o);
  expect([1, 2, 3, 4].map(() => ch.tryRecv())).toEqual([...[1, 2, 3].map((v) => [v, true]), [undefined, false]]);
});

test("they do where what is heard in between makes others hear, too", () => {
  const { ch, send } = sentFromElsewhere(1);
  const [other, third] = [sentFromElsewhere(1), sentFromElsewhere(1)];
  const waiters = [1, 2].map(() => new AsyncReceiver(false, never, never));
  for (const w of waiters) ch.addReceiver(w);
  third.ch.addReceiver(new AsyncReceiver(false, () => {}, never));
  const fire = (): null => {
    third.send(0);
    drain();
    return null;
  };
  other.ch.addReceiver({ next: null, prev: null, status: -1, fire } as unknown as AsyncReceiver);
  send(1);
  other.send(0);
  send(2);
  send(3);
  for (const w of waiters) ch.removeReceiver(w);
  drain();
  expect([1, 2, 3].map(() => ch.tryRecv()![0])).toEqual([1, 2, 3]);
});

test("who leaves once it has been served takes nobody else's wait along", () => {
  const [{ ch, send }, other] = [sentFromElsewhere(0), sentFromElsewhere(0)];
  const got: unknown[] = [];
  const served = new AsyncReceiver(false, (v) => got.push(v), never);
  ch.addReceiver(served);
  send(1);
  drain();
  // It waits in the record that has become free.
  other.ch.addReceiver(new AsyncReceiver(false, (v) => got.push(v), never));
  ch.removeReceiver(served);
  other.send(2);
  drain();
  expect(got).toEqual([1, 2]);
});

test("they do where there is no memory for that", () => {
  for (const capacity of [0, 1]) {
    const { ch, send } = sentFromElsewhere(capacity);
    const waiters = [1, 2].map(() => new AsyncReceiver(false, never, never));
    for (const w of waiters) ch.addReceiver(w);
    const values = [1, 2, 3].slice(0, 2 + capacity);
    for (const v of values) send(v);
    for (const w of waiters) ch.removeReceiver(w);
    const { p } = X;
    X.p = { ...p, allocate: () => 0 };
    try {
      drain();
    } finally {
      X.p = p;
    }
    expect(ch.len).toBe(capacity);
    expect(values.map(() => ch.tryRecv()![0]).toSorted()).toEqual(values);
    expect(ch.tryRecv()).toBe(undefined);
  }
});

test("a refused value leaves its channels unshared references", () => {
  const ch = chan<number>(1);
  expect(() => cross([ch, () => 1])).toThrow("value[1] is a function");
  expect(cross(ch)).toBe(ch);
});

test("what stays on its thread, or holds what cannot cross, is named with the path to it", () => {
  const ch = chan<unknown>(1);
  ch.trySend({ done: () => 1 });
  expect(() => cross(nilChan())).toThrow("value: the nil channel stays on its thread");
  expect(() => cross({ jobs: [{ ch: nilChan() }] })).toThrow("value.jobs[0].ch: the nil channel stays on its thread");
  expect(() => cross({ ch })).toThrow("value.ch: a value in the channel.done is a function");
});

test("move detaches at once, and what was moved can be moved on", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const moved = move(bytes);
  expect(bytes.length).toBe(0);
  const written = encodeCell(cell + 48, moved, "value");
  // Nobody has it yet.
  expect(moved.length).toBe(3);
  written!.done();
  expect([decodeCell(cell + 48), moved.length]).toEqual([new Uint8Array([1, 2, 3]), 0]);
  expect(() => move(bytes)).toThrow("has been moved already");
});

test("a file handle that nobody will have is closed", async () => {
  const file = await openFile(import.meta.filename);
  const { fd } = file;
  encodeCell(cell + 48, move(file), "value")!.done();
  const isOpen = (): boolean => {
    try {
      fstatSync(fd);
      return true;
    } catch {
      return false;
    }
  };
  expect(isOpen()).toBe(true);
  dropCell(cell + 48);
  await expect.poll(isOpen).toBe(false);
});

test("memory that small Buffers share is not moved from under the others", () => {
  const [one, other] = [Buffer.from("one"), Buffer.from("other")];
  expect(() => move(one as Buffer<ArrayBuffer>)).toThrow("pass it without move, which copies it");
  expect([String(one), String(other), String(cross(one))]).toEqual(["one", "other", "one"]);
});

test("handles are the same on the way back", () => {
  const ch = chan<number>(2);
  const wg = new WaitGroup();
  const back = cross({ ch, wg }) as { ch: unknown; wg: unknown };
  expect(back.ch).toBe(ch);
  expect(back.wg).toBe(wg);
  expect((cross([ch]) as unknown[])[0]).toBe(ch);
  expect(ch.trySend(1)).toBe(true);
  expect([ch.len, ch.cap, ch.tryRecv()]).toEqual([1, 2, [1, true]]);
});

test("the region does not grow with what has come and gone", () => {
  const value = { text: "x".repeat(500), list: [1, 2, 3], bytes: new Uint8Array(300) };
  for (let i = 0; i < 100; i++) cross(value);
  const before = X.I[G_ARENA_NEXT >> 2];
  for (let i = 0; i < 1000; i++) cross(value);
  expect(X.I[G_ARENA_NEXT >> 2]).toBe(before);
});

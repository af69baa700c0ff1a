/** Arguments of wrong types and numbers out of range: an error with a code that begins with the operation, and nothing has happened. */
import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import "./frames.ts";
import {
  after,
  afterFunc,
  AtomicInt,
  background,
  Canceled,
  chan,
  Cond,
  fromAsyncIterable,
  fromEmitter,
  fromSignal,
  go,
  gomaxprocs,
  Group,
  Mutex,
  noPreempt,
  numGoroutine,
  Once,
  onceFunc,
  onceValue,
  onDefault,
  onRecv,
  onSend,
  onTimeout,
  perThread,
  Pool,
  run,
  select,
  Semaphore,
  sending,
  setMaxStack,
  setName,
  SingleFlight,
  sleep,
  Ticker,
  timeout,
  Timer,
  toReadable,
  toReadableStream,
  toWritable,
  toWritableStream,
  wait,
  WaitGroup,
  withCancel,
  withCancelCause,
  withLabels,
  withTimeout,
  type Context,
  type Locker,
} from "../src/index.ts";
import { exec, spawn } from "../src/exec/index.ts";
import { glob, opendir, watch } from "../src/fs/index.ts";
import { dial, listen } from "../src/net/index.ts";
import { bodyChunks, handler, readBody, serve, writeBody } from "../src/http/index.ts";
import { findLeaks, goTest } from "../src/testing/index.ts";
import { startRegion, withRegion } from "../src/trace/index.ts";
import { timers } from "../src/time/heap.ts";

const text = "5" as unknown as number;
const none = undefined as unknown as () => void;
/** What does not let itself be looked at. */
const hidden = <T>(): T => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy as T;
};
/** Contexts that somebody has made themselves, and not well. */
const bare = { err: () => undefined, done: () => undefined } as unknown as Context;
const wrong = { ...background(), err: () => undefined, done: () => 5 } as unknown as Context;
for (const method of ["cause", "deadline", "value"] as const) wrong[method] = () => undefined;
const emitter = new EventEmitter();
const cases: [string, () => unknown, string, string][] = [
  ["chan", () => chan(-1), "RangeError", "makechan: size out of range"],
  ["chan", () => chan(text), "RangeError", "makechan: size out of range"],
  ["chan", () => chan(1n as unknown as number), "RangeError", "makechan: size out of range"],
  ["go", () => go(text as unknown as () => void), "TypeError", 'go: wants a function, not "5"'],
  ["gomaxprocs", () => gomaxprocs(1.5), "TypeError", "gomaxprocs: wants a whole number, not 1.5"],
  ["gomaxprocs", () => gomaxprocs(NaN), "TypeError", "gomaxprocs: wants a whole number, not NaN"],
  ["gomaxprocs", () => gomaxprocs(text), "TypeError", 'gomaxprocs: wants a whole number, not "5"'],
  ["setMaxStack", () => setMaxStack(NaN), "TypeError", "setMaxStack: wants a number of bytes, not NaN"],
  ["sleep", () => sleep(text), "TypeError", 'sleep: wants milliseconds, not "5"'],
  ["sleep", () => sleep(NaN), "TypeError", "sleep: wants milliseconds, not NaN"],
  ["timeout", () => timeout(NaN), "TypeError", "timeout: wants milliseconds, not NaN"],
  ["setName", () => setName(none as unknown as string), "TypeError", "setName: wants a text, not undefined"],
  ["noPreempt", () => noPreempt(none), "TypeError", "noPreempt: wants a function, not undefined"],
  [
    "withLabels",
    () => withLabels(text as unknown as Record<string, string>, () => 1),
    "TypeError",
    'withLabels: wants an object of labels, not "5"',
  ],
  ["withLabels", () => withLabels({}, none), "TypeError", "withLabels: wants a function, not undefined"],
  ["dial", () => dial(none as never), "TypeError", "dial: wants an object of options, not undefined"],
  ["listen", () => listen(8080 as never), "TypeError", "listen: wants an object of options, not 8080"],
  ["serve", () => serve(8080 as never, () => {}), "TypeError", "serve: wants an object of options, not 8080"],
  ["serve", () => serve({ host: 5 as never }, () => {}), "TypeError", "serve: wants a text as host, not 5"],
  [
    "serve",
    () => serve({ path: Symbol("p") as never }, () => {}),
    "TypeError",
    "serve: wants a text as path, not Symbol(p)",
  ],
  [
    "listen",
    () => listen({ tls: false as never }),
    "TypeError",
    "listen: wants an object of options as tls, not false",
  ],
  ["dial", () => dial({ port: 1, tls: 1 as never }), "TypeError", "dial: wants an object of options as tls, not 1"],
  ["serve", () => serve({ onError: 5 as never }, () => {}), "TypeError", "serve: wants a function as onError, not 5"],
  ["handler", () => handler(none), "TypeError", "handler: wants a function, not undefined"],
  ["handler", () => handler(() => {}, null as never), "TypeError", "handler: wants an object of options, not null"],
  [
    "handler",
    () => handler(() => {}, { onError: text as never }),
    "TypeError",
    'handler: wants a function as onError, not "5"',
  ],
  ["readBody", () => readBody(none as never), "TypeError", "readBody: wants a request, not undefined"],
  ["bodyChunks", () => bodyChunks(null as never), "TypeError", "bodyChunks: wants a request, not null"],
  ["writeBody", () => writeBody({} as never, "x"), "TypeError", "writeBody: wants a response, not a value of Object"],
  ["exec", () => exec("true", [], null as never), "TypeError", "exec: wants an object of options, not null"],
  ["spawn", () => spawn("true", [], null as never), "TypeError", "spawn: wants an object of options, not null"],
  [
    "spawn",
    () => spawn("cat", [], { input: (() => {}) as never }),
    "TypeError",
    "spawn: wants a text or a Uint8Array as input, not the function input",
  ],
  [
    "opendir",
    () => opendir(".", (() => {}) as never),
    "TypeError",
    "opendir: wants an object of options, not a function",
  ],
  ["watch", () => watch(".", null as never), "TypeError", "watch: wants an object of options, not null"],
  ["glob", () => glob("*", 5 as never), "TypeError", "glob: wants an object of options, not 5"],
  [
    "toReadable",
    () => toReadable(chan(), null as never),
    "TypeError",
    "toReadable: wants an object of options, not null",
  ],
  [
    "toReadableStream",
    () => toReadableStream(chan(), { onCancel: 5 as never }),
    "TypeError",
    "toReadableStream: wants a function as onCancel, not 5",
  ],
  [
    "toWritable",
    () => toWritable(chan(), null as never),
    "TypeError",
    "toWritable: wants an object of options, not null",
  ],
  [
    "toWritableStream",
    () => toWritableStream(chan(), null as never),
    "TypeError",
    "toWritableStream: wants an object of options, not null",
  ],
  [
    "fromEmitter",
    () => fromEmitter(emitter, "x", { close: {} as never }),
    "TypeError",
    "fromEmitter: wants names of events as close, not a value of Object",
  ],
  [
    "fromEmitter",
    () => fromEmitter(emitter, "x", { overflow: 1n as never }),
    "TypeError",
    'fromEmitter: overflow is "fail", "dropOldest" or "dropNewest", not 1n',
  ],
  [
    "findLeaks",
    () => findLeaks({ maxSleepInterval: Symbol("s") as never }),
    "RangeError",
    "findLeaks: maxSleepInterval should be greater than 0s",
  ],
  [
    "withLabels",
    () => withLabels({ n: 5 as never }, () => 1),
    "TypeError",
    "withLabels: wants a text as label n, not 5",
  ],
  ["onRecv", () => onRecv(chan(), null as never), "TypeError", "onRecv: wants a function to call, not null"],
  ["onSend", () => onSend(chan(), 1, text as never), "TypeError", 'onSend: wants a function to call, not "5"'],
  [
    "onDefault",
    () => onDefault({} as never),
    "TypeError",
    "onDefault: wants a function to call, not a value of Object",
  ],
  ["onTimeout", () => onTimeout(1, 5 as never), "TypeError", "onTimeout: wants a function to call, not 5"],
  ["startRegion", () => startRegion({} as never, "x"), "TypeError", "startRegion: a value of Object is not a context"],
  ["withRegion", () => withRegion(background(), "x", none), "TypeError", "withRegion: wants a function, not undefined"],
  ["dial", () => dial({ port: 1 }, 5 as never), "TypeError", "dial: 5 is not a context"],
  [
    "listen",
    () => listen({}, new AbortController().signal as never),
    "TypeError",
    "listen: a value of AbortSignal is not a context: make one of it with fromSignal",
  ],
  ["exec", () => exec("true", [], {}, {} as never), "TypeError", "exec: a value of Object is not a context"],
  ["withCancel", () => withCancel(bare), "TypeError", "withCancel: the context has no cause()"],
  ["withTimeout", () => withTimeout(bare, 5), "TypeError", "withTimeout: the context has no cause()"],
  ["withCancel", () => withCancel(wrong), "TypeError", "context: done() of the context gave 5, not a channel"],
  [
    "fromEmitter",
    () => fromEmitter(emitter, "x", { ctx: wrong }),
    "TypeError",
    "fromEmitter: done() of the context gave 5, not a channel",
  ],
  ["go", () => go(hidden()), "TypeError", "go: wants a function, not an object that cannot be looked at"],
  ["sleep", () => sleep(hidden()), "TypeError", "sleep: wants milliseconds, not an object that cannot be looked at"],
  [
    "sending",
    () => sending(hidden<null>(), 1),
    "TypeError",
    "sending: wants a channel, not an object that cannot be looked at",
  ],
  [
    "withCancel",
    () => withCancel(hidden()),
    "TypeError",
    "withCancel: an object that cannot be looked at is not a context",
  ],
  [
    "fromSignal",
    () => fromSignal(hidden()),
    "TypeError",
    "fromSignal: wants an AbortSignal, not an object that cannot be looked at",
  ],
  [
    "fromAsyncIterable",
    () => fromAsyncIterable([], { ctx: hidden() }),
    "TypeError",
    "fromAsyncIterable: an object that cannot be looked at is not a context",
  ],
  ["goTest", () => goTest(none), "TypeError", "goTest: wants a function, not undefined"],
  ["perThread", () => perThread(none), "TypeError", "perThread: wants a function, not undefined"],
  ["Timer", () => new Timer(text), "TypeError", 'Timer: wants milliseconds, not "5"'],
  ["after", () => after(text), "TypeError", 'after: wants milliseconds, not "5"'],
  ["afterFunc", () => afterFunc(text, () => {}), "TypeError", 'afterFunc: wants milliseconds, not "5"'],
  ["afterFunc", () => afterFunc(1, none), "TypeError", "afterFunc: wants a function, not undefined"],
  ["Ticker", () => new Ticker(text), "TypeError", 'Ticker: wants milliseconds, not "5"'],
  ["timeout", () => timeout(text), "TypeError", 'timeout: wants milliseconds, not "5"'],
  ["onTimeout", () => onTimeout(text), "TypeError", 'onTimeout: wants milliseconds, not "5"'],
  ["Cond", () => new Cond({} as Locker), "TypeError", "Cond: wants something to lock and unlock, such as a Mutex"],
  ["Once", () => new Once().do(none), "TypeError", "Once.do: wants a function, not undefined"],
  ["onceFunc", () => onceFunc(none), "TypeError", "onceFunc: wants a function, not undefined"],
  ["onceValue", () => onceValue(none), "TypeError", "onceValue: wants a function, not undefined"],
  [
    "WaitGroup.add",
    () => new WaitGroup().add(1n as unknown as number),
    "TypeError",
    "WaitGroup.add: wants a whole number, not 1n",
  ],
  ["WaitGroup.add", () => new WaitGroup().add(text), "TypeError", 'WaitGroup.add: wants a whole number, not "5"'],
  [
    "WaitGroup.go",
    () => new WaitGroup().go(text as unknown as () => void),
    "TypeError",
    'WaitGroup.go: wants a function, not "5"',
  ],
  ["Semaphore", () => new Semaphore(-1), "RangeError", "Semaphore: wants a whole number of units, 0 or more, not -1"],
  [
    "Semaphore",
    () => new Semaphore(text),
    "RangeError",
    'Semaphore: wants a whole number of units, 0 or more, not "5"',
  ],
  ["Group.go", () => new Group().go(none), "TypeError", "Group.go: wants a function, not undefined"],
  ["Group.tryGo", () => new Group().tryGo(none), "TypeError", "Group.tryGo: wants a function, not undefined"],
  ["Group.setLimit", () => new Group().setLimit(text), "RangeError", 'Group.setLimit: wants a whole number, not "5"'],
  [
    "SingleFlight",
    () => new SingleFlight().do(1, none),
    "TypeError",
    "SingleFlight.do: wants a function, not undefined",
  ],
  ["Pool", () => new Pool(none), "TypeError", "Pool: wants a function, not undefined"],
  ["AtomicInt", () => new AtomicInt(1.5), "TypeError", "AtomicInt: wants a whole number up to 2 ** 53 - 1, not 1.5"],
  [
    "AtomicInt.add",
    () => new AtomicInt().add(null as unknown as number),
    "TypeError",
    "AtomicInt.add: wants a whole number up to 2 ** 53 - 1, not null",
  ],
  [
    "AtomicInt.add",
    () => new AtomicInt(1).add(text),
    "TypeError",
    'AtomicInt.add: wants a whole number up to 2 ** 53 - 1, not "5"',
  ],
];

test.for(cases)("%s", ([, f, name, message]) => {
  const before = [numGoroutine(), timers.size];
  expect(f).toThrow(
    expect.objectContaining({ name, message, code: expect.stringMatching(/^GORT_/) as string }) as Error,
  );
  expect([numGoroutine(), timers.size]).toEqual(before);
});

test("a lock that fails to unlock leaves nobody waiting", async () => {
  const mu = new Mutex();
  const cond = new Cond({
    lock: () => mu.lock(),
    unlock: () => {
      throw new Error("no");
    },
  });
  await expect(run(() => cond.wait())).rejects.toThrow("no");
  cond.signal(); // would wake it
  expect(numGoroutine()).toBe(0);
});

test("a function that is none is not counted by a wait group", async () => {
  const wg = new WaitGroup();
  expect(() => wg.go(none)).toThrow("WaitGroup.go: wants a function, not undefined");
  await run(() => wg.wait());
});

test("run of what is no function rejects", async () => {
  await expect(run(none)).rejects.toThrow("run: wants a function, not undefined");
});

test("what was given is told in a few words", () => {
  const given = (f: unknown): void => void go(f as () => void);
  expect(() => given("x".repeat(99))).toThrow(`go: wants a function, not "${"x".repeat(40)}…"`);
  expect(() => given(new Map())).toThrow("go: wants a function, not a value of Map");
  expect(() => given(Object.create(null))).toThrow("go: wants a function, not an object");
  expect(() => given(5n)).toThrow("go: wants a function, not 5n");
});

test("select says what it was given that is no case, and waits for nothing", () => {
  const given = (v: unknown): unknown => (select as (v: unknown) => unknown)(v);
  for (const [v, text] of [
    [5, "not a case: 5;"],
    ["x", 'not a case: "x";'],
    [null, "not a case: null;"],
    [() => 1, "not a case: a function;"],
    [chan(), "without a name: write select({ name: … })"],
    [sending(chan<number>(), 1), "without a name: write select({ name: … })"],
  ] as [unknown, string][])
    expect(() => given(v)).toThrow(text);
  const [ch, wrong] = [chan<number>(1), 5 as unknown as null];
  expect(() => sending(wrong, 1)).toThrow("sending: wants a channel, not 5");
  expect(() => onRecv(wrong)).toThrow("onRecv: wants a channel, not 5");
  expect(() => onSend(wrong, 1)).toThrow("onSend: wants a channel, not 5");
  expect(() => select(onRecv(ch), { ch } as never)).toThrow("not a case: an object beside cases");
  expect(() => select({ ch } as never, onRecv(ch))).toThrow("not a case: argument 2 beside an object of cases");
});

test("a cause that is no error becomes one, whatever it is", () => {
  const [a, cancel] = withCancelCause(background());
  cancel(Object.create(null) as Error);
  expect(a.cause()).toMatchObject({ message: "an object" });
  const [b, cancelB] = withCancelCause(background());
  cancelB(hidden());
  expect(b.cause()).toMatchObject({ message: "an object that cannot be looked at" });
  expect(withTimeout(background(), 0, "late" as never)[0].cause()).toMatchObject({ message: "late" });
  expect(withTimeout(background(), 0, null as never)[0].cause()).toMatchObject({ code: "GORT_DEADLINE_EXCEEDED" });
  const from = new AbortController();
  const c = fromSignal(from.signal);
  from.abort(hidden());
  expect([c.err(), c.cause()]).toMatchObject([Canceled, { message: "an object that cannot be looked at" }]);
});

test("a context whose done() gives no channel fails each wait, and the wait is undone", async () => {
  const says = "done() of the context gave undefined, not a channel";
  const mu = new Mutex();
  const cond = new Cond(mu);
  const held = new Mutex();
  held.lock();
  const full = chan<number>(1);
  full.trySend(1);
  const never = new Promise(() => {});
  const waits: [string, () => unknown][] = [
    ["chan receive", () => chan().recv(bare)],
    ["chan send", () => full.send(2, bare)],
    ["sleep", () => sleep(1000, bare)],
    ["promise", () => wait(never, bare)],
    ["sync.Mutex.Lock", () => held.lock(bare)],
    ["semacquire", () => new Semaphore(0).acquire(1, bare)],
  ];
  for (const [what, f] of waits) await expect(run(f)).rejects.toThrow(`${what}: ${says}`);
  await run(() => void mu.lock());
  await expect(run(() => cond.wait(bare))).rejects.toThrow(`sync.Cond.Wait: ${says}`);
  mu.unlock(); // it is locked again, as after every wait
  expect([full.len, timers.size, numGoroutine()]).toEqual([1, 0, 0]);
});

test("select of something else that has no cases is an error, and not for ever", () => {
  const given = (v: unknown): unknown => (select as (v: unknown) => unknown)(v);
  const says = "in place of an object of cases";
  expect(() => given([])).toThrow(`a value of Array ${says}`);
  expect(() => given(new Map())).toThrow(`a value of Map ${says}`);
  expect(() => given(Promise.resolve())).toThrow(`a value of Promise ${says}`);
  expect(() => given(background())).toThrow(`a value of Endless ${says}`);
});

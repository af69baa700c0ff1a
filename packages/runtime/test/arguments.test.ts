/** Arguments of wrong types and numbers out of range: an error with a code that begins with the operation, and nothing has happened. */
import { expect, test } from "vitest";
import "./frames.ts";
import {
  after,
  afterFunc,
  AtomicInt,
  chan,
  Cond,
  go,
  gomaxprocs,
  Group,
  Mutex,
  noPreempt,
  numGoroutine,
  Once,
  onceFunc,
  onceValue,
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
  WaitGroup,
  withLabels,
  type Locker,
} from "../src/index.ts";
import { dial, listen } from "../src/net/index.ts";
import { serve } from "../src/http/index.ts";
import { goTest } from "../src/testing/index.ts";
import { timers } from "../src/time/heap.ts";

const text = "5" as unknown as number;
const none = undefined as unknown as () => void;
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

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
  Group,
  Mutex,
  numGoroutine,
  Once,
  onceFunc,
  onceValue,
  onTimeout,
  Pool,
  run,
  Semaphore,
  SingleFlight,
  sleep,
  Ticker,
  timeout,
  Timer,
  WaitGroup,
  type Locker,
} from "../src/index.ts";
import { timers } from "../src/time/heap.ts";

const text = "5" as unknown as number;
const none = undefined as unknown as () => void;
const cases: [string, () => unknown, string, string][] = [
  ["chan", () => chan(-1), "RangeError", "makechan: size out of range"],
  ["chan", () => chan(text), "RangeError", "makechan: size out of range"],
  ["go", () => go(text as unknown as () => void), "TypeError", "go: a function, not 5"],
  ["sleep", () => sleep(text), "TypeError", "sleep: milliseconds, not 5"],
  ["Timer", () => new Timer(text), "TypeError", "Timer: milliseconds, not 5"],
  ["after", () => after(text), "TypeError", "Timer: milliseconds, not 5"],
  ["afterFunc", () => afterFunc(text, () => {}), "TypeError", "Timer: milliseconds, not 5"],
  ["afterFunc", () => afterFunc(1, none), "TypeError", "afterFunc: a function, not undefined"],
  ["Ticker", () => new Ticker(text), "TypeError", "Ticker: milliseconds, not 5"],
  ["timeout", () => timeout(text), "TypeError", "timeout: milliseconds, not 5"],
  ["onTimeout", () => onTimeout(text), "TypeError", "onTimeout: milliseconds, not 5"],
  ["Cond", () => new Cond({} as Locker), "TypeError", "Cond: something to lock and unlock, such as a Mutex"],
  ["Once", () => new Once().do(none), "TypeError", "Once.do: a function, not undefined"],
  ["onceFunc", () => onceFunc(none), "TypeError", "onceValue: a function, not undefined"],
  ["onceValue", () => onceValue(none), "TypeError", "onceValue: a function, not undefined"],
  ["WaitGroup.add", () => new WaitGroup().add(text), "TypeError", "WaitGroup.add: a whole number, not 5"],
  ["WaitGroup.go", () => new WaitGroup().go(text as unknown as () => void), "TypeError", "go: a function, not 5"],
  ["Semaphore", () => new Semaphore(-1), "RangeError", "Semaphore: a whole number of units, 0 or more, not -1"],
  ["Semaphore", () => new Semaphore(text), "RangeError", "Semaphore: a whole number of units, 0 or more, not 5"],
  ["Group.go", () => new Group().go(none), "TypeError", "Group.go: a function, not undefined"],
  ["Group.tryGo", () => new Group().tryGo(none), "TypeError", "Group.tryGo: a function, not undefined"],
  ["Group.setLimit", () => new Group().setLimit(text), "RangeError", "Group.setLimit: a whole number, not 5"],
  ["SingleFlight", () => new SingleFlight().do(1, none), "TypeError", "SingleFlight.do: a function, not undefined"],
  ["Pool", () => new Pool(none), "TypeError", "Pool: a function, not undefined"],
  [
    "AtomicInt",
    () => new AtomicInt(1.5),
    "TypeError",
    "AtomicInt.constructor: a whole number up to 2 ** 53 - 1, not 1.5",
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

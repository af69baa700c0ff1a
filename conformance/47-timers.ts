/**
 * Sleep, after, afterFunc and Timer: never early, in the order of their deadlines, stopped when stopped, and nothing stale
 * after stop or reset (Go 1.23). How late is never asked.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  after,
  afterFunc,
  chan,
  go,
  onRecv,
  onTimeout,
  otherwise,
  select,
  sleep,
  Ticker,
  Timer,
  WaitGroup,
} from "gort";
import { settle } from "./lib/settle.ts";

const HOUR = 3_600_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

let seed = 7;
function random(n: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >> 8) % n;
}

/** Whether f takes at least that long. */
function atLeast(ms: number, f: () => void): boolean {
  const start = performance.now();
  f();
  return performance.now() - start > ms - 0.001;
}

function sleeping(): string {
  const other = go(() => sleep(4));
  const slept = atLeast(8, () => sleep(8));
  other.join();
  const afters = atLeast(20, () => {
    for (let i = 0; i < 10; i++) after(2).recv();
  });
  return `${slept} ${afters} ${after(1).recv() instanceof Date}`;
}

/** Each of ten starts the next, and sleeps on. */
function functions(): string {
  const c = chan<number>();
  let i = 10;
  const f = (): void => {
    i--;
    if (i < 0) {
      c.send(i);
      return;
    }
    afterFunc(0, f);
    sleep(HOUR);
  };
  afterFunc(0, f);
  return String(c.recv());
}

/** Beside a collector that never rests. */
function collecting(): string {
  let stop = false;
  const collector = go(() => {
    while (!stop) {
      collect();
      sleep(0.001);
    }
  });
  using ticker = new Ticker(0.001);
  let ticks = 0;
  for (; ticks < 100; ticks++) ticker.c.recv();
  stop = true;
  collector.join();
  return `${ticks} ticks`;
}

/** A function and a channel that are stopped in time never happen, the others do. */
function stopping(): string {
  const out: string[] = [];
  afterFunc(10, () => out.push("kept"));
  const t0 = new Timer(5);
  const c1 = chan<boolean>(1);
  const t1 = afterFunc(50, () => c1.send(true));
  const c2 = after(70);
  out.push(`${t0.stop()} ${t1.stop()}`);
  c2.recv();
  settle();
  out.push(select({ t0: t0.c, c1, none: otherwise }).case, `${t0.stop()} ${t1.stop()}`);
  return out.join(", ");
}

/** Deadlines given out of order are met in order. A stalled machine may meet several at once: then it is tried again. */
function queuing(): string {
  const slots = [5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0];
  let order: number[] = [];
  for (let delta = 3; delta < 100; delta *= 2) {
    const result = chan<number>(slots.length);
    for (const slot of slots) {
      const timer = after(slot * delta);
      go(() => {
        timer.recv();
        result.send(slot);
      });
    }
    order = [];
    for (let i = 0; i < slots.length; i++) order.push(result.recv()!);
    if (order.every((slot, i) => i === 0 || slot >= order[i - 1]!)) break;
  }
  return order.join(" ");
}

/** A hundred are stopped while they come due: each either has been stopped or has run. */
function stopStress(): string {
  const wg = new WaitGroup();
  let ran = 0;
  let stopped = 0;
  for (let i = 0; i < 100; i++) {
    wg.go(() => {
      const t = afterFunc(2 + random(3), () => ran++);
      sleep(2 + random(3));
      if (t.stop()) stopped++;
    });
  }
  wg.wait();
  for (let i = 0; i < 1000 && ran + stopped < 100; i++) sleep(1);
  return `${ran + stopped} of 100`;
}

/** Sleeping for no time neither waits nor leaves anything behind. */
function zero(): string {
  const done = chan<boolean>();
  go(() => {
    for (let i = 0; i < 20; i++) collect();
    done.send(true);
  });
  let n = 0;
  for (; n < 100; n++) {
    sleep(0);
    const c = chan<boolean>(1);
    c.send(true);
    c.recv();
  }
  done.recv();
  for (let i = 0; i < 10_000; i++) new Timer(0).c.recv();
  return `${n} sleeps, 10000 timers`;
}

/** What stop and reset say, and that what they took back is not received. */
function resetting(): string {
  const out: unknown[] = [];
  const t = new Timer(HOUR);
  out.push("active", t.reset(HOUR), t.stop(), "stopped", t.stop(), t.reset(HOUR), t.stop());
  t.reset(0);
  out.push("due", t.stop(), t.c.tryRecv()); // never received: taken back
  t.reset(0);
  t.c.recv();
  out.push("received", t.stop(), t.reset(HOUR), t.c.tryRecv());
  t.reset(-HOUR);
  out.push("past", t.c.tryRecv()?.[1], t.c.tryRecv(), [t.c.len, t.c.cap].join());
  // Made earlier and later while somebody waits.
  const early = new Timer(HOUR);
  const waiter = go(() => early.c.recv() instanceof Date);
  sleep(0.1);
  out.push("waited", early.reset(2 * HOUR), early.reset(1), waiter.join());
  const runs = chan<string>();
  const f = afterFunc(HOUR, () => runs.send("ran"));
  out.push("function", f.reset(0), runs.recv(), f.stop(), f.reset(0), runs.recv(), f.c.tryRecv());
  return out.map(String).join(" ");
}

/** A time too long for the machine's own timers is not a short one, a negative one is none. */
function extremes(): string {
  for (const ms of [2 ** 31, 2 ** 53, Infinity]) {
    go(() => {
      sleep(ms);
      throw new Error(`slept ${ms} ms`);
    });
  }
  const out = [2 ** 31, 2 ** 32 + 1, 2 ** 53, Infinity].map((ms) => `after ${ms}`);
  const [a, b, c, d] = [2 ** 31, 2 ** 32 + 1, 2 ** 53, Infinity].map((ms) => after(ms));
  const r = select({ a, b, c, d, soon: after(5) });
  sleep(-HOUR);
  sleep(-Infinity);
  const past = select(
    onRecv(after(-HOUR), () => "past"),
    onTimeout(10_000, () => "never"),
  );
  return `${out.length} longer than ${r.case}, ${past}`;
}

/** Stopped and made earlier again and again, none is lost. */
function earlier(): string {
  let lost = 0;
  for (let i = 0; i < 1000; i++) {
    const timer = new Timer(HOUR);
    for (let k = 0; k < 10; k++) {
      if (!timer.stop()) timer.c.recv();
      timer.reset(-1e12);
    }
    using deadline = new Timer(10_000);
    if (select({ timer: timer.c, deadline: deadline.c }).case !== "timer") lost++;
  }
  return `${lost} lost`;
}

/** A hundred timers set, stopped and waited for in a random order. */
function adjusting(): string {
  const timers: Timer[] = Array.from({ length: 100 }, () => new Timer(0));
  const states = timers.map(() => 0);
  const left = timers.map((_, i) => i);
  let wrong = 0;
  while (left.length > 0) {
    const k = random(left.length);
    const i = left[k]!;
    const timer = timers[i]!;
    switch (states[i]!++) {
      case 0:
      case 8:
        timer.c.recv();
        break;
      case 1:
      case 3:
      case 5:
        if (timer.reset(60_000 * (1 + random(3)))) wrong++;
        break;
      case 2:
      case 4:
      case 6:
        if (!timer.stop()) wrong++;
        break;
      case 7:
        if (timer.reset(random(3))) wrong++;
        break;
      default:
        left[k] = left.at(-1)!;
        left.pop();
    }
  }
  return `${wrong} wrong`;
}

export function main(): void {
  console.log("sleep:", sleeping());
  console.log("functions:", functions());
  console.log("collecting:", collecting());
  console.log("stop:", stopping());
  console.log("queue:", queuing());
  console.log("stop while due:", stopStress());
  console.log("zero:", zero());
  console.log("reset:", resetting());
  console.log("extremes:", extremes());
  console.log("earlier:", earlier());
  console.log("adjust:", adjusting());
}

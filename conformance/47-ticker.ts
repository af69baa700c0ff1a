/** Ticker: never early, what is missed is dropped, nothing after stop, and no interval that is none. */
import { chan, go, select, sleep, Ticker, timeout } from "gort";
import { settle } from "./lib/settle.ts";

/** Five ticks, then five of twice the period: no sooner than that. */
function ticks(): string {
  const period = 2;
  let start = performance.now();
  const t = new Ticker(period);
  for (let i = 0; i < 5; i++) t.c.recv();
  const first = performance.now() - start > 5 * period - 0.1;
  start = performance.now();
  t.reset(2 * period);
  for (let i = 0; i < 5; i++) t.c.recv();
  const second = performance.now() - start > 10 * period - 0.1;
  t.stop();
  const after = select({ tick: t.c, quiet: timeout(5 * period) }).case;
  return `${first} ${second}, then ${after}`;
}

/** While nobody looks one tick waits, not all of them; there are never more than periods. */
function missed(): string {
  const period = 1;
  const t = new Ticker(period);
  const start = performance.now();
  sleep(30);
  let at = 0;
  let got = 0;
  const looked = performance.now();
  for (; at < 1000; at++) if (t.c.tryRecv() !== undefined) got++;
  const whileLooking = performance.now() - looked;
  t.stop();
  return `${got >= 1} ${got <= 2 + whileLooking / period} ${t.c.tryRecv() === undefined} ${looked - start >= 30}`;
}

function teardown(): string {
  let n = 0;
  for (; n < 3; n++) {
    using t = new Ticker(1);
    t.c.recv();
    t.stop();
    t.stop();
  }
  return `${n} times`;
}

/** Several wait for one: each tick is one's. */
function shared(): string {
  const t = new Ticker(1);
  const out = chan<number>();
  for (let i = 0; i < 4; i++) {
    go(() => {
      for (const at of t) out.send(at.getTime());
    });
  }
  let n = 0;
  for (; n < 20; n++) out.recv();
  t.stop();
  settle();
  while (out.tryRecv() !== undefined);
  const quiet = select({ out, quiet: timeout(10) }).case;
  t.reset(1);
  return `${n} ticks, stopped ${quiet}, again ${typeof out.recv()}`;
}

function refused(): string {
  const out: string[] = [];
  const t = new Ticker(1000);
  for (const f of [
    () => new Ticker(0),
    () => new Ticker(-1),
    () => new Ticker(Number.NaN),
    () => t.reset(0),
    () => t.reset(-5),
  ]) {
    try {
      f();
      out.push("taken");
    } catch (e) {
      out.push((e as Error).message);
    }
  }
  t.stop();
  return [...new Set(out)].join(", ");
}

export function main(): void {
  console.log("ticks:", ticks());
  console.log("missed:", missed());
  console.log("teardown:", teardown());
  console.log("shared:", shared());
  console.log("refused:", refused());
}

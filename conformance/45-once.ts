/** Once: one call, everybody waits for its end, an exception counts as done; onceValue and onceFunc hand it on. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { chan, go, gosched, Once, onceFunc, onceValue, sleep, WaitGroup } from "gort";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Nobody goes on before the one call is over, though it sleeps. */
function once(): string {
  const o = new Once();
  const seen = chan<number>();
  let calls = 0;
  let over = 0;
  for (let i = 0; i < 10; i++) {
    go(() => {
      o.do(() => {
        calls++;
        sleep(1);
        over++;
      });
      seen.send(over);
    });
  }
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += seen.recv()!;
  return `calls ${calls}, over ${sum}`;
}

function throwing(): string {
  const o = new Once();
  const out: string[] = [];
  const waiter = chan<string>(1);
  try {
    o.do(() => {
      go(() => {
        o.do(() => out.push("called twice"));
        waiter.send("went on");
      });
      gosched();
      throw new Error("failed");
    });
  } catch (e) {
    out.push((e as Error).message);
  }
  o.do(() => out.push("called twice"));
  out.push(waiter.recv()!);
  return out.join(", ");
}

function values(): string {
  let calls = 0;
  const value = onceValue(() => {
    sleep(1);
    return ++calls * 7;
  });
  const wg = new WaitGroup();
  let sum = 0;
  for (let i = 0; i < 5; i++) {
    wg.go(() => {
      const v = value();
      sum += v;
    });
  }
  wg.wait();
  const fail = onceFunc(() => {
    calls++;
    gosched();
    throw new Error(`failure ${calls}`);
  });
  const out: string[] = [];
  for (let i = 0; i < 3; i++) {
    try {
      fail();
    } catch (e) {
      out.push((e as Error).message);
    }
  }
  return `${sum} of ${calls - 1} call, ${out.join(", ")}`;
}

/** One that is inside another's. */
function nested(): string {
  const outer = new Once();
  const inner = new Once();
  const log: string[] = [];
  outer.do(() => {
    inner.do(() => {
      gosched();
      log.push("inner");
    });
    log.push("outer");
  });
  return log.join(" ");
}

/** A function that has been called keeps nothing alive, also where what it makes of itself is kept. */
function kept(): string {
  const made = [false, true].map((blocks): [call: () => void, seen: WeakRef<object>] => {
    const state = { calls: 0 };
    const call = onceFunc(() => {
      state.calls++;
      if (blocks) gosched();
    });
    return [call, new WeakRef(state)];
  });
  collect();
  const before = made.filter(([, seen]) => seen.deref() !== undefined).length;
  for (const [call] of made) call();
  // What a function was given stays until its turn is over.
  sleep(1);
  collect();
  sleep(1);
  collect();
  const left = made.filter(([, seen]) => seen.deref() !== undefined).length;
  for (const [call] of made) call();
  return `${before} of ${made.length} before, ${left} after`;
}

export function main(): void {
  console.log("once:", once());
  console.log("throwing:", throwing());
  console.log("values:", values());
  console.log("nested:", nested());
  console.log("kept:", kept());
}

/** What Go's testing/synctest holds, and what is JavaScript's beside it: time in a bubble, waitIdle, deadlocks, what is outside. */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  after,
  afterFunc,
  background,
  chan,
  Cond,
  contextAfterFunc,
  go,
  gosched,
  Group,
  Mutex,
  nilChan,
  numGoroutine,
  onTimeout,
  select,
  Semaphore,
  sleep,
  Ticker,
  timeout,
  Timer,
  wait,
  WaitGroup,
  withCancel,
  withTimeout,
  type Chan,
  type Goroutine,
} from "gort";
import { bubble, findLeaks, waitIdle } from "gort/testing";

const EPOCH = Date.UTC(2000, 0, 1);
const later = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, ms, ms));

/** Prints what comes of it: places and numbers of goroutines aside. */
function say(what: string, f: () => unknown): void {
  let outcome: string;
  try {
    outcome = JSON.stringify(f()) ?? "undefined";
  } catch (e) {
    outcome = String(e)
      .replaceAll(/goroutine \d+/g, "goroutine N")
      .replaceAll(/bubble \d+/g, "bubble N")
      .replaceAll(/\n\t.*/g, "")
      .replaceAll("\n", "\n    ");
  }
  console.log(`${what}: ${outcome}`);
  if (numGoroutine() !== 1) console.log("  and leaves", numGoroutine() - 1);
}

function condition(): [Mutex, Cond] {
  const mu = new Mutex();
  return [mu, new Cond(mu)];
}

const elapsed = (): number => Date.now() - EPOCH;

function clocks(): void {
  say("the clock", () => bubble(() => [new Date().toISOString(), performance.now(), Date.now() - EPOCH]));
  say("it is the machine's again", () => Math.abs(Date.now() - +new Date()) < 1000 && Date.now() > EPOCH * 1.5);
  say("dates", () =>
    bubble(() => {
      class Later extends Date {}
      sleep(1500);
      const dates = [new Date(), new Date(0), new Date(2020, 1), new Later()];
      return [
        dates.map((d) => d instanceof Date),
        +dates[0]! - EPOCH,
        +dates[1]!,
        +dates[3]! - EPOCH,
        typeof (Date as () => string)(),
        Date.UTC(1970, 0),
        performance.now(),
      ];
    }),
  );
  say("a sleeper runs before one who sleeps longer", () =>
    bubble(() => {
      const log: number[] = [];
      go(() => {
        sleep(1000);
        log.push(elapsed());
      });
      sleep(2000);
      log.push(elapsed());
      return log;
    }),
  );
  say("a hundred thousand hours", () =>
    bubble(() => {
      for (let i = 0; i < 1000; i++) sleep(100 * 3_600_000);
      return elapsed() / 3_600_000;
    }),
  );
  say("each bubble begins anew", () => [bubble(() => (sleep(5), elapsed())), bubble(elapsed)]);
  say("computing takes no time", () =>
    bubble(() => {
      let n = 0;
      for (let i = 0; i < 50_000; i++) n += i & 1;
      return [n, elapsed()];
    }),
  );
  say("a result, an exception", () => [
    bubble(() => 42),
    (() => {
      try {
        return bubble(() => {
          sleep(1);
          throw new RangeError("mine");
        });
      } catch (e) {
        return String(e);
      }
    })(),
  ]);
}

function timers(): void {
  say("timers", () =>
    bubble(() => {
      const log: unknown[] = [];
      const t = new Timer(10);
      log.push(+t.c.recv()! - EPOCH, t.stop(), t.reset(5), t.stop());
      const ticker = new Ticker(3);
      for (const at of ticker) {
        log.push(+at - EPOCH);
        if (log.length >= 7) break;
      }
      ticker.stop();
      log.push(+after(7).recv()! - EPOCH);
      const stopped = afterFunc(1, () => log.push("never"));
      stopped.stop();
      afterFunc(2, () => log.push("afterFunc", elapsed()));
      sleep(3);
      return log;
    }),
  );
  say("select", () =>
    bubble(() => {
      const ch = chan<number>();
      const first = select({ ch, late: timeout(20) }).case;
      const second = select(onTimeout(30, () => elapsed()));
      go(() => {
        sleep(5);
        ch.send(1);
      });
      return [first, second, select({ ch, late: timeout(6) }).case, elapsed()];
    }),
  );
  say("contexts", () =>
    bubble(() => {
      const log: unknown[] = [];
      const [ctx] = withTimeout(background(), 5000);
      sleep(4999);
      waitIdle();
      log.push(ctx.err() === undefined);
      sleep(1);
      waitIdle();
      log.push((ctx.err() as Error).name, +ctx.deadline()! - EPOCH);
      const [other, cancel] = withCancel(background());
      let called = false;
      contextAfterFunc(other, () => void (called = true));
      waitIdle();
      log.push(called);
      cancel();
      waitIdle();
      log.push(called);
      try {
        chan<number>().recv(withTimeout(background(), 10)[0]);
      } catch (e) {
        log.push((e as Error).name, elapsed());
      }
      return log;
    }),
  );
  say("sync", () =>
    bubble(() => {
      const group = new Group();
      group.setLimit(2);
      for (let i = 0; i < 6; i++) group.go(() => sleep(10));
      group.wait();
      const [sem, mu, wg] = [new Semaphore(1), new Mutex(), new WaitGroup()];
      const [locker, cond] = condition();
      sem.acquire();
      mu.lock();
      afterFunc(1, () => sem.release());
      afterFunc(2, () => mu.unlock());
      afterFunc(3, () => cond.broadcast());
      sem.acquire();
      mu.lock();
      wg.go(() => {
        locker.lock();
        cond.wait();
      });
      wg.wait();
      return elapsed();
    }),
  );
}

function waiting(): void {
  say("waitIdle", () =>
    bubble(() => {
      const log: string[] = [];
      const ch = chan<number>();
      go(() => {
        for (const v of ch) log.push(`got ${v}`);
        log.push("end");
      });
      waitIdle();
      ch.send(1);
      ch.send(2);
      waitIdle();
      log.push("idle");
      ch.close();
      waitIdle();
      return [log, elapsed()];
    }),
  );
  say("waitIdle moves no clock", () =>
    bubble(() => {
      let woken = false;
      go(() => {
        sleep(10);
        woken = true;
      });
      waitIdle();
      const before = woken;
      sleep(10);
      waitIdle();
      return [before, woken];
    }),
  );
  say("what is due at once needs no clock", () =>
    bubble(() => {
      const log: string[] = [];
      const ch = chan<number>();
      go(() => log.push(select({ ch, at: timeout(0) }).case));
      afterFunc(0, () => {
        log.push("called");
        ch.recv();
      });
      waitIdle();
      let busy = true;
      afterFunc(0, () => {
        busy = false;
      });
      while (busy) gosched();
      go(() => void wait(later(5)));
      afterFunc(-1, () => {
        log.push("beside a promise");
        ch.close();
      });
      ch.recv();
      // Nobody waits for it any more, and it is not left either.
      afterFunc(0, () => log.push("last"));
      return [log, elapsed()];
    }),
  );
  say("waitIdle twice", () =>
    bubble(() => {
      go(() => waitIdle());
      waitIdle();
    }),
  );
  say("waitIdle outside", waitIdle);
  say("a bubble in a bubble", () => bubble(() => bubble(() => 1)));
}

function ends(): void {
  say("all wait", () =>
    bubble(() => {
      const ch = chan<number>();
      go(function reader() {
        ch.recv();
      });
      new WaitGroup().add();
      select({ ch: nilChan<number>() });
    }),
  );
  say("a lock twice", () =>
    bubble(() => {
      const mu = new Mutex();
      mu.lock();
      mu.lock();
    }),
  );
  say("one is left", () =>
    bubble(() => {
      const ch = chan<number>();
      go(function sender() {
        ch.send(1);
      });
    }),
  );
  say("time stops with f", () => bubble(() => void go(() => sleep(10))));
  say("all of them are waited for", () => {
    let ended = 0;
    bubble(() => {
      for (let i = 0; i < 3; i++) {
        go(() => {
          for (let j = 0; j < 5000; j++) if (j === 4999) ended++;
        });
      }
    });
    return ended;
  });
  say("a panic", () =>
    bubble(() => {
      go(() => {
        throw new Error("boom");
      });
      sleep(10);
    }),
  );
  say("an exception nobody asked for", () =>
    bubble(() => {
      const g = go(() => {
        throw new Error("kept");
      });
      sleep(10);
      return typeof g.id;
    }),
  );
  say("one that was asked for", () =>
    bubble(() => {
      const g = go(() => {
        throw new Error("joined");
      });
      try {
        g.join();
      } catch (e) {
        return (e as Error).message;
      }
      return "";
    }),
  );
  say("who asks for what never ended", () => {
    let left!: Goroutine<number | undefined>;
    try {
      bubble(() => {
        const ch = chan<number>();
        left = go(() => ch.recv());
      });
    } catch {}
    return left.join();
  });
  say("an async function", () => bubble(async () => {}));
}

const store = new AsyncLocalStorage<number>();

function stores(): void {
  const body = (): unknown[] => {
    const log: unknown[] = [store.getStore()];
    const enters = go(() => {
      store.enterWith(2);
      sleep(1);
      log.push(store.getStore());
    });
    const runs = go(() => {
      store.run(7, () => {
        sleep(2);
        log.push(store.getStore());
      });
      log.push(store.getStore());
    });
    enters.join();
    runs.join();
    afterFunc(1, () => log.push(store.getStore()));
    sleep(2);
    return [...log, store.getStore()];
  };
  say("stores", () => bubble(body));
  say("stores from outside", () => [store.run(1, () => bubble(body)), store.getStore() ?? "none"]);
}

function outside(): void {
  say("a promise holds the clock", () =>
    bubble(() => {
      const log: unknown[] = [];
      go(() => {
        sleep(1);
        log.push(elapsed());
      });
      log.push(wait(later(15)), elapsed());
      sleep(2);
      return log;
    }),
  );
  say("async functions are outside", () =>
    bubble(() => {
      const real = async (): Promise<boolean> => {
        const before = Date.now();
        sleep(3);
        await Promise.resolve();
        sleep(3);
        return before > EPOCH * 1.5 && Date.now() - before >= 5;
      };
      return [wait(real()), elapsed()];
    }),
  );
  say("a channel made outside", () => {
    const ch = chan<number>();
    go(() => {
      sleep(15);
      ch.send(7);
    });
    return bubble(() => {
      const v = ch.recv();
      return [v, elapsed()];
    });
  });
  say("sending out", () => {
    const ch = chan<string>();
    const g = go(() => ch.recv());
    bubble(() => {
      sleep(1000);
      ch.send("from inside");
    });
    return g.join();
  });
  say("meddling", () => {
    let ch: Chan<number> | undefined;
    go(() => {
      while (ch === undefined) sleep(1);
      ch.trySend(1);
    });
    return bubble(() => {
      go(() => void wait(later(100)));
      ch = chan<number>();
      ch.recv();
    });
  });
  say("a timer from outside", () => {
    const t = bubble(() => new Timer(10));
    return t.stop();
  });
  say("a leak check inside", () =>
    bubble(() => {
      const none = findLeaks();
      const ch = chan<number>();
      go(() => ch.recv());
      const one = findLeaks()?.goroutines.length;
      ch.close();
      return [none ?? "none", one];
    }),
  );
}

export function main(): void {
  clocks();
  timers();
  waiting();
  ends();
  stores();
  outside();
}

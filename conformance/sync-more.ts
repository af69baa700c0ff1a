/** Semaphore, Group and SingleFlight by the rules of golang.org/x/sync; WaitGroup used again too early. */
import {
  background,
  Canceled,
  chan,
  go,
  goexit,
  gosched,
  Group,
  Semaphore,
  SingleFlight,
  sleep,
  WaitGroup,
  withCancel,
  type Context,
} from "gort";
import { settle } from "./lib/settle.ts";

/** The message of what `f` throws. */
function thrown(f: () => unknown): string {
  try {
    return `returned ${String(f())}`;
  } catch (e) {
    const { name, message, code } = e as Error & { code?: string };
    return `${name} ${code ?? ""}: ${message}`;
  }
}

function weighted(): string {
  const s = new Semaphore(10);
  const wg = new WaitGroup();
  let held = 0;
  let most = 0;
  for (let i = 0; i < 20; i++) {
    wg.go(
      (n: number) => {
        for (let k = 0; k < 50; k++) {
          using _ = s.acquire(n);
          held += n;
          most = Math.max(most, held);
          gosched();
          held -= n;
        }
      },
      (i % 10) + 1,
    );
  }
  wg.wait();
  return `${most <= 10} ${held} ${s.tryAcquire(10)} ${s.tryAcquire()}`;
}

/** A large request is not overtaken by small ones behind it, and does not hold them up once it has gone. */
function large(): string {
  const s = new Semaphore(3);
  const log: string[] = [];
  const [ctx, cancel] = withCancel(background());
  s.acquire(2);
  const big = go(() => thrown(() => s.acquire(3, ctx)));
  settle();
  const small = go(() => {
    s.acquire(1);
    log.push("small");
  });
  settle();
  log.push(`waits: ${log.length === 0}`, `try: ${s.tryAcquire(1)}`);
  cancel();
  small.join();
  log.push(big.join());
  return log.join(", ");
}

/** A context that has ended takes nothing, even where there is enough: who starts work in a loop stops. */
function endedAlready(): string {
  const s = new Semaphore(2);
  const [ctx, cancel] = withCancel(background());
  s.acquire(1, ctx);
  cancel();
  return [thrown(() => s.acquire(1, ctx)), thrown(() => s.acquire(3, ctx)), s.tryAcquire(1), s.tryAcquire(1)].join(
    ", ",
  );
}

/** More than there is: never, unless a context ends the wait; nobody else is held up by it. */
function tooLarge(): string {
  const s = new Semaphore(2);
  const [ctx, cancel] = withCancel(background());
  const waiter = go(() => thrown(() => s.acquire(3, ctx)));
  settle();
  const others = s.tryAcquire(2);
  cancel();
  return [others, waiter.join(), thrown(() => s.acquire(3))].join(", ");
}

function semaphoreMisuse(): string {
  const s = new Semaphore(2);
  return [
    thrown(() => s.release()),
    thrown(() => s.release(-1)),
    thrown(() => s.acquire(-1)),
    thrown(() => s.acquire(1.5)),
    thrown(() => s.tryAcquire("1" as unknown as number)),
    thrown(() => new Semaphore(-1)),
    thrown(() => new Semaphore(Number.NaN)),
    thrown(() => s.acquire(2)),
  ].join("\n  ");
}

function firstError(): string {
  const group = new Group();
  const log: string[] = [];
  for (let i = 0; i < 3; i++) {
    group.go((n: number) => {
      for (let k = 0; k < n; k++) gosched();
      if (n > 0) throw new Error(`task ${n}`);
    }, i);
  }
  group.go(() => {
    group.ctx.done().recv();
    log.push(`told: ${group.ctx.err()?.message}, ${group.ctx.cause()?.message}`);
  });
  log.push(
    thrown(() => group.wait()),
    thrown(() => group.wait()),
  );
  return log.join("; ");
}

function noError(parent: Context): string {
  const group = new Group(parent);
  let n = 0;
  for (let i = 0; i < 10; i++) {
    group.go(() => {
      sleep(0.1);
      n++;
      if (i === 5) goexit();
    });
  }
  const before = group.ctx.err();
  group.wait();
  return `${n} ${before} ${group.ctx.err() === Canceled} ${parent.err()}`;
}

function limited(): string {
  const out: unknown[] = [];
  for (const limit of [1, 3, -1]) {
    const group = new Group();
    group.setLimit(limit);
    let now = 0;
    let most = 0;
    let done = 0;
    for (let i = 0; i < 12; i++) {
      group.go(() => {
        most = Math.max(most, ++now);
        gosched();
        now--;
        done++;
      });
    }
    group.wait();
    out.push(`within ${limit}: ${limit < 0 || most <= limit}, ${done} done`);
    const gate = chan<void>();
    group.setLimit(2);
    for (let i = 0; i < 2; i++) group.go(() => gate.recv());
    out.push(
      `try ${group.tryGo(() => {})}`,
      thrown(() => group.setLimit(5)),
    );
    gate.close();
    group.wait();
  }
  const none = new Group();
  none.setLimit(0);
  out.push(
    none.tryGo(() => {}),
    thrown(() => none.setLimit(1.5)),
    thrown(() => none.go(1 as unknown as () => void)),
  );
  none.wait();
  return out.join("\n  ");
}

function shared(): string {
  const flight = new SingleFlight<string, number>();
  const gate = chan<void>();
  const wg = new WaitGroup();
  let calls = 0;
  let sum = 0;
  for (let i = 0; i < 10; i++) {
    wg.go(() => {
      const v = flight.do("key", () => {
        gate.recv();
        return ++calls;
      });
      const other = flight.do(`key ${i}`, () => 100);
      sum += v + other;
    });
  }
  settle();
  gate.close();
  wg.wait();
  const again = flight.do("key", () => 7);
  return `${calls} call, ${sum}, again ${again}`;
}

/** What the one that calls throws, or that it is ended, is the same for all; and the key is free again. */
function failing(): string {
  const flight = new SingleFlight<number, string>();
  const out: string[] = [];
  for (const how of ["throw", "goexit"]) {
    const results = chan<string>(10);
    const wg = new WaitGroup();
    for (let i = 0; i < 4; i++) {
      wg.go(() => {
        let left = "ended";
        try {
          left = thrown(() =>
            flight.do(1, () => {
              gosched();
              if (how === "goexit") goexit();
              throw new Error("no result");
            }),
          );
        } finally {
          results.send(left);
        }
      });
    }
    wg.wait();
    results.close();
    out.push(
      [...results].join(", "),
      flight.do(1, () => "free"),
    );
  }
  return out.join("; ");
}

/** Forgotten, the next call begins anew, and the end of the old one leaves the new one alone. */
function forgotten(): string {
  const flight = new SingleFlight<string, string>();
  const [a, b] = [chan<void>(), chan<void>()];
  const first = go(() =>
    flight.do("key", () => {
      a.recv();
      return "first";
    }),
  );
  settle();
  flight.forget("key");
  const second = go(() =>
    flight.do("key", () => {
      b.recv();
      return "second";
    }),
  );
  settle();
  a.send();
  const out = [first.join()];
  const third = go(() => flight.do("key", () => "third"));
  settle();
  b.send();
  out.push(second.join(), third.join());
  return out.join(", ");
}

/** Begun anew while those who waited have not had their turn. */
function reused(): string {
  const wg = new WaitGroup();
  wg.add();
  const waiter = go(() => thrown(() => wg.wait()));
  settle();
  wg.done();
  wg.add();
  const out = waiter.join();
  wg.done();
  wg.wait();
  return `${out}; ${thrown(() => wg.add(0.5))}; ${thrown(() => wg.add("1" as unknown as number))}; ${thrown(() => wg.done())}`;
}

export function main(): void {
  console.log("weighted:", weighted());
  console.log("large:", large());
  console.log("too large:", tooLarge());
  console.log("ended already:", endedAlready());
  console.log("misuse:", semaphoreMisuse());
  console.log("first error:", firstError());
  console.log("no error:", noError(withCancel(background())[0]));
  console.log("limited:", limited());
  console.log("shared:", shared());
  console.log("failing:", failing());
  console.log("forgotten:", forgotten());
  console.log("reused:", reused());
}

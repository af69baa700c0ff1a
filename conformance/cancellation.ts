/**
 * Everything that parks, with a context that has ended before, that ends as the wait begins, that ends meanwhile, and that ends when the wait has succeeded but its
 * goroutine has not run yet. Afterwards nobody waits, no timer runs, and what was waited for works as if nothing had happened.
 */
import {
  background,
  Canceled,
  chan,
  Cond,
  DeadlineExceeded,
  go,
  gosched,
  Group,
  Mutex,
  nilChan,
  numGoroutine,
  Once,
  RWMutex,
  Semaphore,
  SingleFlight,
  sleep,
  stats,
  wait,
  WaitGroup,
  withCancel,
  withTimeout,
  type Context,
} from "gort";
import { settle } from "./lib/settle.ts";

interface Case {
  /** Parks until `free`. */
  op: (ctx: Context) => unknown;
  /** Lets one waiter through. Missing: nothing can, or not at once. */
  free?: () => void;
  /** After a wait that was given up: that the thing still works. Throws if not. */
  still?: () => void;
  /** Lets go of what a wait that succeeded holds. */
  after?: () => void;
}

function check(ok: boolean, what: string): void {
  if (!ok) throw new Error(what);
}

const cases: Record<string, () => Case> = {
  recv() {
    const ch = chan<number>();
    return {
      op: (ctx) => ch.recv(ctx),
      free: () => ch.send(1),
      still: () => check(!ch.trySend(2), "a receiver is left"),
    };
  },
  recvOk() {
    const ch = chan<number>();
    return {
      op: (ctx) => ch.recvOk(ctx)[0],
      free: () => ch.send(1),
      still: () => check(!ch.trySend(2), "a receiver is left"),
    };
  },
  send() {
    const ch = chan<number>();
    return {
      op: (ctx) => {
        ch.send(5, ctx);
        return 5;
      },
      free: () => check(ch.recv() === 5, "another value"),
      still: () => check(ch.tryRecv() === undefined, "a sender is left"),
    };
  },
  "send, buffered"() {
    const ch = chan<number>(1);
    ch.send(1);
    return {
      op: (ctx) => ch.send(5, ctx),
      free: () => check(ch.recv() === 1, "another value"),
      still: () => check(ch.recv() === 1 && ch.tryRecv() === undefined, "its value was sent"),
      after: () => check(ch.recv() === 5, "its value was lost"),
    };
  },
  "nil channel"() {
    return { op: (ctx) => nilChan<number>().recv(ctx) };
  },
  sleep() {
    return { op: (ctx) => sleep(60_000, ctx) };
  },
  wait() {
    const { promise, resolve } = Promise.withResolvers<number>();
    return { op: (ctx) => wait(promise, ctx), still: () => resolve(1) };
  },
  join() {
    const ch = chan<number>();
    const g = go(() => ch.recv());
    return { op: (ctx) => g.join(ctx), still: () => (ch.send(3), check(g.join() === 3, "another value")) };
  },
  "Mutex.lock"() {
    const mu = new Mutex();
    mu.lock();
    return {
      op: (ctx) => mu.lock(ctx),
      free: () => mu.unlock(),
      still: () => (mu.unlock(), check(mu.tryLock(), "it is still locked")),
      after: () => mu.unlock(),
    };
  },
  "RWMutex.lock"() {
    const mu = new RWMutex();
    mu.rLock();
    return {
      op: (ctx) => mu.lock(ctx),
      free: () => mu.rUnlock(),
      still: () => (
        check(mu.tryRLock(), "it holds up readers"),
        mu.rUnlock(),
        mu.rUnlock(),
        check(mu.tryLock(), "locked")
      ),
      after: () => mu.unlock(),
    };
  },
  "RWMutex.rLock"() {
    const mu = new RWMutex();
    mu.lock();
    return {
      op: (ctx) => mu.rLock(ctx),
      free: () => mu.unlock(),
      still: () => (mu.unlock(), check(mu.tryLock(), "a reader is left")),
      after: () => mu.rUnlock(),
    };
  },
  "WaitGroup.wait"() {
    const wg = new WaitGroup();
    wg.add();
    return { op: (ctx) => wg.wait(ctx), free: () => wg.done(), still: () => wg.done() };
  },
  "Cond.wait"() {
    const mu = new Mutex();
    const cond = new Cond(mu);
    return {
      op: (ctx) => {
        mu.lock();
        try {
          cond.wait(ctx);
        } finally {
          mu.unlock();
        }
      },
      free: () => cond.signal(),
      still: () => (cond.signal(), check(mu.tryLock(), "it is locked")),
    };
  },
  "Once.do"() {
    const once = new Once();
    const ch = chan<void>();
    go(() => once.do(() => ch.recv()));
    settle();
    return { op: (ctx) => once.do(() => {}, ctx), still: () => ch.send() };
  },
  "Semaphore.acquire"() {
    const s = new Semaphore(2);
    s.acquire(2);
    return {
      op: (ctx) => s.acquire(2, ctx),
      free: () => s.release(2),
      still: () => (s.release(2), check(s.tryAcquire(2), "its units are lost")),
      after: () => s.release(2),
    };
  },
  "Group.wait"() {
    const group = new Group();
    const ch = chan<void>();
    group.go(() => ch.recv());
    return { op: (ctx) => group.wait(ctx), still: () => (ch.send(), group.wait()) };
  },
  "SingleFlight.do"() {
    const flight = new SingleFlight<string, number>();
    const ch = chan<number>();
    const first = go(() => flight.do("key", () => ch.recv()!));
    settle();
    return {
      op: (ctx) => flight.do("key", () => 0, ctx),
      still: () => (ch.send(4), check(first.join() === 4, "lost")),
    };
  },
};

function outcome(op: () => unknown): string {
  try {
    op();
    return "through";
  } catch (e) {
    return e === Canceled ? "cancelled" : e === DeadlineExceeded ? "too late" : String(e);
  }
}

/** Goroutines that have ended are gone a moment later. */
function settled(n: number): void {
  for (let i = 0; i < 1000 && numGoroutine() > n; i++) gosched();
  check(numGoroutine() === n, `${numGoroutine() - n} goroutines are left`);
  check(stats().timers === 0, "a timer is left");
}

function before(make: () => Case): string {
  const c = make();
  const [ctx, cancel] = withCancel(background());
  cancel();
  const out = outcome(() => c.op(ctx));
  c.still?.();
  return out;
}

function during(make: () => Case, timed: boolean): string {
  const c = make();
  const [ctx, cancel] = timed ? withTimeout(background(), 1) : withCancel(background());
  const g = go(() => outcome(() => c.op(ctx)));
  settle();
  if (!timed) cancel();
  const out = g.join();
  c.still?.();
  return out;
}

/** The wait has succeeded, and the context ends before its goroutine has run. */
function after(make: () => Case): string {
  const c = make();
  if (c.free === undefined) {
    c.still?.();
    return "-";
  }
  const [ctx, cancel] = withCancel(background());
  const g = go(() => outcome(() => c.op(ctx)));
  settle();
  c.free();
  cancel();
  const out = g.join();
  c.after?.();
  return out;
}

/** A context that ends between two looks at it, and lets the waiter through as it does: a listener of its signal may do that. */
class Ending implements Context {
  readonly #inner: Context;
  readonly #end: () => void;
  #looks: number;
  constructor(looks: number, end: () => void) {
    const [inner, cancel] = withCancel(background());
    this.#inner = inner;
    this.#looks = looks;
    this.#end = () => {
      end();
      cancel();
    };
  }
  err(): Error | undefined {
    if (this.#looks-- === 0) this.#end();
    return this.#inner.err();
  }
  done(): ReturnType<Context["done"]> {
    return this.#inner.done();
  }
  cause(): Error | undefined {
    return this.#inner.cause();
  }
  deadline(): undefined {
    return undefined;
  }
  value(): undefined {
    return undefined;
  }
  get signal(): AbortSignal {
    return this.#inner.signal;
  }
  [Symbol.dispose](): void {}
}

/** The context ends as the wait begins: what was waited for is neither lost nor denied. */
function meanwhile(make: () => Case, frees: boolean): string {
  const c = make();
  const { free } = c;
  if (frees && free === undefined) {
    c.still?.();
    return "-";
  }
  const out = outcome(() => c.op(new Ending(0, () => void (frees && free!()))));
  if (!frees) c.still?.();
  else if (out === "through") c.after?.();
  return out;
}

/** A time that is over when the wait begins: the listener of its signal runs then, and may call what it likes. */
function listened(): string {
  const log: string[] = [];
  const say = (text: string): void => void log.push(text);
  const ch = chan<number>();
  // Long enough for the listener to be there before: a signal that has been aborted tells nobody.
  const [ctx] = withTimeout(background(), 20);
  ctx.signal.addEventListener("abort", () => {
    say("heard");
    go(() => say("started"));
    say(String(ctx.err() === DeadlineExceeded));
  });
  for (const from = performance.now(); performance.now() - from < 21;);
  say(outcome(() => ch.recv(ctx)));
  settle();
  return log.sort().join(", ");
}

export function main(): void {
  for (const [name, make] of Object.entries(cases)) {
    const n = numGoroutine();
    const ending = [meanwhile(make, false), meanwhile(make, true)];
    const out = [before(make), ...ending, during(make, false), during(make, true), after(make)];
    settled(n);
    console.log(`${name}: ${out.join(", ")}`);
  }
  console.log(`a listener: ${listened()}`);
}

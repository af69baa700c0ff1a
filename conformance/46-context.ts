/** Contexts: who ends with whom, why, and when; that nobody stays registered; and that nothing runs for it meanwhile. */
import {
  background,
  Canceled,
  chan,
  DeadlineExceeded,
  go,
  noPreempt,
  numGoroutine,
  otherwise,
  select,
  stats,
  timeout,
  todo,
  WaitGroup,
  withCancel,
  withCancelCause,
  withDeadline,
  withTimeout,
  withValue,
  type CancelFunc,
  type Context,
  type RecvChan,
} from "gort";
import { settle, until } from "./lib/settle.ts";

const HOUR = 3_600_000;

let seed = 11;
function random(n: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >> 8) % n;
}

function state(ctx: Context): string {
  const done = select({ done: ctx.done(), none: otherwise }).case === "done";
  return `${done ? "done" : "going on"} ${ctx.err()?.message ?? "-"}`;
}

/** The error of a context that was to end within five seconds. */
function ending(ctx: Context): string {
  const r = select({ done: ctx.done(), late: timeout(5000) });
  return `${r.case} ${ctx.err()?.message ?? "-"}`;
}

/** Somebody's own. */
class Own implements Context {
  readonly inner: Context;
  constructor(inner: Context) {
    this.inner = inner;
  }
  done(): RecvChan<never> {
    return this.inner.done();
  }
  err(): Error | undefined {
    return this.inner.err();
  }
  cause(): Error | undefined {
    return this.inner.cause();
  }
  deadline(): Date | undefined {
    return this.inner.deadline();
  }
  value(key: unknown): unknown {
    return this.inner.value(key);
  }
  get signal(): AbortSignal {
    return this.inner.signal;
  }
  [Symbol.dispose](): void {}
  toString(): string {
    return "own";
  }
}

function roots(): string {
  return `${background()} ${state(background())}, ${todo()} ${state(todo())}`;
}

function cancelling(): string {
  const [c1, cancel] = withCancel(background());
  const c2 = new Own(c1);
  const before = `${c1}, ${state(c1)}, ${state(c2)}`;
  cancel();
  return `${before}; ${state(c1)}, ${state(c2)}`;
}

/** Every way down from a parent, through values, deadlines and somebody's own. */
function parentFirst(): string {
  const [parent, cancel] = withCancel(background());
  const [a, stopA] = withCancel(parent);
  const [b, stopB] = withTimeout(withValue(parent, "key", "value"), HOUR);
  const [c, stopC] = withCancel(new Own(parent));
  const [untouched, stop] = withCancel(background());
  cancel();
  const out = [parent, a, b, c, untouched].map(state);
  out.push(String(b.value("key")), state(withCancel(parent)[0]));
  for (const f of [stopA, stopB, stopC, stop]) f();
  return out.join(", ");
}

function childFirst(): string {
  const [parent, cancelParent] = withCancel(background());
  const [child, cancelChild] = withCancel(parent);
  cancelChild();
  const out = [state(child), state(parent)];
  cancelParent();
  cancelChild();
  return [...out, state(parent)].join(", ");
}

function deadlines(): string {
  const soon = (): Date => new Date(Date.now() + 5);
  using long = withTimeout(background(), HOUR)[0];
  const out = [
    ending(withDeadline(background(), soon())[0]),
    ending(new Own(withDeadline(background(), soon())[0])),
    ending(withDeadline(new Own(withDeadline(background(), soon())[0]), new Date(Date.now() + HOUR))[0]),
    ending(withDeadline(background(), new Date(Date.now() - 1))[0]),
    ending(withTimeout(background(), 3)[0]),
    ending(withTimeout(withTimeout(background(), 3)[0], HOUR)[0]),
    ending(withTimeout(withCancel(long)[0], 3)[0]),
  ];
  const never = new Date(Date.now() + HOUR);
  const [c, cancel] = withDeadline(background(), never);
  out.push(`at its time ${c.deadline()?.getTime() === never.getTime()}`);
  cancel();
  cancel();
  out.push(state(c));
  return out.join(", ");
}

function values(): string {
  const [k1, k2, k3] = [Symbol("k1"), Symbol("k2"), { name: "k3" }];
  const show = (ctx: Context): string => [k1, k2, k3].map((k) => String(ctx.value(k) ?? "-")).join("");
  const c0 = background();
  const c1 = withValue(c0, k1, "c1");
  const c2 = withValue(c1, k2, "c2");
  const c3 = withValue(c2, k3, "c3");
  const c4 = withValue(c3, k1, "-c4-");
  const own = withValue(new Own(c4), k2, undefined);
  return `${[c0, c1, c2, c3, c4, own].map(show).join(" ")} ${c1}`;
}

/** A hundred trees of contexts, cancelled from all sides at once. */
function simultaneous(): string {
  const [root, cancel] = withCancel(background());
  const all = new Map<Context, CancelFunc>([[root, cancel]]);
  const queue = [root];
  while (queue.length > 0 && all.size < 100) {
    const parent = queue.shift()!;
    for (let i = 0; i < 4; i++) {
      const [child, stop] = withCancel(parent);
      all.set(child, stop);
      queue.push(child);
    }
  }
  const wg = new WaitGroup();
  for (const stop of all.values()) wg.go(stop);
  wg.wait();
  for (const ctx of all.keys()) if (!ending(ctx).startsWith("done context canceled")) return "not all";
  return "all";
}

/** One that cancels its child when it ends, and the child its parent. */
function interlocked(): string {
  const [parent, cancelParent] = withCancel(background());
  const [child, cancelChild] = withCancel(parent);
  const first = go(() => {
    parent.done().recv();
    cancelChild();
  });
  const second = go(cancelParent);
  const out = ending(child);
  first.join();
  second.join();
  return out;
}

/** Layers of contexts in a random order, of which one in the middle ends. */
function layers(timed: boolean): string {
  let wrong = 0;
  for (let round = 0; round < 200; round++) {
    const kept: [Context, string][] = [];
    let ctx: Context = background();
    const cancels: CancelFunc[] = [];
    let at: Context | undefined;
    let stopAt: CancelFunc = () => {};
    const depth = 3 + random(20);
    const ends = random(depth);
    for (let i = 0; i < depth; i++) {
      const kind = random(3);
      let stop: CancelFunc = () => {};
      if (i === ends || kind === 0) [ctx, stop] = i === ends && timed ? withTimeout(ctx, 0.2) : withCancel(ctx);
      else if (kind === 1) [ctx, stop] = withTimeout(ctx, HOUR);
      else {
        ctx = withValue(ctx, i, `value ${i}`);
        kept.push([ctx, `value ${i}`]);
      }
      cancels.push(stop);
      if (i === ends) [at, stopAt] = [ctx, stop];
    }
    if (timed) at!.done().recv();
    else stopAt();
    const want = timed ? DeadlineExceeded : Canceled;
    if (ctx.err() !== want || at!.err() !== want) wrong++;
    for (const [, v] of kept) if (ctx.value(Number(v.split(" ")[1])) !== v) wrong++;
    for (const stop of cancels) stop();
  }
  return `${wrong} wrong, ${stats().timers} timers left`;
}

/** A parent holds those alone that go on. */
function removed(): string {
  const [parent, cancel] = withCancel(background());
  const held = (): number => {
    let n = 0;
    for (let c = (parent as unknown as { first: { next: unknown } | null }).first; c !== null; c = c.next as typeof c)
      n++;
    return n;
  };
  const out = [held()];
  const [, stop] = withCancel(parent);
  const [, stopTimer] = withTimeout(parent, HOUR);
  out.push(held());
  stop();
  out.push(held());
  stopTimer();
  out.push(held());
  {
    using ctx = withCancel(parent)[0];
    out.push(ctx.err() === undefined ? held() : -1);
  }
  out.push(held());
  cancel();
  withCancel(parent);
  out.push(held());
  return out.join(" ");
}

function causes(): string {
  const [a, cancel] = withCancelCause(background());
  const [b] = withCancel(a);
  const [c, cancelC] = withCancelCause(b);
  cancelC(new Error("the leaf"));
  cancel(new Error("the root"));
  cancel(new Error("too late"));
  const [d] = withTimeout(background(), 1, new Error("too slow"));
  d.done().recv();
  return [a, b, c, d].map((ctx) => `${ctx.err()?.message}: ${ctx.cause()?.message}`).join(", ");
}

/** None of it starts a goroutine, whoever's the parent is. */
function goroutines(): string {
  const n = numGoroutine();
  const [parent, cancel] = withCancel(background());
  const out: number[] = [];
  for (const p of [parent, withValue(parent, 1, 2), new Own(parent), withValue(new Own(parent), 1, 2)]) {
    const [, stop] = withCancel(p);
    withTimeout(p, HOUR);
    out.push(numGoroutine() - n);
    stop();
  }
  cancel();
  return out.join(" ");
}

/** Goroutines that wait for it in every way are all told, once. */
function told(): string {
  const [ctx, cancel] = withCancel(background());
  const never = chan<number>();
  const wg = new WaitGroup();
  let n = 0;
  for (let i = 0; i < 100; i++) {
    wg.go(() => {
      if (i % 3 === 0) ctx.done().recv();
      else if (i % 3 === 1) select({ done: ctx.done(), never });
      else {
        try {
          never.recv(ctx);
        } catch (e) {
          if (e !== ctx.err()) throw e;
        }
      }
      n++;
    });
  }
  settle();
  const before = n;
  cancel();
  wg.wait();
  return `${before} ${n}`;
}

/** A listener of the signal may block: it becomes a goroutine, also where a timer ends the context. */
function listeners(): string {
  const [ctx, cancel] = withCancel(background());
  const heard = chan<string>(4);
  const gate = chan<void>();
  const listen = (name: string, c: Context): void =>
    c.signal.addEventListener("abort", () => {
      gate.recv();
      heard.send(`${name}: ${(c.signal.reason as Error).message}`);
    });
  listen("cancelled", ctx);
  // The listener is there before the time is over: a signal that has been aborted tells nobody.
  const timed = noPreempt(() => {
    const [late] = withTimeout(background(), 50);
    listen("timed out", late);
    return late;
  });
  cancel();
  timed.done().recv();
  const before = heard.len;
  gate.close();
  return `${before}, ${[heard.recv(), heard.recv()].sort().join(", ")}`;
}

export function main(): void {
  console.log("roots:", roots());
  console.log("cancel:", cancelling());
  console.log("parent first:", parentFirst());
  console.log("child first:", childFirst());
  console.log("deadlines:", deadlines());
  console.log("values:", values());
  console.log("simultaneous:", simultaneous());
  console.log("interlocked:", interlocked());
  console.log("layers cancelled:", layers(false));
  console.log("layers timed out:", layers(true));
  console.log("removed:", removed());
  console.log("causes:", causes());
  console.log("goroutines:", goroutines());
  console.log("told:", told());
  console.log("listeners:", listeners());
  until(() => numGoroutine() === 1 && stats().timers === 0);
  console.log("left:", numGoroutine() - 1, stats().timers);
}

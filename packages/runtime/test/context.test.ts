import { expect, test } from "vitest";
import * as fc from "fast-check";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { seq, settle } from "./frames.ts";
import {
  background,
  Canceled,
  chan,
  contextAfterFunc,
  DeadlineExceeded,
  fromSignal,
  go,
  Mutex,
  numGoroutine,
  run,
  sleep,
  todo,
  withCancel,
  withCancelCause,
  withDeadline,
  withoutCancel,
  withTimeout,
  withValue,
  type Context,
  type RecvChan,
} from "../src/index.ts";
import { valuesOf } from "../src/context/plain.ts";
import type { CancelCtx } from "../src/context/tree.ts";
import type { Chan } from "../src/chan/chan.ts";
import { host } from "../src/internal/host.ts";
import { timers } from "../src/time/heap.ts";

const isDone = (ctx: Context): boolean => ctx.done().tryRecv() !== undefined;
/** How many are registered with it. */
function children(ctx: Context): number {
  let n = 0;
  for (let c = (ctx as CancelCtx).first; c !== null; c = c.next) n++;
  return n;
}

/** Somebody's own context around one of ours, of which nothing is known but what it says. */
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
}

test("the roots never end", () => {
  for (const root of [background(), todo()]) {
    expect([root.err(), root.cause(), root.deadline(), root.value("k"), isDone(root)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      false,
    ]);
    root[Symbol.dispose]();
    expect(root.signal.aborted).toBe(false);
  }
  expect(String(withValue(withCancel(background())[0], "k", 1))).toBe("context.Background.WithCancel.WithValue(k)");
});

test("a context ends with its parent, and not the other way round", () => {
  const [parent, cancelParent] = withCancel(background());
  const [child, cancelChild] = withCancel(withValue(parent, "k", "v"));
  const [other] = withCancel(parent);
  expect(child.value("k")).toBe("v");
  expect(children(parent)).toBe(2);
  cancelChild();
  cancelChild();
  expect([child.err(), child.cause(), isDone(child), parent.err(), children(parent)]).toEqual([
    Canceled,
    Canceled,
    true,
    undefined,
    1,
  ]);
  cancelParent();
  expect([other.err(), isDone(other), parent.err(), children(parent)]).toEqual([Canceled, true, Canceled, 0]);
  expect(withCancel(parent)[0].err()).toBe(Canceled);
  expect(children(parent)).toBe(0);
});

test("the two ends have JavaScript's names and Go's words", () => {
  expect([Canceled.name, Canceled.message, Canceled.code]).toEqual(["AbortError", "context canceled", "GORT_CANCELED"]);
  expect([DeadlineExceeded.name, DeadlineExceeded.message, DeadlineExceeded.code]).toEqual([
    "TimeoutError",
    "context deadline exceeded",
    "GORT_DEADLINE_EXCEEDED",
  ]);
  expect(Canceled instanceof Canceled).toBe(true);
  expect(Canceled instanceof DeadlineExceeded).toBe(false);
  expect(new Error("x") instanceof Canceled).toBe(false);
});

test("causes", () => {
  const why = new Error("why");
  const [ctx, cancel] = withCancelCause(background());
  const [child] = withTimeout(ctx, 1000);
  cancel(why);
  cancel(new Error("too late"));
  expect([ctx.err(), ctx.cause(), child.err(), child.cause()]).toEqual([Canceled, why, Canceled, why]);
  const [plain, stop] = withCancelCause(background());
  stop();
  expect(plain.cause()).toBe(Canceled);
  const [text, end] = withCancelCause(background());
  end("just text" as unknown as Error);
  expect(text.cause()).toMatchObject({ message: "just text", cause: "just text" });
});

test("deadlines: the earliest of the way up, in the past, never, cancelled before", async () => {
  const before = timers.size;
  const far = new Date(Date.now() + 3_600_000);
  const [outer, cancelOuter] = withDeadline(background(), far);
  const [inner, cancelInner] = withTimeout(outer, 7_200_000);
  expect(inner.deadline()).toEqual(far);
  expect(timers.size).toBe(before + 1);
  cancelInner();
  cancelOuter();
  expect([outer.err(), timers.size]).toEqual([Canceled, before]);

  const [past] = withDeadline(background(), new Date(0));
  expect([past.err(), past.cause(), isDone(past), past.deadline()]).toEqual([
    DeadlineExceeded,
    DeadlineExceeded,
    true,
    new Date(0),
  ]);
  expect(withTimeout(background(), -1)[0].err()).toBe(DeadlineExceeded);
  expect(withTimeout(background(), 0)[0].err()).toBe(DeadlineExceeded);
  expect(withTimeout(background(), Number.NEGATIVE_INFINITY)[0].err()).toBe(DeadlineExceeded);
  const [never, cancel] = withTimeout(background(), Number.POSITIVE_INFINITY);
  expect([never.err(), never.deadline()]).toEqual([undefined, undefined]);
  cancel();
  expect(timers.size).toBe(before);

  const why = new Error("slow");
  const [soon] = withTimeout(background(), 2, why);
  const [below] = withCancel(soon);
  await expect(run(() => below.done().recv())).resolves.toBe(undefined);
  expect([below.err(), below.cause(), soon.err(), timers.size]).toEqual([
    DeadlineExceeded,
    why,
    DeadlineExceeded,
    before,
  ]);
});

test("a deadline that has passed is seen where no timer can fire", () => {
  const [ctx, cancel] = withTimeout(background(), 5);
  const [below] = withCancel(ctx);
  const clock = host.now;
  const at = clock() + 6;
  host.now = () => at;
  expect(below.err()).toBe(DeadlineExceeded);
  expect(ctx.cause()).toBe(DeadlineExceeded);
  host.now = clock;
  cancel();
});

test("values: the nearest wins; withoutCancel keeps them and nothing else", () => {
  const key = { name: "key" };
  const [a, cancel] = withCancel(withValue(withValue(background(), key, 1), "other", 2));
  const b = withValue(a, key, 3);
  const c = withoutCancel(b);
  expect([b.value(key), a.value(key), b.value("other"), b.value({ name: "key" }), c.value(key)]).toEqual([
    3,
    1,
    2,
    undefined,
    3,
  ]);
  cancel();
  expect([b.err(), c.err(), c.deadline(), isDone(c)]).toEqual([Canceled, undefined, undefined, false]);
  let deep = background();
  for (let i = 0; i < 100_000; i++) deep = withValue(deep, i, i);
  expect(deep.value(0)).toBe(0);
});

test("parents end before children, older ones first, each once", () => {
  const [root, cancel] = withCancel(background());
  const order: string[] = [];
  const make = (name: string, parent: Context): Context => {
    const [ctx] = withCancel(parent);
    ctx.signal.addEventListener("abort", () => order.push(name));
    return ctx;
  };
  const a = make("a", root);
  const b = make("b", root);
  make("b1", b);
  make("a1", a);
  make("a2", a);
  make("c", root);
  cancel();
  expect(order.join(" ")).toBe("a a1 a2 b b1 c");
});

test("a chain of contexts may be as deep as memory", () => {
  const [root, cancel] = withCancel(background());
  let [leaf] = withCancel(root);
  for (let i = 0; i < 50_000; i++) [leaf] = withCancel(leaf);
  cancel();
  expect(leaf.err()).toBe(Canceled);
});

test("of every kind: values, the deadline and the error are found from the end of a deep chain", () => {
  const [root, cancel] = withTimeout(withValue(background(), "first", 1), 3_600_000);
  let leaf: Context = root;
  for (let i = 0; i < 50_000; i++) {
    const [ctx] = i % 3 === 0 ? withTimeout(leaf, 1_000_000 - i) : withCancel(leaf);
    leaf = withValue(ctx, i, i);
  }
  expect([leaf.value("first"), withoutCancel(leaf).value(7), leaf.value("none")]).toEqual([1, 7, undefined]);
  expect(leaf.deadline()!.getTime()).toBeLessThan(root.deadline()!.getTime());
  expect(leaf.err()).toBe(undefined);
  cancel();
  expect([leaf.err(), leaf.cause(), isDone(leaf)]).toEqual([Canceled, Canceled, true]);
});

test("somebody's own context has the last word on its values and its deadline, also with a field called parent", () => {
  class Hides extends Own {
    readonly parent = withValue(background(), "key", "of its parent");
    override value(): string {
      return "its own";
    }
    override deadline(): Date {
      return new Date(0);
    }
  }
  const [ctx] = withCancel(withValue(new Hides(background()), "other", 1));
  expect([ctx.value("key"), ctx.deadline(), valuesOf(ctx)]).toEqual(["its own", new Date(0), [["other", 1]]]);
});

test("somebody's own context may end between two questions", () => {
  class Late extends Own {
    readonly cancel: () => void;
    constructor() {
      const [inner, cancel] = withCancelCause(background());
      super(inner);
      this.cancel = () => cancel(new Error("too late"));
    }
    override done(): RecvChan<never> {
      this.cancel();
      return super.done();
    }
  }
  const [ctx] = withCancel(new Late());
  const [timed] = withTimeout(new Late(), 3_600_000);
  for (const c of [ctx, timed]) expect([isDone(c), c.err(), c.cause()?.message]).toEqual([true, Canceled, "too late"]);
  expect(timers.size).toBe(0);
});

test("a context with any key can be printed", () => {
  class Key {
    readonly id = 1;
  }
  const ctx = withValue(withValue(withValue(background(), new Key(), 1), Object.create(null), 2), Symbol("s"), 3);
  expect(String(ctx)).toBe("context.Background.WithValue(Key).WithValue(object).WithValue(Symbol(s))");
});

test("waits are given up: ended before, during, and after", async () => {
  const ch = chan<number>();
  const [ctx, cancel] = withCancel(background());
  const waiting = run(() => ch.recv(ctx));
  await run(settle);
  cancel();
  await expect(waiting).rejects.toBe(Canceled);
  await expect(run(() => ch.recv(ctx))).rejects.toBe(Canceled);
  await expect(run(() => ch.send(1, ctx))).rejects.toBe(Canceled);
  await expect(run(() => sleep(10_000, ctx))).rejects.toBe(Canceled);
  const [late, cancelLate] = withCancel(background());
  const got = run(seq(() => ch.recv(late)));
  await run(seq(() => ch.send(7), cancelLate));
  await expect(got).resolves.toBe(7); // it had been received: not lost
  expect([ch.recvq.first, ch.sendq.first]).toEqual([null, null]);
  const [short] = withTimeout(background(), 2);
  const mu = new Mutex();
  mu.lock();
  await expect(run(() => mu.lock(short))).rejects.toBe(DeadlineExceeded);
});

test("what is no context is said to be none, and the wait is undone", async () => {
  const ch = chan<number>();
  const wrong = { err: () => undefined } as unknown as Context;
  await expect(run(() => ch.recv(wrong))).rejects.toThrow("chan receive: a value of Object is not a context");
  await expect(run(() => ch.recv(new AbortController().signal as unknown as Context))).rejects.toThrow("fromSignal");
  await expect(run(() => ch.recv(null as unknown as Context))).rejects.toMatchObject({ code: "GORT_ARGUMENT" });
  const throwing = new Own(background());
  throwing.err = () => {
    throw new Error("err threw");
  };
  await expect(run(() => sleep(1000, throwing))).rejects.toThrow("err threw");
  expect(ch.recvq.first).toBe(null);
});

test("wrong types", () => {
  const no = undefined as unknown as Context;
  for (const f of [
    () => withCancel(no),
    () => withCancelCause(no),
    () => withTimeout(no, 1),
    () => withDeadline(no, new Date()),
    () => withValue(no, 1, 2),
    () => withoutCancel(no),
    () => contextAfterFunc(no, () => {}),
  ])
    expect(f).toThrow("cannot create context from nil parent");
  expect(() => withCancel(new AbortController().signal as unknown as Context)).toThrow("fromSignal");
  expect(() => withTimeout(background(), "5" as unknown as number)).toThrow('withTimeout: wants milliseconds, not "5"');
  expect(() => withTimeout(background(), Number.NaN)).toThrow("milliseconds, not NaN");
  expect(() => withDeadline(background(), new Date(Number.NaN))).toThrow(
    "withDeadline: wants a date, not Invalid Date",
  );
  expect(() => withDeadline(background(), 5 as unknown as Date)).toThrow("withDeadline: wants a date");
  expect(() => withValue(background(), null, 1)).toThrow("nil key");
  expect(() => contextAfterFunc(background(), 1 as unknown as () => void)).toThrow(
    "contextAfterFunc: wants a function",
  );
  expect(() => fromSignal({} as AbortSignal)).toThrow("fromSignal: wants an AbortSignal");
});

test("contextAfterFunc: in its own goroutine, once, unless stopped", async () => {
  const log: string[] = [];
  const [ctx, cancel] = withCancel(background());
  const stopA = contextAfterFunc(
    ctx,
    seq(
      () => sleep(1),
      () => void log.push("a"),
    ) as () => void,
  );
  const stopB = contextAfterFunc(ctx, () => void log.push("b"));
  expect([stopB(), stopB(), children(ctx)]).toEqual([true, false, 1]);
  cancel();
  expect(stopA()).toBe(false);
  contextAfterFunc(ctx, () => void log.push("at once"));
  await expect.poll(() => log.length, { timeout: 10_000 }).toBe(2);
  expect(log).toEqual(["at once", "a"]);
  expect(contextAfterFunc(background(), () => {})()).toBe(true);
});

test("ctx.signal aborts what takes a signal", async () => {
  const [ctx, cancel] = withCancelCause(background());
  const sleeping = delay(10_000, undefined, { signal: ctx.signal });
  expect(ctx.signal).toBe(ctx.signal);
  const why = new Error("why");
  const [child] = withCancel(ctx);
  const order: string[] = [];
  child.signal.addEventListener("abort", () => order.push(`child, parent ${ctx.err()?.name}`));
  ctx.signal.addEventListener("abort", () => order.push(`parent, child ${child.err()?.name}`));
  cancel(why);
  await expect(sleeping).rejects.toMatchObject({ name: "AbortError", cause: why });
  expect(order).toEqual(["parent, child AbortError", "child, parent AbortError"]);
  expect([ctx.signal.reason, withCancel(ctx)[0].signal.aborted]).toEqual([why, true]);
  const [late] = withTimeout(background(), 20);
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  // It has a stack taken of the reason.
  await expect(fetch(url, { signal: late.signal })).rejects.toBe(DeadlineExceeded);
  await expect(fetch(url, { signal: late.signal })).rejects.toBe(DeadlineExceeded);
  silent.closeAllConnections();
  silent.close();
  expect(late.signal.reason).toBe(DeadlineExceeded);
  const taken = (): unknown => Object.getOwnPropertyDescriptor(DeadlineExceeded, "stack")?.get;
  const before = taken();
  await expect(run(() => sleep(1, late))).rejects.toBe(DeadlineExceeded);
  expect(taken()).not.toBe(before);
  expect(Object.keys(DeadlineExceeded)).toEqual(["name", "code"]);
  for (const key of ["name", "message", "code"])
    expect(() => Object.assign(DeadlineExceeded, { [key]: "x" })).toThrow(TypeError);
});

test("fromSignal: wants a signal ends a context", async () => {
  const c = new AbortController();
  const ctx = fromSignal(c.signal);
  const [below] = withCancel(ctx);
  const waiting = run(() => chan().recv(below));
  await run(settle);
  const why = new Error("why");
  c.abort(why);
  await expect(waiting).rejects.toBe(Canceled);
  expect([ctx.err(), ctx.cause(), below.cause()]).toEqual([Canceled, why, why]);
  expect(fromSignal(AbortSignal.abort()).err()).toBe(Canceled);
  expect(fromSignal(AbortSignal.abort("text")).cause()).toMatchObject({ message: "text" });
  const late = fromSignal(AbortSignal.timeout(1));
  await run(() => late.done().recv());
  expect(late.err()).toBe(DeadlineExceeded);
  const other = new AbortController();
  const disposed = fromSignal(other.signal);
  disposed[Symbol.dispose]();
  other.abort();
  expect(disposed.cause()).toBe(Canceled);
});

test("somebody's own context as a parent: no goroutine, and nothing stays behind", async () => {
  const [inner, cancel] = withCancelCause(background());
  const own = new Own(inner);
  const n = numGoroutine();
  const [a, cancelA] = withCancel(own);
  const [b] = withTimeout(withValue(own, "k", 1), 60_000);
  const stop = contextAfterFunc(own, () => {});
  expect(numGoroutine()).toBe(n);
  const waiting = (inner.done() as unknown as Chan).recvq;
  cancelA();
  expect(stop()).toBe(true);
  expect([a.err(), waiting.first === waiting.last, waiting.first === null]).toEqual([Canceled, true, false]);
  const why = new Error("why");
  cancel(why);
  expect([b.err(), b.cause(), waiting.first]).toEqual([Canceled, why, null]);
  expect(withCancel(own)[0].cause()).toBe(why);
});

test("somebody's own context that cancels another while the tree ends", async () => {
  const [root, cancel] = withCancel(background());
  const own = new Own(root);
  const [a, cancelA] = withCancel(root);
  own.err = () => {
    cancelA();
    return root.err();
  };
  const waiting = run(() => chan().recv(own));
  waiting.catch(() => {});
  await run(settle);
  const rest = [1, 2, 3].map(() => withCancel(root)[0]);
  cancel();
  expect([a, ...rest].map((c) => c.err())).toEqual([Canceled, Canceled, Canceled, Canceled]);
  await expect(waiting).rejects.toBe(Canceled);
});

test("random trees: ended exactly if an ancestor was, with its cause, and nobody stays registered", async () => {
  const steps = fc.array(fc.tuple(fc.nat(5), fc.noBias(fc.nat(1_000_000)), fc.boolean()), {
    maxLength: 60,
    size: "max",
  });
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const before = timers.size;
      interface Model {
        ctx: Context;
        parent: number;
        cancel: ((cause?: Error) => void) | null;
        ended: Error | undefined;
        cut: boolean;
      }
      const nodes: Model[] = [{ ctx: background(), parent: -1, cancel: null, ended: undefined, cut: false }];
      const woken = new Map<Context, boolean>();
      const endedBy = (i: number): Error | undefined => {
        for (let k = i; k >= 0; k = nodes[k]!.parent) {
          if (nodes[k]!.ended !== undefined) return nodes[k]!.ended;
          if (nodes[k]!.cut) return undefined;
        }
        return undefined;
      };
      for (const [kind, pick, wait] of list) {
        const parent = pick % nodes.length;
        const p = nodes[parent]!.ctx;
        const add = (ctx: Context, cancel: Model["cancel"], cut = false): void => {
          nodes.push({ ctx, parent, cancel, ended: undefined, cut });
          if (!wait) return;
          woken.set(ctx, false);
          const done = ctx.done();
          void go(
            seq(
              () => done.recv(),
              () => void woken.set(ctx, true),
            ),
          );
        };
        if (kind === 0) add(...withCancelCause(p));
        else if (kind === 1) add(...withTimeout(p, 3_600_000));
        else if (kind === 2) add(withValue(p, pick, parent), null);
        else if (kind === 3) add(new Own(p), null);
        else if (kind === 4) add(withoutCancel(p), null, true);
        else {
          const victim = nodes[parent]!;
          if (victim.cancel === null || endedBy(parent) !== undefined) continue;
          const why = new Error(`ended ${parent}`);
          victim.cancel(why);
          // Only withCancelCause's function takes it.
          victim.ended = victim.ctx.cause();
          expect([why, Canceled]).toContain(victim.ended);
        }
      }
      await run(settle);
      nodes.forEach(({ ctx }, i) => {
        const cause = endedBy(i);
        expect(ctx.err()).toBe(cause === undefined ? undefined : Canceled);
        expect(ctx.cause()).toBe(cause);
        expect(isDone(ctx)).toBe(cause !== undefined);
        if (woken.has(ctx)) expect(woken.get(ctx)).toBe(cause !== undefined);
      });
      for (const { cancel } of nodes.toReversed()) cancel?.();
      for (const { ctx } of nodes) if ("first" in ctx) expect(children(ctx)).toBe(0);
      expect(timers.size).toBe(before);
      await run(settle);
    }),
    { numRuns: 120 },
  );
});

test("a done channel that code without types has closed ends no other context", () => {
  const [ctx, cancel] = withCancel(background());
  (ctx.done() as Chan<never>).close();
  cancel();
  expect(ctx.err()).toBe(Canceled);
  const [next, end] = withCancel(background());
  end();
  expect(next.err()).toBe(Canceled);
});

test("who writes the stack of a context's error, as fetch of undici does, neither fails nor changes it", () => {
  for (const e of [Canceled, DeadlineExceeded]) {
    const { stack } = e;
    e.stack = "somebody's";
    expect(e.stack).toBe(stack);
  }
});

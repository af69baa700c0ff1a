/** Contexts on several threads: what a thread has been told by whoever saw the end of a context, it sees too. */
import { isMainThread } from "node:worker_threads";
import {
  background,
  Canceled,
  chan,
  DeadlineExceeded,
  go,
  gomaxprocs,
  noPreempt,
  otherwise,
  parallel,
  select,
  sleep,
  withCancel,
  withTimeout,
  type Chan,
  type Context,
} from "gort";

type Flag = Int32Array<SharedArrayBuffer>;
const flag = (): Flag => new Int32Array(new SharedArrayBuffer(4));

const onMain = parallel((): boolean => isMainThread);

const HERE = 1;
const THERE = 2;

/** Has a goroutine begin on another thread, where there is one: while main has no time for it. Whether it has. */
function elsewhere(begun: Flag): boolean {
  if (gomaxprocs() === 1) return false;
  noPreempt(() => {
    for (const late = Date.now() + 500; Atomics.load(begun, 0) === 0 && Date.now() < late;);
  });
  return Atomics.load(begun, 0) === THERE;
}

/** Says at once that `ctx` is over, without a turn of the event loop in between. */
const spins = parallel((ctx: Context, begun: Flag, over: Flag): string => {
  Atomics.store(begun, 0, isMainThread ? HERE : THERE);
  while (ctx.err() === undefined);
  Atomics.store(over, 0, 1);
  return `${ctx.err() === DeadlineExceeded} ${ctx.cause()!.message}`;
});

/** For every value that comes: whether the contexts are over, asked in all ways there are. */
const asked = parallel((ctx: Context, begun: Flag, gone: Flag, c: Chan<string>): void => {
  const [timed, dropTimed] = withTimeout(ctx, 1e6);
  const [below, dropBelow] = withCancel(timed);
  // The channels are made before anything ends.
  select({ over: ctx.done(), below: below.done(), none: otherwise });
  Atomics.store(begun, 0, isMainThread ? HERE : THERE);
  // It does not wait: a thread that waits is told of everything.
  while (Atomics.load(gone, 0) === 0);
  const first = select({ below: below.done(), none: otherwise }).case;
  c.send(`${first} ${[ctx, timed, below].map((x) => x.err() === Canceled).join(" ")} ${ctx.signal.aborted}`);
  dropBelow();
  dropTimed();
});

export function main(): void {
  // Threads start when there is work for them.
  for (const late = Date.now() + 5000; gomaxprocs() > 1 && Date.now() < late;) if (!go(onMain).join()) break;

  const causes = new Set<string>();
  let late = 0;
  for (let i = 0; i < 60; i++) {
    const [ctx, cancel] = withTimeout(background(), 2 + (i % 5), new RangeError("slow"));
    const [begun, over] = [flag(), flag()];
    const g = go(spins, ctx, begun, over);
    if (elsewhere(begun)) {
      noPreempt(() => {
        while (Atomics.load(over, 0) === 0);
        if (ctx.err() !== DeadlineExceeded) late++;
      });
    }
    causes.add(g.join());
    cancel();
  }
  console.log([...causes].join(", "), late);

  const answers = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const [ctx, cancel] = withCancel(background());
    const [begun, gone] = [flag(), flag()];
    const c = chan<string>(1);
    go(asked, ctx, begun, gone, c);
    elsewhere(begun);
    noPreempt(() => {
      cancel();
      Atomics.store(gone, 0, 1);
    });
    answers.add(c.recv()!);
    sleep(0);
  }
  console.log([...answers].join(", "));
}

/** What docs/guides/memory-model.md promises, each as something that would print otherwise. */
import { chan, go, gosched, Mutex, noPreempt, Once, run, stats, WaitGroup } from "gort";
import { settle } from "./lib/settle.ts";

/** Computes for `ms` milliseconds, with polls. */
function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** The same in code that is left as it is: no polls. */
function busyUncompiled(ms: number): void {
  "use no gort";
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Two goroutines read, compute for longer than a slice, and write. */
function twoAdd(add: () => void): void {
  const wg = new WaitGroup();
  wg.go(add);
  wg.go(add);
  wg.wait();
}

function preempted(): void {
  let n = 0;
  let entered = 0;
  twoAdd(() => {
    const before = n;
    entered++;
    while (entered < 2); // only a preemption lets the other one in
    n = before + 1;
  });
  console.log("unguarded, an update is lost:", n);

  n = 0;
  const mu = new Mutex();
  twoAdd(() => {
    using _ = mu.lock();
    const before = n;
    busy(40);
    n = before + 1;
  });
  console.log("with a mutex:", n);

  n = 0;
  twoAdd(() => {
    noPreempt(() => {
      const before = n;
      busy(40);
      n = before + 1;
    });
  });
  console.log("with noPreempt:", n);

  n = 0;
  twoAdd(() => {
    const before = n;
    busyUncompiled(40);
    n = before + 1;
  });
  console.log("around code that is not compiled:", n);

  n = 0;
  const one = chan<number>(1);
  one.send(0);
  twoAdd(() => {
    const before = one.recv()!;
    busy(40);
    one.send(before + 1);
  });
  console.log("in a channel:", one.recv());
}

function callbacks(): void {
  let seen = "";
  const done = chan<string>(1);
  const turn = chan<void>();
  let quit = false;
  const beside = go(() => {
    while (!quit) {
      seen += ".";
      turn.trySend();
      gosched();
    }
  });
  setTimeout(() => {
    const before = seen;
    busy(40);
    done.trySend(seen === before ? "ran to its end" : "was preempted");
  }, 1);
  console.log("a timer's callback:", done.recv());
  void Promise.resolve().then(() => {
    const before = seen;
    busy(40);
    return done.trySend(seen === before ? "ran to its end" : "was preempted");
  });
  console.log("a promise's:", done.recv());
  // It may block; then it is a goroutine, and others run meanwhile.
  setTimeout(() => {
    const before = seen;
    turn.recv();
    done.trySend(seen === before ? "nobody ran" : "others ran while it waited");
  }, 1);
  console.log("one that blocks:", done.recv());
  quit = true;
  beside.join();
}

function order(): void {
  let value = 0;
  const ch = chan<void>();
  go(() => {
    value = 1;
    ch.send();
  });
  ch.recv();
  console.log("before a send is before its receive:", value);

  const buffered = chan<void>(1);
  let freed = 0;
  buffered.send();
  go(() => {
    freed = 1;
    buffered.recv();
  });
  buffered.send();
  console.log("a receive is before the send that needed its room:", freed);

  const closed = chan<never>();
  let final = 0;
  go(() => {
    final = 1;
    closed.close();
  });
  closed.recv();
  console.log("before a close is before the end that is received:", final);

  let started = 0;
  started = 1;
  console.log("before go is before the goroutine:", go(() => started).join());
  let joined = 0;
  const g = go(() => void (joined = 1));
  g.join();
  console.log("the goroutine's end is before join:", joined);

  const once = new Once();
  let made = 0;
  twoAdd(() => once.do(() => (gosched(), void made++)));
  console.log("the one call of once is before all returns:", made);

  const mu = new Mutex();
  let guarded = "";
  twoAdd(() => {
    using _ = mu.lock();
    guarded += "<";
    gosched();
    guarded += ">";
  });
  console.log("an unlock is before the next lock:", guarded);
}

function operands(): void {
  const ch = chan<number>();
  let sum = 0;
  const worker = (n: number): void => {
    for (let i = 0; i < n; i++) sum += ch.recv()!; // reads sum before it parks
  };
  const [a, b] = [go(worker, 1), go(worker, 1)];
  settle(); // both have read it, and wait
  ch.send(1);
  ch.send(10);
  a.join();
  b.join();
  console.log("sum += recv loses one:", sum);
  sum = 0;
  const careful = (): void => {
    const v = ch.recv()!;
    sum += v;
  };
  const [c, d] = [go(careful), go(careful)];
  settle();
  ch.send(1);
  ch.send(10);
  c.join();
  d.join();
  console.log("received first:", sum);
}

function loud(): void {
  const ch = chan<number>();
  const tried = (f: () => unknown): string => {
    try {
      return String(f());
    } catch (e) {
      return (e as { code?: string }).code ?? String(e);
    }
  };
  console.log(
    "blocking inside noPreempt:",
    tried(() => noPreempt(() => ch.recv())),
  );
  console.log(
    "in a getter:",
    tried(
      () =>
        ({
          get v() {
            return ch.recv();
          },
        }).v,
    ),
  );
  console.log(
    "in a generator:",
    tried(() => [
      ...(function* () {
        yield ch.recv();
      })(),
    ]),
  );
  console.log("none of them left a waiter:", !ch.trySend(1));
}

export async function main(): Promise<void> {
  const before = stats().preemptions;
  await run(preempted);
  console.log("preempted:", stats().preemptions > before);
  await run(callbacks);
  await run(order);
  await run(operands);
  await run(loud);
}

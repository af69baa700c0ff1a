/** What is on the way when a thread ends: outcomes, values, signals, cancellations, goroutines it had queued. Nobody waits for ever. */
import {
  background,
  chan,
  Cond,
  go,
  gomaxprocs,
  lockOSThread,
  move,
  Mutex,
  parallel,
  select,
  sending,
  sleep,
  timeout,
  wait,
  WaitGroup,
  withCancel,
  type Chan,
  type Context,
} from "gort";
import { elsewhere } from "../lib/elsewhere.ts";
import { fstatSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { isMainThread, MessageChannel, type MessagePort } from "node:worker_threads";

const never = new Int32Array(new SharedArrayBuffer(4));

/** Hears nothing meanwhile. */
function deaf(ms: number): void {
  Atomics.wait(never, 0, 0, ms);
}

/** Its outcome is not written yet. */
const outcome = parallel((ready: Chan<boolean>): { n: number } => {
  ready.send(!isMainThread);
  if (isMainThread) return { n: 0 };
  return {
    get n(): number {
      return process.exit(3);
    },
  };
});

const values = parallel((c: Chan<unknown>, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  let waiting = 0;
  for (let n = 0; n < 2; n++)
    go(() => {
      waiting++;
      c.recv();
    });
  while (waiting < 2) sleep(20);
  ready.send(true);
  deaf(300);
  process.exit(3);
});

/** Ends over the first of what it hears, once all has been sent. */
const hears = parallel((first: Chan<unknown>, second: Chan<number>, sent: Int32Array, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  let waiting = 0;
  for (const c of [first, second])
    go(() => {
      waiting++;
      c.recv();
    });
  while (waiting < 2) sleep(20);
  ready.send(true);
  Map.prototype.set = (): never => process.exit(3);
  Atomics.wait(sent, 0, 0);
  sleep(1000);
});

const signal = parallel((c: Cond, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  let waiting = 0;
  go(() => {
    c.mu.lock();
    waiting++;
    c.wait();
  });
  while (waiting < 1) sleep(20);
  ready.send(true);
  deaf(300);
  process.exit(3);
});

/** A group that was here, and one that came to be shared with goroutines of it running. */
const groups = parallel((wg: WaitGroup, others: Chan<WaitGroup>, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  const own = new WaitGroup();
  for (const group of [wg, own]) {
    group.go(() => sleep(10_000));
    group.go(() => {});
  }
  others.send(own);
  sleep(20);
  ready.send(true);
  process.exit(3);
});

const derives = parallel((ctx: Context, derived: Chan<Context>, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  derived.send(withCancel(ctx)[0]);
  ready.send(true);
  process.exit(3);
});

/** The thread ends with the goroutine that has locked it, but not before what comes from it has ended. */
const locks = parallel((ctx: Context, derived: Chan<Context>, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  lockOSThread();
  derived.send(withCancel(ctx)[0]);
  ready.send(true);
});

const says = parallel((n: number, to: Chan<number>): void => to.send(n));

const queues = parallel((to: Chan<number>, ready: Chan<boolean>): void => {
  ready.send(!isMainThread);
  if (isMainThread) return;
  for (let n = 0; n < 20; n++) go(says, n, to);
  deaf(300);
  process.exit(3);
});

const shares = parallel((to: Chan<Int32Array>, ready: Chan<boolean>): void => {
  if (isMainThread) {
    ready.send(false);
    return;
  }
  const memory = new Int32Array(new SharedArrayBuffer(4));
  memory[0] = 7;
  to.send(memory);
  ready.send(true);
  process.exit(3);
});

/** Waits to hand over what it was given. */
const offers = parallel(
  (how: string, port: MessagePort, file: FileHandle, to: Chan<unknown>, ready: Chan<boolean>): void => {
    ready.send(!isMainThread);
    if (isMainThread) {
      port.close();
      wait(file.close());
      return;
    }
    go(() => {
      if (how === "send") to.send({ port: move(port), file: move(file) });
      else select({ port: sending(to, { port: move(port) }), file: sending(to, { file: move(file) }) });
    });
    sleep(20);
    process.exit(3);
  },
);

/** Whether both have been closed when the thread has ended. */
function closed(how: string): string {
  const to = chan<unknown>();
  let [fd, heard] = [-1, chan<boolean>(1)];
  const g = elsewhere((ready) => {
    const { port1, port2 } = new MessageChannel();
    const hears = (heard = chan<boolean>(1));
    port2.on("close", () => void hears.trySend(true));
    const file = wait(open(process.execPath));
    fd = file.fd;
    return go(offers, how, move(port1), move(file), to, ready);
  });
  failure(() => g.join());
  const port = select({ closed: heard, open: timeout(5000) }).case;
  for (let tries = 0; tries < 500; tries++) {
    sleep(10);
    try {
      fstatSync(fd);
    } catch (e) {
      return `port ${port}, file ${(e as { code: string }).code}`;
    }
  }
  return `port ${port}, file open`;
}

function failure(f: () => unknown): unknown {
  try {
    return f();
  } catch (e) {
    return (e as { code?: string }).code;
  }
}

export function main(): void {
  gomaxprocs(Number(process.argv[2]));
  console.log(
    "outcome:",
    failure(() => elsewhere((ready) => go(outcome, ready)).join()),
  );

  const [a, b] = [chan<unknown>(), chan<number>()];
  let g = elsewhere((ready) => go(values, a, ready));
  const next = go(() => [a.recv(), a.recv()]);
  sleep(50);
  a.send(1);
  a.send(2);
  failure(() => g.join());
  console.log("values, in their order:", next.join());

  const sent = new Int32Array(new SharedArrayBuffer(4));
  g = elsewhere((ready) => go(hears, a, b, sent, ready));
  sleep(50);
  a.send(new Map([[1, 2]]));
  b.send(7);
  Atomics.store(sent, 0, 1);
  Atomics.notify(sent, 0);
  failure(() => g.join());
  console.log("taken from the inbox and not heard:", b.recv());

  const c = new Cond(new Mutex());
  g = elsewhere((ready) => go(signal, c, ready));
  const waiter = go(() => {
    c.mu.lock();
    c.wait();
    c.mu.unlock();
    return "signalled";
  });
  sleep(50);
  c.signal();
  failure(() => g.join());
  console.log("the next waiter:", waiter.join());

  const [wg, others] = [new WaitGroup(), chan<WaitGroup>(1)];
  g = elsewhere((ready) => go(groups, wg, others, ready));
  failure(() => g.join());
  for (const group of [wg, others.recv()!])
    console.log(
      "a group with goroutines there:",
      failure(() => group.wait()),
    );

  const [[ctx, cancel], derived] = [withCancel(background()), chan<Context>(1)];
  g = elsewhere((ready) => go(derives, ctx, derived, ready));
  const d = derived.recv()!;
  failure(() => g.join());
  d.done().recv();
  console.log("a context from there:", String(d.err()), (d.cause() as { code?: string }).code, ctx.err());
  elsewhere((ready) => go(locks, ctx, derived, ready)).join();
  const left = derived.recv()!;
  sleep(50);
  const before = left.err();
  cancel();
  left.done().recv();
  console.log("of a locked thread:", before, String(left.cause()));

  const memory = chan<Int32Array>(1);
  g = elsewhere((ready) => go(shares, memory, ready));
  failure(() => g.join());
  console.log("shared memory:", memory.recv()![0]);

  for (const how of ["send", "select"]) console.log(`nobody has received it, ${how}: ${closed(how)}`);

  const said = chan<number>(20);
  g = elsewhere((ready) => go(queues, said, ready));
  gomaxprocs(1);
  failure(() => g.join());
  let sum = 0;
  for (let n = 0; n < 20; n++) sum += said.recv()!;
  console.log("queued on a P that is no more:", sum);
}

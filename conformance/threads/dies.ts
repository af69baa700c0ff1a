/** A process that dies while goroutines are on several threads: of a deadlock, a fatal error, a panic on a thread that is not main. */
import { chan, go, gomaxprocs, parallel, type Chan } from "gort";
import { isMainThread } from "node:worker_threads";

const waits = parallel((ready: Chan<boolean>, never: Chan<number>): void => {
  ready.send(!isMainThread);
  never.recv();
});

const computes = parallel((ready: Chan<boolean>): void => {
  ready.send(!isMainThread);
  for (;;);
});

const panics = parallel((ready: Chan<boolean>): void => {
  ready.send(!isMainThread);
  throw new Error("boom");
});

/** Waits for what a thread has thrown, in a function that others call. */
function joins(f: (ready: Chan<boolean>) => void): void {
  const ready = chan<boolean>(1);
  go(f, ready).join();
}

/** Until another thread has taken it. */
function elsewhere(start: (ready: Chan<boolean>) => void): void {
  for (;;) {
    const ready = chan<boolean>(1);
    start(ready);
    for (const until = performance.now() + 5; performance.now() < until;);
    if (ready.recv() === true) return;
  }
}

export function main(): void {
  gomaxprocs(2);
  const how = process.argv[2];
  const never = chan<number>();
  elsewhere((ready) => go(waits, ready, never));
  if (how === "deadlock") never.recv();
  if (how === "fatal") {
    elsewhere((ready) => go(computes, ready));
    go(undefined as never);
  }
  if (how === "joined") joins(panics);
  if (how === "unheard") {
    elsewhere((ready) => go(keeps, ready, never));
    never.recv();
  }
  if (how === "panic") {
    const ready = chan<boolean>(1);
    for (;;) {
      go(() => {
        const g = go(panics, ready);
        for (const until = performance.now() + 5; performance.now() < until;);
        g.join();
      });
      ready.recv();
    }
  }
}

/** Has the handles of goroutines that have failed, and would ask them next. */
const keeps = parallel((ready: Chan<boolean>, never: Chan<number>): void => {
  const failed = Array.from({ length: 12 }, (_, i) =>
    go(() => {
      throw new Error(`boom ${i}`);
    }),
  );
  ready.send(!isMainThread);
  never.recv();
  for (const g of failed) g.join();
});

/** What is refused leaves nothing behind; what is one value everywhere stays it; leaks on other threads are leaks. */
import { background, chan, DeadlineExceeded, go, parallel, sleep, WaitGroup, withTimeout, type Chan } from "gort";
import { findLeaks, ignoreCurrent, verifyNone } from "gort/testing";

const echo = parallel((value: unknown): unknown => value);

const late = parallel((): void => {
  const [ctx, cancel] = withTimeout(background(), 1);
  try {
    chan<number>().recv(ctx);
  } finally {
    cancel();
  }
});

const hog = parallel((over: Int32Array<SharedArrayBuffer>): void => {
  while (Atomics.load(over, 0) === 0);
});

const leaks = parallel((c: Chan<number>): void => {
  go(() => c.send(1));
});

export function main(): void {
  const wg = new WaitGroup();
  try {
    wg.go(echo, { onDone: main });
  } catch (e) {
    console.log((e as { code: string }).code);
  }
  wg.wait();
  console.log("nobody is waited for");

  try {
    go(late).join();
  } catch (e) {
    console.log(e === DeadlineExceeded, e instanceof DeadlineExceeded);
  }

  // While main has no time for them, the goroutines stay on other threads, where there are any.
  const over = new Int32Array(new SharedArrayBuffer(4));
  const hogs = [1, 2, 3].map(() => go(hog, over));
  sleep(50);
  const before = ignoreCurrent();
  const c = chan<number>();
  const waiting = [1, 2, 3, 4].map(() => go(leaks, c));
  sleep(20);
  Atomics.store(over, 0, 1);
  for (const h of [...hogs, ...waiting]) h.join();
  const found = findLeaks({ ignoreCurrent: before });
  console.log(found?.goroutines.map((s) => `${s.topFunction} [${s.state}] by ${s.createdBy}`).join(", "));
  verifyNone({ ignoreAnyFunction: "leaks.func1" });
  for (let i = 0; i < 4; i++) c.recv();
  verifyNone();
  console.log("none");
}

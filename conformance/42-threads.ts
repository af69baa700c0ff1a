/** Locking a thread nests; more Ps than anybody needs; counting and dumping while Ps change; preemption after a system call. */
import {
  AtomicInt,
  go,
  gomaxprocs,
  lockOSThread,
  numGoroutine,
  parallel,
  sleep,
  stack,
  syscall,
  unlockOSThread,
  WaitGroup,
} from "gort";

const spins = parallel((stop: AtomicInt): number => {
  syscall(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2));
  while (stop.load() === 0);
  return 1;
});

const squares = parallel((n: number): number => n * n);

export function main(): void {
  const locked = (): boolean => /\[running, locked to thread\]/.test(stack());
  const seen = [locked()];
  lockOSThread();
  lockOSThread();
  seen.push(locked());
  unlockOSThread();
  seen.push(locked());
  unlockOSThread();
  unlockOSThread();
  seen.push(locked());
  console.log("locked", seen.join(" "));

  const before = gomaxprocs(1024);
  let sum = 0;
  for (const g of Array.from({ length: 100 }, (_, n) => go(squares, n))) sum += g.join();
  console.log("1024 Ps", sum, gomaxprocs(before) >= 256);

  const stop = new AtomicInt();
  const hogs = [go(spins, stop), go(spins, stop)];
  const wg = new WaitGroup();
  let dumps = 0;
  wg.go(() => {
    for (let i = 0; i < 50; i++) {
      gomaxprocs(1 + (i % 3));
      sleep(0);
    }
  });
  wg.go(() => {
    for (let i = 0; i < 50; i++) {
      if (numGoroutine() > 0) dumps++;
      sleep(0);
    }
  });
  wg.wait();
  stop.store(1);
  console.log("hogs", hogs.map((g) => g.join()).join(" "), "counted", dumps);
  gomaxprocs(before);

  const gate = new WaitGroup();
  gate.add(1);
  const n = numGoroutine();
  for (let i = 0; i < 10; i++) go(() => gate.wait());
  console.log("goroutines", numGoroutine() - n);
  gate.done();
  while (numGoroutine() > n) sleep(1);
  console.log("left", numGoroutine() - n);
}

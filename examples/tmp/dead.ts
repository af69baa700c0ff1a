import { chan, go, WaitGroup, Mutex } from "gort";
export function main(): void {
  const c = chan<number>(), wg = new WaitGroup(), mu = new Mutex();
  wg.add(1);
  go(function waiter() { wg.wait(); });
  go(() => { mu.lock(); mu.lock(); });
  go(() => c.send(1));
  c.recv();
  c.recv();
}

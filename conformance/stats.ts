/** stats() counts the goroutines of all threads, by state and reason, whoever asks. */
import { chan, go, gomaxprocs, parallel, sleep, stats, WaitGroup, type Chan } from "gort";

gomaxprocs(4);

/** Says that it is there, and waits. */
const waits = parallel((there: Chan<boolean>, end: Chan<boolean>): void => {
  there.send(true);
  end.recv();
});

/** Computes until it is told to stop. */
const computes = parallel((there: Chan<boolean>, stop: Int32Array<SharedArrayBuffer>): number => {
  there.send(true);
  let n = 0;
  while (stop[0] === 0) n++;
  return n;
});

const asks = parallel((): [number, number] => {
  const { goroutines, reasons } = stats();
  return [goroutines, reasons["chan receive"] ?? 0];
});

/** Polls until it holds: a goroutine that has said something is about to wait. */
function until(what: string, holds: () => boolean): void {
  for (let i = 0; i < 2000 && !holds(); i++) sleep(1);
  console.log(what, holds());
}

export function main(): void {
  const [there, end] = [chan<boolean>(), chan<boolean>()];
  const before = stats().created;
  for (let i = 0; i < 20; i++) go(waits, there, end);
  for (let i = 0; i < 20; i++) there.recv();
  until("20 wait, and main runs", () => {
    const { goroutines, states, reasons } = stats();
    return goroutines === 21 && states["waiting"] === 20 && states["running"] === 1 && reasons["chan receive"] === 20;
  });
  console.log("created", stats().created - before);
  until("the same for another thread, beside main, which joins it", () => {
    const [n, receiving] = go(asks).join();
    return n === 22 && receiving === 20;
  });

  const stop = new Int32Array(new SharedArrayBuffer(4));
  const wg = new WaitGroup();
  for (let i = 0; i < 3; i++) wg.go(computes, there, stop);
  for (let i = 0; i < 3; i++) there.recv();
  until("3 more compute, or are about to", () => {
    const { goroutines, states } = stats();
    return goroutines === 24 && (states["running"] ?? 0) + (states["runnable"] ?? 0) === 4;
  });
  const { localQueues } = stats();
  console.log("queues", localQueues.length, "Ps", stats().gomaxprocs);
  stop[0] = 1;
  wg.wait();
  end.close();
  until("all have ended", () => stats().goroutines === 1 && stats().reasons["chan receive"] === undefined);
}

/** Mutex: nobody else inside, try, hand over, and a chance for everyone beside one that locks again and again. */
import { chan, go, goexit, gosched, Mutex, onTimeout, onRecv, otherwise, select, sleep, WaitGroup } from "gort";
import { settle } from "./lib/settle.ts";

function trying(): string {
  const mu = new Mutex();
  const out: boolean[] = [];
  mu.lock();
  out.push(mu.tryLock());
  mu.unlock();
  out.push(mu.tryLock(), mu.tryLock());
  mu.unlock();
  return out.join(" ");
}

/** Ten goroutines, a thousand turns each, some of which are not worth waiting for. */
function hammer(): string {
  const mu = new Mutex();
  const wg = new WaitGroup();
  let inside = 0;
  let most = 0;
  let turns = 0;
  let tried = 0;
  for (let w = 0; w < 10; w++) {
    wg.go(() => {
      for (let i = 0; i < 1000; i++) {
        if (i % 3 === 0) {
          if (!mu.tryLock()) {
            tried++;
            continue;
          }
        } else mu.lock();
        most = Math.max(most, ++inside);
        if (i % 5 === 0) gosched();
        inside--;
        turns++;
        mu.unlock();
      }
    });
  }
  wg.wait();
  return `at once ${most}, turns ${turns + tried}, free ${mu.tryLock()}`;
}

/** A mutex as a semaphore: who unlocks it need not be who locked it. */
function passed(): string {
  const mu = new Mutex();
  const log: number[] = [];
  mu.lock();
  const other = go(() => {
    mu.lock();
    log.push(2);
  });
  settle();
  log.push(1);
  go(() => mu.unlock());
  other.join();
  return log.join(" ");
}

/** `using` unlocks, however the block is left. */
function disposed(): string {
  const mu = new Mutex();
  const out: unknown[] = [];
  for (const way of ["end", "throw", "continue"]) {
    try {
      using _ = mu.lock();
      sleep(0.1);
      out.push(mu.tryLock());
      if (way === "throw") throw new Error(way);
      if (way === "continue") continue;
    } catch (e) {
      out.push((e as Error).message);
    }
  }
  // The whole goroutine ends, or panics, with the lock held.
  const ended = go(() => {
    using _ = mu.lock();
    gosched();
    goexit();
  });
  ended.join();
  out.push(mu.tryLock());
  mu.unlock();
  const failed = go(() => {
    using _ = mu.lock();
    gosched();
    throw new Error("failed");
  });
  try {
    failed.join();
  } catch (e) {
    out.push((e as Error).message);
  }
  return `${out.join(" ")} ${mu.tryLock()}`;
}

/** One holds it while it sleeps, and locks again at once; the other needs it ten times. */
function fair(): string {
  const mu = new Mutex();
  const stop = chan<void>();
  const done = chan<number>();
  go(() => {
    for (;;) {
      mu.lock();
      sleep(0.1);
      mu.unlock();
      if (select({ stop, none: otherwise }).case === "stop") return;
    }
  });
  go(() => {
    let locked = 0;
    for (; locked < 10; locked++) {
      sleep(0.1);
      mu.lock();
      mu.unlock();
    }
    done.send(locked);
  });
  const result = select(
    onRecv(done, (n) => `locked ${n} times`),
    onTimeout(10_000, () => "starved"),
  );
  stop.close();
  return result;
}

export function main(): void {
  console.log("try:", trying());
  console.log("hammer:", hammer());
  console.log("passed:", passed());
  console.log("using:", disposed());
  console.log("beside a hog:", fair());
}

/** Unlocking what is not locked ends the process also where the lock has crossed to other threads: each in a process of its own. */
import { go, parallel, RWMutex, Semaphore, type Goroutine } from "gort";
import { child } from "./lib/child.ts";

const look = parallel((mu: RWMutex): boolean => mu.tryLock());
const units = parallel((s: Semaphore): boolean => s.tryAcquire(1));

/** One that other threads know, and that nobody holds. */
function shared(): RWMutex {
  const mu = new RWMutex();
  mu.lock();
  go(look, mu).join();
  mu.unlock();
  return mu;
}

const misuses: Record<string, () => void> = {
  "never locked": () => shared().unlock(),
  "locked for reading": () => {
    const mu = shared();
    mu.rLock();
    mu.unlock();
  },
  "never locked for reading": () => shared().rUnlock(),
  "locked for writing": () => {
    const mu = shared();
    mu.lock();
    mu.rUnlock();
  },
  "unlocked twice for reading": () => {
    const mu = shared();
    mu.rLock();
    mu.rUnlock();
    mu.rUnlock();
  },
  "more units than a word could count": () => {
    const s = new Semaphore(2 ** 31 - 1);
    if (go(units, s).join()) s.release();
    try {
      s.release();
    } catch (e) {
      console.log((e as Error).message);
    }
  },
};

/** What a process that does it prints, and how it ends. */
function observed(name: string): string {
  const { status, stdout, stderr } = child(process.argv[1]!, name);
  return `${name}: ${stdout.trim()}${stderr.split("\n")[0]}, status ${String(status)}`;
}

export function main(): void {
  const asked = process.argv[2];
  if (asked !== undefined) {
    misuses[asked]!();
    return;
  }
  const running: Goroutine<string>[] = [];
  for (const name in misuses) running.push(go(observed, name));
  for (const g of running) console.log(g.join());
}

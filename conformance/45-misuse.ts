/** Unlocking what is not locked ends the process, whatever tries to catch it: each in a process of its own. */
import { Cond, go, gosched, Group, Mutex, RWMutex, WaitGroup, type Goroutine } from "gort";
import { child } from "./lib/child.ts";

const misuses: Record<string, () => void> = {
  "Mutex, never locked": () => new Mutex().unlock(),
  "Mutex, unlocked twice": () => {
    const m = new Mutex();
    m.lock();
    m.unlock();
    m.unlock();
  },
  "RWMutex, never locked": () => new RWMutex().unlock(),
  "RWMutex, locked for reading": () => {
    const m = new RWMutex();
    m.rLock();
    m.unlock();
  },
  "RWMutex, unlocked twice": () => {
    const m = new RWMutex();
    m.lock();
    m.unlock();
    m.unlock();
  },
  "RWMutex, never locked for reading": () => new RWMutex().rUnlock(),
  "RWMutex, locked for writing": () => {
    const m = new RWMutex();
    m.lock();
    m.rUnlock();
  },
  "RWMutex, unlocked twice for reading": () => {
    const m = new RWMutex();
    m.rLock();
    m.rUnlock();
    m.rUnlock();
  },
  "Cond, without the lock": () => new Cond(new Mutex()).wait(),
  "Group, nobody waits": () => {
    new Group().go(() => {
      throw new Error("lost");
    });
    gosched();
    gosched();
  },
  // The one that can be caught.
  "WaitGroup, below zero": () => new WaitGroup().done(),
};

function tryIn(f: () => void): void {
  try {
    f();
  } catch (e) {
    console.log(`caught ${(e as Error).message}`);
  } finally {
    console.log("went on");
  }
}

/** What a process that does it prints, and how it ends. */
function observed(name: string): string {
  const { status, stdout, stderr } = child(process.argv[1]!, name);
  const text = [stdout.trim().replaceAll("\n", ", "), stderr.split("\n")[0]].filter((s) => s !== "").join("; ");
  return `${name}: ${text}, status ${String(status)}`;
}

export function main(): void {
  const asked = process.argv[2];
  if (asked !== undefined) {
    tryIn(misuses[asked]!);
    return;
  }
  const running: Goroutine<string>[] = [];
  for (const name in misuses) running.push(go(observed, name));
  for (const g of running) console.log(g.join());
}

/** Unlocking what is not locked ends the process, whatever tries to catch it: each in a process of its own. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { Cond, go, gosched, Group, Mutex, RWMutex, wait, WaitGroup, type Goroutine } from "gort";

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
  const gort = join(import.meta.dirname, "../packages/devtools/bin/gort.js");
  const child = spawn(process.execPath, [gort, "run", process.argv[1]!, name], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (s: string) => (out += s));
  child.stderr.setEncoding("utf8").on("data", (s: string) => (err += s));
  const status = wait(new Promise((resolve) => child.on("close", resolve)));
  const text = [out.trim().replaceAll("\n", ", "), err.split("\n")[0]].filter((s) => s !== "").join("; ");
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

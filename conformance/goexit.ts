/** goexit through what stands in its way: `finally`, `using`, exceptions on both sides, disposers that block. */
import { go, goexit, gosched, sleep, wait } from "gort";

function disposer(f: () => void): Disposable {
  return { [Symbol.dispose]: f };
}

function fail(message: string): never {
  throw new Error(message);
}

const ways: Record<string, (log: string[]) => void> = {
  "a finally"(log) {
    try {
      goexit();
    } finally {
      log.push("finally");
    }
  },
  "a finally that throws"() {
    try {
      goexit();
    } finally {
      fail("hello");
    }
  },
  "an exception, and a finally that exits"() {
    try {
      throw new Error("hello");
    } finally {
      goexit();
    }
  },
  "a disposer"(log) {
    using _ = disposer(() => log.push("disposed"));
    goexit();
  },
  "a disposer that blocks"(log) {
    using _first = disposer(() => log.push("first"));
    using _second = disposer(() => {
      sleep(1);
      log.push("second");
    });
    goexit();
  },
  "a disposer that throws"(log) {
    using _first = disposer(() => log.push("first"));
    using _second = disposer(() => {
      gosched();
      throw new Error("hello");
    });
    goexit();
  },
  "two disposers that throw"() {
    using _first = disposer(() => {
      throw new Error("second");
    });
    using _second = disposer(() => {
      throw new Error("first");
    });
    goexit();
  },
  "an exception, and a disposer that exits"(log) {
    using _first = disposer(() => log.push("first"));
    using _second = disposer(() => {
      gosched();
      goexit();
    });
    throw new Error("hello");
  },
  "a disposer that exits, too"(log) {
    using _first = disposer(() => log.push("first"));
    using _second = disposer(() => goexit());
    goexit();
  },
  "what a catch has"(log) {
    try {
      using _ = disposer(() => {
        throw new Error("hello");
      });
      goexit();
    } catch (e) {
      log.push(`caught ${String(e)}`);
    }
  },
};

function text(e: unknown): string {
  if (!(e instanceof Error) || !("suppressed" in e)) return String(e);
  return `${text((e as SuppressedError).error)} over ${text((e as SuppressedError).suppressed)}`;
}

/** An async function is no goroutine, and does not go on behind it as if it had been called for nothing. */
async function inAsync(log: string[], ms: number): Promise<void> {
  try {
    exits(ms);
    log.push("went on");
  } catch (e) {
    log.push(String(e).replace(/; .*/, ""));
  }
}

function exits(ms: number): void {
  if (ms > 0) sleep(ms);
  goexit();
}

export function main(): void {
  for (const [name, f] of Object.entries(ways)) {
    const log: string[] = [];
    const g = go(() => {
      f(log);
      log.push("went on");
    });
    try {
      g.join();
    } catch (e) {
      log.push(`threw ${text(e)}`);
    }
    console.log(`${name}: ${log.join(", ")}`);
  }
  for (const ms of [0, 1]) {
    const log: string[] = [];
    wait(inAsync(log, ms));
    console.log(`async, ${ms} ms: ${log.join(", ")}`);
  }
}

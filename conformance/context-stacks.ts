/** A context's error says where it was thrown, though all contexts share it: to whom it was thrown, until that waits again. */
import {
  background,
  Canceled,
  chan,
  DeadlineExceeded,
  go,
  Mutex,
  sleep,
  withCancel,
  withTimeout,
  type Context,
} from "gort";
import { settle } from "./lib/settle.ts";

const never = chan<number>();

function receive(ctx: Context): void {
  never.recv(ctx);
}
function lock(mu: Mutex, ctx: Context): void {
  mu.lock(ctx);
}

/** Function and line of each frame of a function that has a name. */
function places(e: unknown): string {
  const [head, ...lines] = (e as Error).stack!.split("\n");
  const named = lines.map((line) => /^\s+at (receive|lock|attempt|main) .*?(:\d+):\d+\)$/.exec(line));
  return [head, ...named.flatMap((m) => (m === null ? [] : [m[1]! + m[2]!]))].join("; ");
}

function attempt(what: string, f: () => void): void {
  try {
    f();
  } catch (e) {
    console.log(`${what}: ${places(e)}`);
    if (e !== Canceled && e !== DeadlineExceeded) throw e;
  }
}

export function main(): void {
  const [ended, cancel] = withCancel(background());
  cancel();
  attempt("ended before", () => {
    receive(ended);
  });
  const mu = new Mutex();
  mu.lock();
  attempt("of a lock", () => {
    lock(mu, ended);
  });
  attempt("by a deadline, meanwhile", () => {
    receive(withTimeout(background(), 5)[0]);
  });
  const [ctx, stop] = withCancel(background());
  const g = go(() => {
    attempt("in a goroutine, meanwhile", () => {
      receive(ctx);
    });
  });
  settle();
  stop();
  g.join();
  // Somebody else, later: it was not thrown to them.
  console.log(Canceled.stack, "|", ended.err()!.stack);
  let kept: unknown;
  try {
    receive(ended);
  } catch (e) {
    kept = e;
  }
  sleep(1);
  console.log("after a wait:", places(kept));
  let n = 0;
  for (let i = 0; i < 1000; i++) {
    try {
      receive(ended);
    } catch (e) {
      if (e === Canceled) n++;
    }
  }
  console.log("in a loop:", n);
}

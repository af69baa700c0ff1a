/**
 * Ours alone: every blocking operation below a native function fails there, in the function that called it: its `catch` and
 * `finally` run, the wait is undone, and whoever comes next gets what it would have got. The program goes on.
 */
import { chan, Cond, go, gosched, Mutex, Once, RWMutex, select, sending, sleep, wait, WaitGroup } from "gort";
import { settle } from "./lib/settle.ts";

/** JSON.stringify calls it, and cannot be suspended. */
function below(f: () => unknown): unknown {
  return JSON.stringify({ toJSON: () => f() });
}

function attempt(name: string, f: () => unknown): void {
  const log: string[] = [];
  const guarded = (): unknown => {
    try {
      return f();
    } catch (e) {
      log.push(`caught ${(e as { code: string }).code}`);
      throw e;
    } finally {
      log.push("finally");
    }
  };
  try {
    log.push(`went on: ${String(below(guarded))}`);
  } catch (e) {
    const { message } = e as Error;
    log.push(
      /suspended: (.*?) at [^ ]* \(/.exec(message)?.[1] ?? message,
      message.includes("called by JSON.stringify") ? "told who" : message,
    );
  }
  console.log(`${name}: ${log.join(", ")}`);
}

export function main(): void {
  const ch = chan<number>();
  const other = chan<number>();
  attempt("receive", () => ch.recv());
  attempt("receive, ok", () => ch.recvOk());
  attempt("send", () => ch.send(1));
  attempt("select", () => select({ ch, other }));
  attempt("select that sends", () => select({ ch, out: sending(other, 2) }));
  attempt("for of", () => {
    for (const v of ch) return v;
    return 0;
  });
  attempt("select without cases", () => select({}));
  go(() => ch.send(42));
  console.log("nobody took the value, and nobody sent one:", ch.recv(), other.len);

  const mu = new Mutex();
  mu.lock();
  attempt("lock", () => mu.lock());
  mu.unlock();
  mu.lock();
  mu.unlock();
  const rw = new RWMutex();
  rw.lock();
  attempt("read lock", () => rw.rLock());
  attempt("write lock", () => rw.lock());
  rw.unlock();
  rw.lock();
  rw.unlock();
  console.log("the locks are free");

  const wg = new WaitGroup();
  wg.add(1);
  attempt("wait group", () => wg.wait());
  wg.done();
  wg.wait();

  const cond = new Cond(mu);
  attempt("condition", () => {
    mu.lock();
    try {
      cond.wait();
    } finally {
      mu.unlock();
    }
  });
  mu.lock();
  cond.signal();
  mu.unlock();
  console.log("the condition's lock is free");

  const once = new Once();
  const began = chan<number>();
  const end = chan<number>();
  const first = go(() => once.do(() => (began.send(1), void end.recv())));
  began.recv();
  attempt("once", () => once.do(() => {}));
  attempt("join", () => first.join());
  end.send(1);
  first.join();

  attempt("sleep", () => sleep(1));
  attempt("gosched", () => gosched());
  attempt("promise", () => wait(new Promise(() => {})));
  const own = new Once();
  attempt("once, its function", () => own.do(() => sleep(1)));
  own.do(() => console.log("not again"));

  // An operation that need not wait is none of these.
  const full = chan<number>(1);
  attempt("buffered", () => (full.send(1), full.recv()));
  attempt("a free lock", () => (mu.lock(), mu.unlock(), 1));
  // Whoever catches the error goes on below the native function.
  console.log(
    below(() => {
      try {
        return ch.recv();
      } catch {
        return "instead";
      }
    }),
  );
  let order = "";
  for (const name of ["a", "b"]) go(() => (order += name));
  settle();
  console.log("the others run:", order);
}

/** Giving up in time: a case of a select, a context with a deadline, and the deadline of a whole tree of calls. */
import {
  background,
  chan,
  DeadlineExceeded,
  go,
  select,
  sleep,
  timeout,
  wait,
  withTimeout,
  type Context,
  type RecvChan,
} from "gort";
import { verifyNone } from "gort/testing";

/** A server that answers after a while. The buffer of one lets it end also when nobody waits any more. */
function ask(name: string, ms: number): RecvChan<string> {
  const answer = chan<string>(1);
  go(() => {
    sleep(ms);
    answer.send(`${name} answered`);
  });
  return answer;
}

/** The first of two servers; whoever is late is ignored. */
function first(): void {
  const r = select({ near: ask("near", 5), far: ask("far", 300), late: timeout(1000) });
  console.log(r.case === "late" ? "nobody answered" : r.value);
}

function tooLate(): void {
  const r = select({ answer: ask("slow", 300), late: timeout(5) });
  console.log(r.case === "late" ? "slow: gave up after 5 ms" : r.value);
}

/** Every operation that waits takes a context; a function that calls others passes its own on. */
function load(ctx: Context, id: number): string {
  sleep(id * 1000, ctx);
  return `page ${id}`;
}

function loadAll(ctx: Context): void {
  for (let id = 0; ; id++) console.log(load(ctx, id));
}

/** What knows AbortSignals takes the context's. */
function aborted(ctx: Context): string {
  try {
    const { signal } = ctx;
    const endless = new Promise<never>((_, reject) => {
      const end = (): void => reject(signal.reason as Error);
      // One that has ended already tells nobody any more.
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    });
    return wait(endless);
  } catch (e) {
    return (e as Error).name;
  }
}

export function main(): void {
  first();
  tooLate();
  {
    const [ctx, cancel] = withTimeout(background(), 30);
    try {
      loadAll(ctx);
    } catch (e) {
      console.log(e === DeadlineExceeded ? "no more within 30 ms" : e);
    }
    cancel();
  }
  {
    const [ctx, cancel] = withTimeout(background(), 5);
    console.log("a signal:", aborted(ctx));
    cancel();
  }
  verifyNone(); // those who were late have answered nobody, and ended
}

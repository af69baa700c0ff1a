/** Rate limits: one at a time by a ticker, and with bursts by a channel that holds the permissions saved up. */
import { chan, go, select, otherwise, sending, Ticker, type RecvChan } from "gort";

/** Requests at most every `ms` milliseconds. */
function steady(requests: RecvChan<number>, ms: number): number[] {
  using ticker = new Ticker(ms);
  const times: number[] = [];
  for (const _ of requests) {
    ticker.c.recv();
    times.push(performance.now());
  }
  return times;
}

/** A token bucket: `burst` at once, then one every `ms` milliseconds. Disposing it stops its goroutine. */
class Bucket implements Disposable {
  readonly #tokens;
  readonly #quit = chan<never>();

  constructor(burst: number, ms: number) {
    this.#tokens = chan<true>(burst);
    for (let i = 0; i < burst; i++) this.#tokens.send(true);
    go(() => this.#fill(ms));
  }

  #fill(ms: number): void {
    using ticker = new Ticker(ms);
    for (;;) {
      const r = select({ tick: ticker.c, quit: this.#quit });
      if (r.case === "quit") return;
      select({ put: sending(this.#tokens, true), full: otherwise }); // a full bucket takes no more
    }
  }

  take(): void {
    this.#tokens.recv();
  }

  [Symbol.dispose](): void {
    this.#quit.close();
  }
}

function requests(n: number): RecvChan<number> {
  const out = chan<number>(n);
  for (let i = 0; i < n; i++) out.send(i);
  out.close();
  return out;
}

export function main(): void {
  const start = performance.now();
  const times = steady(requests(4), 10);
  console.log("steady:", times.length, "requests,", times.at(-1)! - start >= 38 ? "10 ms apart" : "too fast");

  const begun = performance.now();
  using bucket = new Bucket(3, 10);
  let atOnce = 0;
  for (const _ of requests(5)) {
    bucket.take();
    if (performance.now() - begun < 9) atOnce++;
  }
  const spread = performance.now() - begun >= 18;
  console.log(
    "bursty:",
    atOnce <= 3 ? "at most 3 at once," : `${atOnce} at once,`,
    spread ? "the rest 10 ms apart" : "too fast",
  );
}

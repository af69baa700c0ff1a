/** How a thread without goroutines of its own looks for parallel ones that have not started: own queue, global queue, others' queues. */
import { random } from "../internal/host.ts";
import { G_QUEUE, G_STOP, M_STEALS } from "./layout.ts";
import { ownP, procs } from "./processor.ts";
import { X } from "./region.ts";

/** Rounds of looking for work before sleeping, at most and at least: halved when they were in vain. */
const SPIN_MOST = 128;
const SPIN_LEAST = 2;
/** Looks at the inbox between two such rounds: at others' queues each is a line that they write, and waits for. */
const LOOKS = 32;

export class Search {
  readonly #main: boolean = X.m === 0;
  #spins: number = SPIN_MOST;
  /** How often it has looked: every 61st time the global queue comes first, so that its goroutines do not wait for ever. Go: schedtick. */
  #tick: number = 0;

  /** A parallel goroutine that waits for this thread or for any: its record, or 0. */
  take(): number {
    const { p, I } = X;
    const own = ownP();
    if (++this.#tick % 61 === 0 && I[G_QUEUE >> 2] !== 0) {
      const r = p.queueTake();
      if (r !== 0) return r;
    }
    const r = p.take(own);
    return r !== 0 ? r : p.takeBatch(own);
  }

  /** One that waits for another thread; looks until there is one, or something else to do, or it has looked long enough. 0: none. */
  steal(): number {
    const { p, m, I } = X;
    if (procs() < 2 || p.spin(m) === 0) return 0;
    let r = p.steal(ownP(), random.next(), false);
    // Main does not spin. What another would run next is left to it for the time of a look only: it may never come to it.
    if (r === 0 && this.#main) r = p.steal(ownP(), random.next(), true);
    else if (r === 0) {
      for (let i = this.#spins; i > 0; i--) {
        if (p.linger(m, LOOKS) || I[G_STOP >> 2] !== 0) return 0;
        r = p.steal(ownP(), random.next(), i << 1 <= this.#spins);
        if (r !== 0 || (r = p.takeBatch(ownP())) !== 0) break;
      }
      this.#spins = r !== 0 ? SPIN_MOST : Math.max(this.#spins >> 1, SPIN_LEAST);
    }
    if (r !== 0) I[X.at + (M_STEALS >> 2)]!++;
    return r;
  }
}

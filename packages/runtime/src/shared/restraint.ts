/**
 * Parallel goroutines stay where they begin, so a thread that has more of them than others leaves the next one to those, while they come.
 *
 * To begin one that waits at once (for a file, for a job) takes microseconds, to wake a thread takes fifty: the first to look would begin them all, and
 * compute alone later. What would run next is never left: who created it is often about to wait for it.
 *
 *     find(): holds ─► a few turns of the event loop ─► asleep for 3 ms, without the P ─► nobody has begun one meanwhile: it does
 */
import { host } from "../internal/host.ts";
import { S } from "../scheduler/p.ts";
import { again } from "../scheduler/wake.ts";
import { G_NMS, M_AWAY, M_BASE, M_BEGUN, M_BLOCKING, M_SIZE, M_STATE, P_BASE, P_NEXT, P_SIZE, UP } from "./layout.ts";
import { procs } from "./processor.ts";
import { X } from "./region.ts";

/** Turns of the event loop before it sleeps: a thread that is woken is there meanwhile, where there is a core for it. */
const TURNS = 16;
/** How long others may take to begin one more, ms. */
const PATIENCE = 3;
/** Where nobody came it is not tried again with as few for so long, ms. */
const PAUSE = 50;

export class Restraint {
  /** How many more than others it has when it leaves the next one to them: four times as many when none of them came. */
  #lead: number = 1;
  /** When nobody came, ms. */
  #failed: number = 0;
  /** It waits for others: for so many turns; how many had begun elsewhere. */
  #turns: number = 0;
  #elsewhere: number = 0;
  /** Counted up as others begin one, or end; what it was when the timer was set, and when that rang. */
  #changes: number = 0;
  #set: number = 0;
  #rung: number = -1;
  #timer: unknown = null;
  /** It is to sleep, although there is work. */
  leaves: boolean = false;

  /** Nothing is left to be found. */
  rest(): void {
    this.#turns = 0;
    this.#rung = -1;
    if (S.now - this.#failed > PAUSE) this.#lead = 1;
  }

  /** Whether this thread, which has the P `own`, leaves the next parallel goroutine to others for now. */
  holds(own: number): boolean {
    const { I } = X;
    const mine = I[X.at + (M_BEGUN >> 2)] as number;
    if (mine < this.#lead || procs() < 2 || X.p.anyWork() === 0) return false;
    if (I[(P_BASE + own * P_SIZE + P_NEXT) >> 2] !== 0) return false;
    let [threads, elsewhere] = [0, 0];
    for (let m = (I[G_NMS >> 2] as number) - 1; m >= 0; m--) {
      const at = (M_BASE + m * M_SIZE) >> 2;
      if (m === X.m || I[at + (M_STATE >> 2)] !== UP) continue;
      if (I[at + (M_BLOCKING >> 2)] !== 0 || I[at + (M_AWAY >> 2)] !== 0) continue;
      threads++;
      elsewhere += I[at + (M_BEGUN >> 2)] as number;
    }
    if (threads === 0) return false;
    // Half as many more are no matter where there are many.
    const more = mine - Math.ceil((1.5 * elsewhere) / threads);
    if (more < this.#lead) return false;
    if (elsewhere !== this.#elsewhere) {
      this.#elsewhere = elsewhere;
      this.#changes++;
      this.#turns = 0;
    } else if (this.#rung === this.#changes) {
      this.#rung = -1;
      this.#turns = 0;
      this.#lead = 4 * more;
      this.#failed = S.now;
      return false;
    }
    this.leaves = ++this.#turns > TURNS;
    if (this.leaves && this.#timer === null) {
      this.#set = this.#changes;
      this.#timer = host.delay(this.#rang, PATIENCE);
    }
    return true;
  }

  readonly #rang = (): void => {
    this.#timer = null;
    this.#rung = this.#set;
    again();
  };
}

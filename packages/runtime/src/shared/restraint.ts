/**
 * Parallel goroutines stay where they begin, so a thread that has more of them than others leaves the next one to those, for a moment.
 *
 * To begin one that waits at once (for a file, for a job) takes microseconds, to wake a thread takes fifty: the first to look would begin them all, and
 * compute alone later. What would run next is never left: who created it is often about to wait for it. Nor does a goroutine count that waits for
 * others: what it waits for stands in the queue, perhaps.
 *
 *     find(): holds ─► a few turns of the event loop ─► asleep, without the P, for a millisecond each ─► the third time it goes on
 */
import { host, type HostTimer } from "../internal/host.ts";
import type { G } from "../scheduler/g.ts";
import { S } from "../scheduler/p.ts";
import { GROUP_WAIT, JOIN, WAITGROUP } from "../scheduler/reason.ts";
import { REASON_SHIFT } from "../scheduler/status.ts";
import { again } from "../scheduler/wake.ts";
import {
  G_NMS,
  M_AWAY,
  M_BASE,
  M_BEGUN,
  M_BLOCKING,
  M_LOADS,
  M_SIZE,
  M_STATE,
  P_BASE,
  P_NEXT,
  P_SIZE,
  UP,
} from "./layout.ts";
import { procs } from "./processor.ts";
import { X } from "./region.ts";

/** Turns of the event loop before it sleeps: a thread that is woken is there meanwhile, where there is a core for it. */
const TURNS = 16;
/** It looks every millisecond then; so often, and it goes on. */
const RINGS = 3;
/** Where they did not it is not tried again with as few for so long, ms. */
const PAUSE = 50;
/** Goroutines of this thread that are looked at before it waits for others; with more, chance spreads them well enough. */
const FEW = 256;

export class Restraint {
  /** How many more than others it has when it leaves the next one to them: four times as many when they did not come. */
  #lead: number = 1;
  /** When they did not, ms. */
  #failed: number = 0;
  /** It waits for them: for so many turns; how often the timer has rung. */
  #waits: boolean = false;
  #turns: number = 0;
  #rings: number = 0;
  #timer: HostTimer | null = null;
  /** It is to sleep, although there is work. */
  leaves: boolean = false;

  /** Whether this thread, which has the P `own`, leaves the next parallel goroutine to others for now. */
  holds(own: number): boolean {
    if (this.#lead > 1 && S.now - this.#failed > PAUSE) this.#lead = 1;
    const begun = X.I[X.at + (M_BEGUN >> 2)] as number;
    if (begun < this.#lead || procs() < 2 || !isLeft(own)) return this.rest();
    const others = average();
    if (begun - others < this.#lead) return this.rest();
    if (this.#waits) {
      if (this.#rings >= RINGS) {
        this.#lead = 4 * (begun - others);
        this.#failed = S.now;
        return this.rest();
      }
    } else {
      if (bearing() - others < this.#lead) return false;
      this.#waits = true;
      this.#turns = 0;
      this.#rings = 0;
    }
    this.#timer ??= host.delay(this.#rang, 1);
    this.leaves = ++this.#turns > TURNS;
    return true;
  }

  /** It waits no more. */
  rest(): false {
    if (this.#waits) {
      this.#waits = false;
      if (this.#timer !== null) host.clearTimer(this.#timer);
      this.#timer = null;
    }
    return false;
  }

  readonly #rang = (): void => {
    this.#timer = null;
    this.#rings++;
    again();
  };
}

/** Whether there is something that others may begin, and nothing that `own` would run next. */
function isLeft(own: number): boolean {
  return X.p.anyWork() !== 0 && X.I[(P_BASE + own * P_SIZE + P_NEXT) >> 2] === 0;
}

/** How many have begun on another thread, on the average, and half as many: where there are many that is no matter. Infinity: there is no other. */
function average(): number {
  const { I } = X;
  let [threads, begun] = [0, 0];
  for (let m = (I[G_NMS >> 2] as number) - 1; m >= 0; m--) {
    const at = (M_BASE + m * M_SIZE) >> 2;
    if (m === X.m || I[at + (M_STATE >> 2)] !== UP) continue;
    if (I[at + (M_BLOCKING >> 2)] !== 0 || I[at + (M_AWAY >> 2)] !== 0 || I[at + (M_LOADS >> 2)] !== 0) continue;
    threads++;
    begun += I[at + (M_BEGUN >> 2)] as number;
  }
  return threads === 0 ? Infinity : Math.ceil((1.5 * begun) / threads);
}

/** How many of this thread's will compute for themselves; 0 where there are many. */
function bearing(): number {
  if (S.count > FEW) return 0;
  let n = 0;
  for (let g: G | null = S.allFirst; g !== null; g = g.anext) {
    const reason = g.status >> REASON_SHIFT;
    if (g.ext?.parallel === true && reason !== JOIN && reason !== WAITGROUP && reason !== GROUP_WAIT) n++;
  }
  return n;
}

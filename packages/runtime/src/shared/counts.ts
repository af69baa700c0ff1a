/**
 * The numbers of all threads, for stats(). Who asks counts G_COUNT up and has every thread look, which answers with a text in a block of its
 * own that it keeps.
 *
 *     block   sequence (odd while it is written) · length · text
 *
 * Any thread may ask, several at once: while it waits it answers the others.
 */
import { host } from "../internal/host.ts";
import { ownStats, type Stats } from "../scheduler/stats.ts";
import {
  DEAD,
  G_COUNT,
  G_NMS,
  G_NPROCS,
  G_QUEUE,
  M_ALIVE,
  M_BASE,
  M_COUNT,
  M_COUNTED,
  M_HANDOFFS,
  M_P,
  M_SIZE,
  M_STATE,
  M_STEALS,
  P_BASE,
  P_NEXT,
  P_SIZE,
} from "./layout.ts";
import { allocate, X } from "./region.ts";

/** How long a thread may take, and how long is waited before this one looks whether it is asked itself, ms. */
const PATIENCE = 20;
const STEP = 1;
/** Bytes of a block, and of what stands before the text. */
const ROOM = 8192;
const HEAD = 8;

const at = { answered: 0 };

const SUMS = [
  "created",
  "maxAlive",
  "switches",
  "timers",
  "slices",
  "preemptions",
  "turns",
  "stackBytes",
  "growths",
  "shrinks",
] as const;

/** Whether somebody asks whom this thread has not answered. */
export function countAsked(): boolean {
  return X.I[G_COUNT >> 2] !== at.answered;
}

function mAt(m: number): number {
  return M_BASE + m * M_SIZE;
}

export function answerCount(): void {
  const { I } = X;
  const own = mAt(X.m);
  const request = Atomics.load(I, G_COUNT >> 2);
  at.answered = request;
  let text = JSON.stringify(ownStats());
  if (text.length > ROOM - HEAD) text = JSON.stringify({ ...ownStats(), reasons: {} });
  const bytes = Buffer.from(text);
  let block = I[(own + M_COUNT) >> 2] as number;
  if (block === 0) {
    block = allocate(ROOM);
    I[block >> 2] = 0;
  }
  Atomics.add(I, block >> 2, 1);
  I[(block >> 2) + 1] = bytes.length;
  X.B.set(bytes, block + HEAD);
  Atomics.add(I, block >> 2, 1);
  Atomics.store(I, (own + M_COUNT) >> 2, block);
  Atomics.store(I, (own + M_COUNTED) >> 2, request);
  Atomics.notify(I, (own + M_COUNTED) >> 2);
}

/** What `m` last answered; null if it never did, or is writing just now. */
function read(m: number): Stats | null {
  const { I } = X;
  const block = Atomics.load(I, (mAt(m) + M_COUNT) >> 2);
  if (block === 0) return null;
  const before = Atomics.load(I, block >> 2);
  const bytes = X.B.slice(block + HEAD, block + HEAD + (I[(block >> 2) + 1] as number));
  if ((before & 1) !== 0 || Atomics.load(I, block >> 2) !== before) return null;
  return JSON.parse(Buffer.from(bytes).toString()) as Stats;
}

/** Asks the threads of `list`, and waits for them: a moment, where they run. */
function ask(list: readonly number[]): void {
  const { I } = X;
  const request = Atomics.add(I, G_COUNT >> 2, 1) + 1;
  for (const m of list) X.p.tell(m);
  const until = host.now() + PATIENCE;
  for (const m of list) {
    const word = (mAt(m) + M_COUNTED) >> 2;
    for (let seen = Atomics.load(I, word); ((seen - request) | 0) < 0; seen = Atomics.load(I, word)) {
      if (host.now() >= until) return;
      if (countAsked()) answerCount();
      Atomics.wait(I, word, seen, STEP);
    }
  }
}

function addTo(to: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [key, n] of Object.entries(from)) to[key] = (to[key] ?? 0) + n;
}

/** The numbers of this thread, `own`, and all others. */
export function countAll(own: Stats): Stats {
  const { I } = X;
  const threads: number[] = [];
  for (let m = 0; m < (I[G_NMS >> 2] as number); m++) {
    const state = I[(mAt(m) + M_STATE) >> 2];
    if (m !== X.m && state !== 0 && state !== DEAD) threads.push(m);
  }
  if (threads.length > 0) ask(threads);
  const procs = I[G_NPROCS >> 2] as number;
  const sum: Stats = {
    ...own,
    states: { ...own.states },
    reasons: { ...own.reasons },
    globalQueue: I[G_QUEUE >> 2] as number,
    localQueues: [],
    gomaxprocs: procs,
  };
  let waiting = sum.globalQueue;
  for (let p = 0; p < procs; p++) {
    const n = X.p.length(p);
    waiting += n + (I[(P_BASE + p * P_SIZE + P_NEXT) >> 2] === 0 ? 0 : 1);
    sum.localQueues.push(n);
  }
  // Parallel goroutines that have not started.
  if (waiting > 0) addTo(sum.states, { runnable: waiting });
  place(sum, X.m, own);
  for (const m of threads) {
    const theirs = read(m);
    if (theirs === null) {
      const alive = I[(mAt(m) + M_ALIVE) >> 2] as number;
      if (alive > 0) addTo(sum.states, { unknown: alive });
      continue;
    }
    addTo(sum.states, theirs.states);
    addTo(sum.reasons, theirs.reasons);
    for (const key of SUMS) sum[key] += theirs[key];
    place(sum, m, theirs);
  }
  sum.goroutines = 0;
  for (const n of Object.values(sum.states)) sum.goroutines += n;
  for (let m = (I[G_NMS >> 2] as number) - 1; m >= 0; m--) {
    sum.steals += I[(mAt(m) + M_STEALS) >> 2] as number;
    sum.handoffs += I[(mAt(m) + M_HANDOFFS) >> 2] as number;
  }
  return sum;
}

/** Adds the queues of `m`: to those of its P, if it has one. */
function place(sum: Stats, m: number, theirs: Stats): void {
  const p = (X.I[(mAt(m) + M_P) >> 2] as number) - 1;
  const n = theirs.localQueues[0] as number;
  sum.globalQueue += theirs.globalQueue;
  if (p >= 0 && p < sum.localQueues.length) sum.localQueues[p] = (sum.localQueues[p] as number) + n;
  else sum.globalQueue += n;
}

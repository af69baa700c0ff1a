/**
 * The goroutines of all threads, in words: for a process that dies, `stack(true)`, leak checks. Who asks counts G_DUMP up and waits a little; every thread
 * answers when it looks (between two goroutines, at a poll, woken from sleep) with a text in the region.
 */
import { host } from "../internal/host.ts";
import { dumpOwn } from "../scheduler/dump.ts";
import { DEAD, G_DUMP, G_NMS, M_AWAY, M_BASE, M_DUMP, M_DUMPED, M_SIZE, M_STATE, UP } from "./layout.ts";
import { allocate, classOf, X } from "./region.ts";

/** How long a thread may take, ms: one that computes in code that is not compiled does not answer. */
const PATIENCE = 500;
/** How long before it looks whether somebody asks it, ms. */
const STEP = 5;

const at = { answered: 0 };

/** Whether somebody asks whom this thread has not answered. */
export function asked(): boolean {
  return X.I[G_DUMP >> 2] !== at.answered;
}

export function answer(): void {
  const request = Atomics.load(X.I, G_DUMP >> 2);
  at.answered = request;
  const bytes = Buffer.from(dumpOwn());
  const last = M_BASE + X.m * M_SIZE + M_DUMP;
  // What was answered before has been read, or nobody waits for it any more.
  const old = X.I[last >> 2] as number;
  if (old !== 0) X.p.release(old, classOf(4 + (X.I[old >> 2] as number)));
  const block = allocate(4 + bytes.length);
  X.I[block >> 2] = bytes.length;
  X.B.set(bytes, block + 4);
  const own = M_BASE + X.m * M_SIZE;
  Atomics.store(X.I, (own + M_DUMP) >> 2, block);
  Atomics.store(X.I, (own + M_DUMPED) >> 2, request);
  Atomics.notify(X.I, (own + M_DUMPED) >> 2);
}

/** What the other threads run; "" for one without goroutines. */
export function dumpOthers(): string[] {
  const { I } = X;
  if (X.memory === null) return [];
  const request = Atomics.add(I, G_DUMP >> 2, 1) + 1;
  at.answered = request;
  const others: number[] = [];
  for (let m = 0; m < (I[G_NMS >> 2] as number); m++) {
    const state = I[(M_BASE + m * M_SIZE + M_STATE) >> 2];
    if (m !== X.m && state !== 0 && state !== DEAD) others.push(m);
  }
  for (const m of others) X.p.tell(m);
  const until = host.now() + PATIENCE;
  return others.map((m) => {
    const base = M_BASE + m * M_SIZE;
    const word = (base + M_DUMPED) >> 2;
    for (let seen = Atomics.load(I, word); ((seen - request) | 0) < 0; seen = Atomics.load(I, word)) {
      if (host.now() >= until) return silent(m, base);
      // It may be asking, too.
      if (asked()) answer();
      Atomics.wait(I, word, seen, STEP);
    }
    const block = I[(base + M_DUMP) >> 2] as number;
    return Buffer.from(X.B.slice(block + 4, block + 4 + (I[block >> 2] as number))).toString();
  });
}

function silent(m: number, base: number): string {
  if (X.I[(base + M_STATE) >> 2] !== UP) return ""; // it starts
  return X.I[(base + M_AWAY) >> 2] !== 0
    ? `thread M${m} does not answer: it is in a system call`
    : `thread M${m} does not answer: it runs code that is not compiled`;
}

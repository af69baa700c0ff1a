/** What a thread does over the protocol, in short, and where it begins: for models of its sleep. */
import { expect } from "vitest";
import {
  DEEP,
  DOZE,
  G_BUSY,
  G_DUMP,
  G_MIDLE,
  G_NMIDLE,
  G_NPIDLE,
  G_NPROCS,
  G_PIDLE,
  G_SPINNING,
  GONE,
  LOOP,
  M_BASE,
  M_DUMPED,
  M_IS_IDLE,
  M_LINK,
  M_P,
  M_PARK,
  M_SIZE,
  M_TOLD,
  P_BASE,
  P_LINK,
  P_OWNER,
  P_SIZE,
} from "../../src/shared/layout.ts";
import { bound, explore, Model, protocol, type Call, type Thread } from "./interleave.ts";

const make = protocol(4, false);
export type Calls = Record<string, Call>;
export const record = (i: number): number => 1_000_000 + 64 * i;
export const mAt = (m: number): number => M_BASE + m * M_SIZE;

/**
 * What a thread does when it is woken, until everything sleeps: machine.ts in short, over the same protocol. `how`: in its event loop
 * and behind it, or a doze, which nobody but another thread ends here.
 */
export function* machine(
  p: Calls,
  m: number,
  got: number[],
  pinned: { work: number; locked?: boolean },
  how: number,
): Thread {
  for (;;) {
    yield* p["wakeUp"]!(m);
    yield* p["look"]!();
    for (let r = yield* p["takeInbox"]!(m); r !== 0; r = 0) {
      got.push(r);
      pinned.work++;
    }
    // A goroutine has locked it: what is in its queue is others'.
    if (pinned.locked === true) pinned.work = 0;
    else if ((yield* p["acquire"]!(m, pinned.work > 0)) !== 0) yield* turn(p, m, got, pinned);
    const wants = pinned.work > 0;
    if (wants && (yield* p["acquire"]!(m, true)) !== 0) continue;
    yield* idles(p, m, how, wants);
  }
}

/** Nothing is to be done: it sleeps. */
export function* idles(p: Calls, m: number, how: number, wants: boolean, leaves: boolean = false): Thread {
  if (!(yield* p["beginSleep"]!(m, how)) || !(yield* p["becomeIdle"]!(m, wants, leaves))) return;
  if (how === DOZE) yield* p["doze"]!(m, -1);
  // The event loop has run empty.
  else if ((yield* p["sleepDeep"]!(m)) !== 0) yield* p["sleep"]!(m);
}

/** Goroutines of the thread first, then whatever is to be found. */
export function* turn(p: Calls, m: number, got: number[], pinned: { work: number }): Thread {
  for (;;) {
    pinned.work = 0;
    const r0 = yield* p["takeInbox"]!(m);
    if (r0 !== 0) {
      got.push(r0);
      continue;
    }
    const own = (yield* p["pOf"]!(m)) - 1;
    let r = yield* p["take"]!(own);
    if (r === 0) r = yield* p["takeBatch"]!(own);
    if (r === 0 && (yield* p["procs"]!()) > 1 && (yield* p["spin"]!(m))) r = yield* p["steal"]!(own, 0x1234_5678, true);
    if (r === 0) return;
    if ((yield* p["stopSpinning"]!(m)) || (yield* p["anyWork"]!())) yield* p["wakeOne"]!();
    got.push(r);
  }
}

export function calls(model: Model, m: number): Calls {
  const p = model.thread(m, make);
  // oxlint-disable-next-line eslint/require-yield -- called as the others are
  p["pOf"] = function* (n): Generator<undefined, number, unknown> {
    return model.words.get(mAt(n as number) + M_P);
  };
  // oxlint-disable-next-line eslint/require-yield -- called as the others are
  p["procs"] = function* (): Generator<undefined, number, unknown> {
    return model.words.get(G_NPROCS);
  };
  p["ask"] = function* (): Generator<undefined, number, unknown> {
    yield;
    model.words.set(G_DUMP, 1);
    return 0;
  };
  // What concerns the thread, and is in no inbox: here a dump.
  p["look"] = function* (): Generator<undefined, number, unknown> {
    yield;
    model.words.set(mAt(m) + M_TOLD, 0);
    yield;
    const request = model.words.get(G_DUMP);
    model.words.set(mAt(m) + M_DUMPED, request);
    return request;
  };
  // Main's event loop is held open.
  if (m === 0) p["sleep"] = () => until(() => model.words.get(mAt(0) + M_PARK) !== DEEP) as ReturnType<Call>;
  return p;
}

/** What a thread waits for outside the protocol: a system call lasts, an event loop is busy. */
export function* until(is: () => boolean): Thread {
  yield is;
}

/** A run of threads of their own making, each with its number; all Ps are idle behind it, and everybody asleep who has not ended. */
export function checkAll(
  start: (model: Model, got: number[]) => Record<number, (p: Calls) => Thread>,
  end: { procs: number; wanted: number[]; gone?: number },
): number {
  let got: number[] = [];
  const ms = Object.keys(start(new Model(), [])).map(Number);
  return explore(
    {
      start(model) {
        got = [];
        const threads = start(model, got);
        return ms.map((m) => threads[m]!(calls(model, m)));
      },
      finish({ words }) {
        expect(got.toSorted((a, b) => a - b)).toEqual(end.wanted);
        expect(words.get(G_NPIDLE)).toBe(end.procs);
        expect(words.get(G_SPINNING)).toBe(0);
        for (const m of ms) expect(words.get(mAt(m) + M_PARK)).toBe(m === end.gone ? GONE : DEEP);
        expect(words.get(G_NMIDLE)).toBe(ms.filter((m) => m !== end.gone).length);
        expect(words.get(G_BUSY)).toBe(0);
      },
    },
    bound(ms.length > 2 ? 1 : 2),
  ).runs;
}

/** `n` Ps, of which `owners` have the first; `idle`: who sleeps, from the first to be woken on, in their event loops if `how` is LOOP. */
export function place({ words }: Model, n: number, owners: number[], idle: number[], how: number): void {
  words.set(G_NPROCS, n);
  owners.forEach((m, p) => {
    words.set(P_BASE + p * P_SIZE + P_OWNER, m + 1);
    words.set(mAt(m) + M_P, p + 1);
  });
  for (let p = n - 1; p >= owners.length; p--) {
    words.set(P_BASE + p * P_SIZE + P_LINK, words.get(G_PIDLE));
    words.set(G_PIDLE, p + 1);
  }
  words.set(G_NPIDLE, Math.max(0, n - owners.length));
  for (const m of idle.toReversed()) {
    words.set(mAt(m) + M_PARK, how);
    words.set(mAt(m) + M_IS_IDLE, 1);
    words.set(mAt(m) + M_LINK, words.get(G_MIDLE));
    words.set(G_MIDLE, m + 1);
  }
  words.set(G_NMIDLE, idle.length);
  words.set(G_BUSY, how === DEEP ? owners.length : owners.length + idle.length);
}

export function* puts(p: Calls, m: number, ...ids: number[]): Thread {
  for (const id of ids) {
    const own = (yield* p["pOf"]!(m)) - 1;
    if (own >= 0) yield* p["putNext"]!(own, record(id));
    else yield* p["queueChain"]!(record(id), record(id), 1);
    yield* p["wakeOne"]!();
  }
}

export function* sleeps(p: Calls, m: number, got: number[], work: number = 0): Thread {
  yield* p["sleep"]!(m);
  yield* machine(p, m, got, { work }, LOOP);
}

/** Between two goroutines: machine.ts, attend. */
export function* attends(p: Calls, m: number, procs: () => number): Thread {
  if ((yield* p["pOf"]!(m)) > procs()) yield* p["giveUp"]!(m);
}

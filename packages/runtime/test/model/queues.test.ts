/** The queue of a P under every interleaving: no goroutine is lost, none comes twice. Rings of four slots. */
import { expect, test } from "vitest";
import { G_NPROCS, P_BASE, P_HEAD, P_SIZE, P_TAIL } from "../../src/shared/layout.ts";
import { bound, explore, LONG, type Call, type Model, protocol, type Thread } from "./interleave.ts";

const make = protocol(4, false);
const at = (p: number): number => P_BASE + p * P_SIZE;

/** A record's address: a place of its own. */
const record = (i: number): number => 1_000_000 + 64 * i;

/** Runs the part of a scenario that only sets up. */
function now(g: Generator<unknown, unknown, unknown>): void {
  while (g.next().done !== true);
}

interface Setup {
  /** Goroutines in the queue at the start, and where its positions stand. */
  filled: number;
  head: number;
}

const starts: Setup[] = [];
for (const head of [0, 3, 0x7fff_fffe]) for (let filled = 0; filled <= 4; filled++) starts.push({ filled, head });

function setUp(model: Model, { filled, head }: Setup, p: Record<string, Call>): void {
  model.words.set(G_NPROCS, 2);
  model.words.set(at(0) + P_HEAD, head);
  model.words.set(at(0) + P_TAIL, head);
  for (let i = 1; i <= filled; i++) now(p["put"]!(0, record(i)));
}

function* owner(p: Record<string, Call>, got: number[], first: number, puts: number): Thread {
  for (let i = 0; i < puts; i++) yield* p[i % 2 === 0 ? "put" : "putNext"]!(0, record(first + i));
  for (;;) {
    const r = yield* p["take"]!(0);
    if (r === 0) return;
    got.push(r);
  }
}

function* thief(p: Record<string, Call>, own: number, got: number[], tries: number): Thread {
  for (let i = 0; i < tries; i++) {
    let r = yield* p["steal"]!(own, 0x1234_5678, i > 0);
    while (r !== 0) {
      got.push(r);
      r = yield* p["take"]!(own);
    }
  }
}

test.each(starts)("an owner and a thief, $filled queued from $head on", LONG, (setup) => {
  let got: number[] = [];
  let p: Record<string, Call> = {};
  const puts = 2;
  const { runs } = explore(
    {
      start(model) {
        got = [];
        p = model.thread(0, make);
        setUp(model, setup, p);
        return [owner(p, got, 10, puts), thief(model.thread(1, make), 1, got, 2)];
      },
      finish(_model, waiting) {
        expect(waiting).toEqual([]);
        // What nobody took is in the global queue.
        for (;;) {
          const g = p["queueTake"]!();
          let step = g.next();
          while (step.done !== true) step = g.next();
          if (step.value === 0) break;
          got.push(step.value);
        }
        const wanted = [1, 2, 3, 4].slice(0, setup.filled).map(record).concat([10, 11].map(record));
        expect(got.toSorted((a, b) => a - b)).toEqual(wanted);
      },
    },
    bound(3),
  );
  expect(runs).toBeGreaterThan(10);
});

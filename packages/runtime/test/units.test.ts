/** Units of the arena go round between threads in batches: none is given to two, and what an ended thread had is used again. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, expect, test } from "vitest";
import { ARENA, BATCH, G_ARENA_NEXT, G_NPROCS, M_FREE, M_BASE, M_SIZE, UNIT } from "../src/shared/layout.ts";
import { open, X } from "../src/shared/region.ts";

const THREADS = 3;
const ROUNDS = 20_000;
/** Units on their way from a thread to the next. */
const RING = 512;

open(1);

/** Takes units, hands them to the next thread, gives back what comes from the one before; tells of units that somebody else has too. */
const program = `
const { parentPort, workerData: d } = require("node:worker_threads");
const { exports: p } = new WebAssembly.Instance(d.code, { env: { memory: d.memory }, wake: { attention() {} } });
p.setOwner(d.m);
const taken = new Int32Array(d.taken), rings = new Int32Array(d.rings), size = d.RING + 2;
const to = d.next * size, from = d.own * size;
let twice = 0, sent = 0, heard = 0, seed = d.m;
const give = () => {
  while (heard < Atomics.load(rings, from)) {
    const at = rings[from + 2 + (heard % d.RING)];
    if (Atomics.sub(taken, (at - d.ARENA) / d.UNIT, 1) !== 1) twice++;
    p.release(at, 0);
    Atomics.store(rings, from + 1, ++heard);
  }
};
while (sent < d.ROUNDS) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  for (let n = seed >>> 24; n > 0 && sent < d.ROUNDS; n--) {
    if (sent - Atomics.load(rings, to + 1) === d.RING) break;
    const at = p.allocate(0);
    if (Atomics.add(taken, (at - d.ARENA) / d.UNIT, 1) !== 0) twice++;
    rings[to + 2 + (sent % d.RING)] = at;
    Atomics.store(rings, to, ++sent);
  }
  give();
}
while (heard < d.ROUNDS) give();
parentPort.postMessage(twice);
`;

const workers: Worker[] = [];
afterAll(() => Promise.all(workers.map((w) => w.terminate())));

test("every unit is one thread's at a time", { timeout: 120_000 }, async () => {
  X.I[G_NPROCS >> 2] = 1;
  const taken = new SharedArrayBuffer(4 * THREADS * 2 * (RING + 4 * BATCH));
  const rings = new SharedArrayBuffer(4 * THREADS * (RING + 2));
  for (let own = 0; own < THREADS; own++) {
    const shared = { code: X.code, memory: X.memory, taken, rings, own, next: (own + 1) % THREADS };
    workers.push(new Worker(program, { eval: true, workerData: { ...shared, m: own + 1, RING, ROUNDS, ARENA, UNIT } }));
  }
  const twice = await Promise.all(workers.map(async (w) => (await once(w, "message"))[0] as number));
  expect(twice).toEqual([0, 0, 0]);
  // What is in use at any time is in the rings; the rest went round.
  expect(X.I[G_ARENA_NEXT >> 2]).toBeLessThan(THREADS * 2 * (RING + 4 * BATCH));
});

test("what a thread had that has ended is this one's", () => {
  const used = (): number => X.I[G_ARENA_NEXT >> 2] as number;
  const had = [1, 2, 3].map((m) => X.I[(M_BASE + m * M_SIZE + M_FREE) >> 2]);
  expect(had.some((at) => at !== 0)).toBe(true);
  for (let m = 1; m <= THREADS; m++) expect(X.p.bury(m)).toBeTruthy();
  const before = used();
  const units = Array.from({ length: before - 1 }, () => X.p.allocate(0));
  // Every unit that was ever used, but for the few that other tables of this thread have.
  expect(new Set(units).size).toBe(before - 1);
  expect(used() - before).toBeLessThan(BATCH);
});

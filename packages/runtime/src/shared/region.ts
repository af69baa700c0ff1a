/**
 * The region as this thread sees it: views of the memory, the protocol's functions, the thread's number. Everything is zero
 * until {@link open}: a program without parallel goroutines never makes it.
 */
import { GortError } from "../errors/catalogue.ts";
import { U } from "../internal/state.ts";
import {
  ARENA,
  CLASSES,
  G_ARENA_END,
  G_ARENA_NEXT,
  G_BUSY,
  G_IDS,
  G_NMS,
  M_BASE,
  M_SIZE,
  M_STATE,
  P_BASE,
  P_MAX,
  P_OWNER,
  POLL,
  UNIT,
  M_P,
} from "./layout.ts";
import { wasm } from "../internal/wasm.ts";
import { thread, type Memory } from "./thread.ts";
import { bytes } from "./wasm.js";

/** The protocol: packages/runtime/wasm. Numbers of Ms and Ps, addresses of records and objects. */
export interface Protocol {
  setOwner(m: number): void;
  allocate(k: number): number;
  release(at: number, k: number): void;
  anyWork(): number;
  acquire(m: number, want: boolean): number;
  becomeIdle(m: number, wants: boolean, leaves: boolean): number;
  bury(m: number): number;
  handOff(m: number): number;
  linger(m: number, n: number): number;
  putBlocking(m: number): void;
  setAway(m: number, is: boolean): void;
  started(r: number): void;
  stopped(r: number): void;
  takeBlocking(): number;
  abandon(m: number): number;
  isOrigin(m: number): number;
  delist(o: number): void;
  enlist(o: number): void;
  giveBack(o: number, r: number, queue: boolean): number;
  signal(o: number, all: boolean): void;
  beginSleep(m: number, how: number): number;
  demand(m: number, seed: number): number;
  doze(m: number, us: number): number;
  giveUp(m: number): number;
  post(r: number): void;
  postTo(m: number, r: number): void;
  setProcs(n: number): void;
  sleep(m: number): void;
  sleepDeep(m: number): number;
  spin(m: number): number;
  stopSpinning(m: number): number;
  takeInbox(m: number): number;
  tell(m: number): void;
  unpark(m: number): number;
  wakeOne(): number;
  wakeUp(m: number): number;
  isEmpty(p: number): number;
  length(p: number): number;
  put(p: number, r: number): void;
  putNext(p: number, r: number): void;
  queueChain(first: number, last: number, n: number): void;
  queueTake(): number;
  steal(p: number, seed: number, next: boolean): number;
  take(p: number): number;
  takeBatch(p: number): number;
  add(o: number, n: number, own: boolean): number;
  cancel(r: number): number;
  close(o: number): number;
  enqueue(o: number, r: number, sends: boolean): void;
  fire(r: number): number;
  grow(o: number, to: number, had: number, room: number): number;
  ready(o: number, sends: boolean): number;
  recv(o: number, r: number, queue: boolean): number;
  select(list: number, n: number, queue: boolean): number;
  send(o: number, r: number, queue: boolean): number;
  waitZero(o: number, r: number): number;
  acquireUnits(o: number, r: number, n: number): number;
  releaseUnits(o: number, n: number): number;
  serve(o: number): void;
  numberLoad(o: number): number;
  numberSwap(o: number, n: number): number;
  numberCompareAndSwap(o: number, old: number, n: number): number;
  numberAdd(o: number, n: number): number;
}

class Region {
  /** The memory as 32-bit words, doubles, 64-bit words and bytes. */
  I: Int32Array<SharedArrayBuffer> = new Int32Array(0) as unknown as Int32Array<SharedArrayBuffer>;
  F: Float64Array = new Float64Array(0);
  L: BigInt64Array = new BigInt64Array(0);
  B: Uint8Array<SharedArrayBuffer> = new Uint8Array(0) as unknown as Uint8Array<SharedArrayBuffer>;
  p: Protocol = null as unknown as Protocol;
  memory: Memory | null = null;
  /** The protocol, compiled. */
  code: object | null = null;
  /** This thread's number, and the word address of its block. */
  m: number = 0;
  at: number = 0;
  /** Main's poll words. */
  mainU: Int32Array<SharedArrayBuffer> = U;
}

export type { Region };
export const X: Region = new Region();

/** Sizes to try, in pages of 64 KiB: only what is used takes memory, but not every system lets so much be reserved. */
const SIZES = [16_384, 4096, 1024];

function reserve(): Memory {
  for (const pages of SIZES) {
    try {
      return new wasm.Memory({ initial: pages, maximum: pages, shared: true });
    } catch {
      // The next one is smaller.
    }
  }
  throw new GortError("GORT_SHARED_MEMORY", "the system refuses to reserve it");
}

/** Somebody else's record is for main, which runs: it looks at its inbox at the next poll. */
function attention(): void {
  const u = X.mainU;
  Atomics.store(u, 9, 1);
  Atomics.store(u, 0, POLL);
}

function map(memory: Memory, m: number): void {
  const buffer = memory.buffer;
  X.memory = memory;
  X.I = new Int32Array(buffer);
  X.F = new Float64Array(buffer);
  X.L = new BigInt64Array(buffer);
  X.B = new Uint8Array(buffer);
  X.m = m;
  X.at = (M_BASE + m * M_SIZE) >> 2;
  X.code = new wasm.Module(Buffer.from(bytes, "base64"));
  const instance = new wasm.Instance(X.code, { env: { memory }, wake: { attention } });
  X.p = instance.exports as unknown as Protocol;
  X.p.setOwner(m);
}

/** Makes the region, on main, with `procs` Ps, as many as there can be at most, of which main has the first; or maps the one this thread was given. */
export function open(procs: number): void {
  if (X.memory !== null) return;
  if (thread !== null) {
    X.mainU = thread.mainU;
    map(thread.memory, thread.m);
    return;
  }
  const memory = reserve();
  map(memory, 0);
  const I = X.I;
  I[G_ARENA_NEXT >> 2] = 1; // no block is at address 0 of the arena: 0 means none
  I[G_ARENA_END >> 2] = (I.byteLength - ARENA) / UNIT;
  I[G_NMS >> 2] = 1;
  I[G_BUSY >> 2] = 1;
  I[G_IDS >> 2] = 0;
  I[X.at + (M_STATE >> 2)] = 1;
  I[(P_BASE + P_OWNER) >> 2] = 1;
  I[X.at + (M_P >> 2)] = 1;
  X.p.setProcs(Math.min(procs, P_MAX));
}

/** The power of two whose block holds `size` bytes. */
export function classOf(size: number): number {
  return size <= UNIT ? 0 : 32 - Math.clz32((size - 1) >> 6);
}

/** A block for `size` bytes. Throws GORT_SHARED_MEMORY when the region is used up. */
export function allocate(size: number): number {
  const k = classOf(size);
  const at = X.p.allocate(k);
  if (at === 0 && k >= CLASSES)
    throw new GortError("GORT_SHARED_MEMORY", `a value of ${size} bytes is larger than any may be (512 MiB)`);
  if (at === 0) throw new GortError("GORT_SHARED_MEMORY", `${size} bytes more`);
  return at;
}

/** A record: one unit, its words unset. */
export function record(): number {
  const at = X.p.allocate(0);
  if (at === 0) throw new GortError("GORT_SHARED_MEMORY", "one more record");
  return at;
}

/**
 * SharedArrayBuffers: the same memory on every thread. Only a message can take one over, so whoever shares one tells all threads, and keeps
 * it until another has it; who needs one that it was not told of (its thread is younger) asks, and waits for the answer.
 *
 *     share ─► object in the region, { o, serial, buffer } to all ─► … ─► a value names o ─► adopt: the message with that serial
 */
import { BroadcastChannel, receiveMessageOnPort } from "node:worker_threads";
import { GortError } from "../errors/catalogue.ts";
import { host } from "../internal/host.ts";
import { freeObject, newObject } from "./objects.ts";
import { defineKind, keepHandle } from "./handles.ts";
import { DEAD, G_MEMORIES, G_NMS, G_WANTED, M_BASE, M_SIZE, M_STATE, MEMORY, O_REFS, O_VALUE } from "./layout.ts";
import { X } from "./region.ts";

type Told = { readonly o: number; readonly serial: number; readonly buffer?: SharedArrayBuffer; readonly gone?: true };

/** How long an answer may take, ms: a thread in a system call does not give one. */
const PATIENCE = 10_000;

const objects: WeakMap<SharedArrayBuffer, number> = new WeakMap();
/** Those this thread has shared first, by object, until another thread has them, too. */
const kept: Map<number, SharedArrayBuffer> = new Map();
/** What this thread was told of and has not needed, by serial number. */
const told: Map<number, SharedArrayBuffer> = new Map();
/** Alive here, by serial number: for those who ask. */
const here: Map<number, WeakRef<SharedArrayBuffer>> = new Map();

const line: { port: BroadcastChannel | null; heard: number } = { port: null, heard: 0 };

/** From here on this thread is told. */
function listen(): BroadcastChannel {
  if (line.port === null) {
    line.port = new BroadcastChannel("gort.memories");
    // The event loop takes messages too, and drops what nobody listens to.
    line.port.addEventListener("message", (message) => heard((message as unknown as { data: Told }).data));
    line.port.unref();
  }
  return line.port;
}

function say(message: Told): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
  listen().postMessage(message);
}

/** The object of a buffer; made when it first crosses. */
export function shareMemory(buffer: SharedArrayBuffer): number {
  const known = objects.get(buffer);
  if (known !== undefined) return known;
  const { I } = X;
  for (const o of kept.keys()) if (I[(o + O_REFS) >> 2] === 1) kept.delete(o);
  const o = newObject(MEMORY);
  const serial = Atomics.add(I, G_MEMORIES >> 2, 1) + 1;
  I[(o + O_VALUE) >> 2] = serial;
  objects.set(buffer, o);
  kept.set(o, buffer);
  here.set(serial, new WeakRef(buffer));
  keepHandle(o, buffer);
  say({ o, serial, buffer });
  return o;
}

/** Hears what has been said, and answers. */
export function hear(): void {
  line.heard = Atomics.load(X.I, G_WANTED >> 2);
  const port = listen();
  for (let m = receiveMessageOnPort(port as never); m !== undefined; m = receiveMessageOnPort(port as never))
    heard(m.message as Told);
}

function heard({ o, serial, buffer, gone }: Told): void {
  if (gone === true) {
    told.delete(serial);
    here.delete(serial);
    return;
  }
  if (buffer !== undefined) {
    if (here.get(serial)?.deref() === undefined) told.set(serial, buffer);
    return;
  }
  const mine = here.get(serial)?.deref() ?? told.get(serial);
  if (mine !== undefined) say({ o, serial, buffer: mine });
}

/** What this thread could tell one that starts: by serial number. */
export function known(): [number, SharedArrayBuffer][] {
  // From the first thread on main has heard of all: of what a thread has shared that has ended since, nobody else may.
  hear();
  const all = new Map(told);
  for (const [serial, ref] of here) {
    const buffer = ref.deref();
    if (buffer !== undefined) all.set(serial, buffer);
  }
  return [...all];
}

/** This thread has been started with these. */
export function begin(memories: readonly (readonly [number, SharedArrayBuffer])[]): void {
  listen();
  for (const [serial, buffer] of memories) told.set(serial, buffer);
}

/** Whether somebody has asked since. */
export function wanted(): boolean {
  return X.I[G_WANTED >> 2] !== line.heard;
}

function ask(o: number, serial: number): void {
  const { I } = X;
  say({ o, serial });
  Atomics.add(I, G_WANTED >> 2, 1);
  for (let m = 0; m < (I[G_NMS >> 2] as number); m++)
    if (m !== X.m && I[(M_BASE + m * M_SIZE + M_STATE) >> 2] !== DEAD) X.p.tell(m);
}

function adopt(o: number): SharedArrayBuffer {
  const serial = X.I[(o + O_VALUE) >> 2] as number;
  const until = host.now() + PATIENCE;
  for (let tries = 0; ; tries++) {
    hear();
    const buffer = told.get(serial);
    if (buffer !== undefined) {
      told.delete(serial);
      objects.set(buffer, o);
      here.set(serial, new WeakRef(buffer));
      return buffer;
    }
    if (host.now() > until)
      throw new GortError("GORT_SHARE", "the thread that has a SharedArrayBuffer does not answer");
    if (tries % 64 === 0) ask(o, serial);
    Atomics.wait(X.I, G_WANTED >> 2, X.I[G_WANTED >> 2] as number, 1);
  }
}

defineKind(MEMORY, {
  adopt,
  free(o: number): void {
    const serial = X.I[(o + O_VALUE) >> 2] as number;
    told.delete(serial);
    here.delete(serial);
    say({ o, serial, gone: true });
    freeObject(o);
  },
});

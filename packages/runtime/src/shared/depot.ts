/**
 * The depot: a thread that does nothing but keep parcels (parcels.ts), started for the first of them, which everybody has a line to. It answers
 * in some tens of microseconds, or when the parcel comes, which whoever has sent the value says right behind it.
 */
import { MessageChannel, MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { G_DEPOT, G_DEPOT_NEWS } from "./layout.ts";
import { X } from "./region.ts";
import { thread } from "./thread.ts";

/** Each line is a port; the word counts up when something was said on any. */
const code = `
const { workerData, receiveMessageOnPort } = require("node:worker_threads");
const I = new Int32Array(workerData.memory.buffer, 0, 1024);
const lines = [workerData.line], parcels = new Map(), wanted = new Map();
function give(line, id) {
  const { x, copied } = parcels.get(id);
  parcels.delete(id);
  line.postMessage({ id, x }, copied ? [] : [x]);
  Atomics.add(I, ${G_DEPOT_NEWS >> 2}, 1);
  Atomics.notify(I, ${G_DEPOT_NEWS >> 2});
}
function hear(line, { joins, id, x, copied }) {
  if (joins !== undefined) lines.push(joins);
  else if (x === undefined) {
    if (parcels.has(id)) give(line, id); else wanted.set(id, line);
  } else {
    parcels.set(id, { x, copied });
    const asks = wanted.get(id);
    if (asks !== undefined) { wanted.delete(id); give(asks, id); }
  }
}
for (;;) {
  const seen = Atomics.load(I, ${G_DEPOT_NEWS >> 2});
  for (const line of lines) for (let m; (m = receiveMessageOnPort(line)) !== undefined;) hear(line, m.message);
  Atomics.wait(I, ${G_DEPOT_NEWS >> 2}, seen);
}`;

// G_DEPOT
const WANTED = 1;
const THERE = 2;

/** Main: ends of lines that the depot has not got yet, as it is not there. */
const waiting: MessagePort[] = [];

/** Main: a thread's line, made before it starts. */
export function newLine(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  if (X.I[G_DEPOT >> 2] === THERE) join(port2);
  else waiting.push(port2);
  return port1;
}

function join(joins: MessagePort): void {
  try {
    say({ joins }, [joins]);
  } catch {
    // The thread has ended, and its line with it.
  }
}

/** This thread's line; main has it from when the depot is there. */
const own: { line: MessagePort | null } = { line: null };

function line(): MessagePort {
  return (own.line ??= thread!.line);
}

function say(
  message: { id?: number; x?: object; copied?: boolean; joins?: MessagePort },
  transfer: readonly object[] = [],
): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
  line().postMessage(message, transfer as MessagePort[]);
  Atomics.add(X.I, G_DEPOT_NEWS >> 2, 1);
  Atomics.notify(X.I, G_DEPOT_NEWS >> 2);
}

/** The depot is there, or will be as soon as main looks. */
function want(): void {
  if (Atomics.load(X.I, G_DEPOT >> 2) === THERE) return;
  if (thread === null) openDepot();
  else if (Atomics.compareExchange(X.I, G_DEPOT >> 2, 0, WANTED) === 0) X.p.tell(0);
}

/** Main: whether another thread wants the depot. */
export function depotWanted(): boolean {
  return X.I[G_DEPOT >> 2] === WANTED;
}

/** Main: starts the depot. */
export function openDepot(): void {
  const { port1, port2 } = new MessageChannel();
  own.line = port1;
  const worker = new Worker(code, {
    eval: true,
    workerData: { memory: X.memory, line: port2 },
    transferList: [port2],
    execArgv: [],
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    name: "gort depot",
  });
  worker.unref();
  Atomics.store(X.I, G_DEPOT >> 2, THERE);
  for (const end of waiting.splice(0)) join(end);
}

/** How often the depot is asked for a parcel, 10 ms each time, that it has not got: ten seconds, in which a process that is stopped does not count. */
const TIMES = 1000;

/** Lays `x` down under `id`: it is handed over, or copied. Throws where the engine cannot. */
export function store(id: number, x: object, copied: boolean = false): void {
  want();
  if (copied) say({ id, x, copied });
  else say({ id, x }, [x]);
}

/** What lies in the depot under `id`; null if it never came: the thread that sent it has ended between the value and the parcel. */
export function fetch(id: number): object | null {
  want();
  say({ id });
  for (let times = 0; times < TIMES;) {
    const seen = Atomics.load(X.I, G_DEPOT_NEWS >> 2);
    const said = receiveMessageOnPort(line()) as { message: { id: number; x: object } } | undefined;
    if (said?.message.id === id) return said.message.x;
    // Before main has started the depot, nothing is late.
    if (Atomics.wait(X.I, G_DEPOT_NEWS >> 2, seen, 10) === "timed-out" && X.I[G_DEPOT >> 2] === THERE) times++;
  }
  return null;
}

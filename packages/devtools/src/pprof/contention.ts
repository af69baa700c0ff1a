/**
 * block: where goroutines waited on channels, select and sync, sampled by how long they waited. mutex: who held a lock that others
 * waited for, found at the unlock. Both off until a rate is set, as in Go; then every switch costs a clock reading.
 */
import { isMainThread } from "node:worker_threads";
import { callerLocations, type G, inspect, type Location, type StackNode, type Tracer } from "../inspect.ts";
import { type Answers, ask, recordAll, standing } from "../threads/crew.ts";
import { known, type PlainLocation } from "../threads/plain.ts";
import { ProfileBuilder } from "./profile.ts";
import { frameLines, groupLine } from "./text.ts";

/** Waits with one stack. */
interface Sum {
  node: StackNode;
  count: number;
  /** Nanoseconds. */
  delay: number;
}

/** What Go's block profile counts: not sleep, not the network. */
export const BLOCKS: RegExp = /^(?:chan |select|sync\.|semacquire|join|errgroup|singleflight)/;
const LOCKS = /^sync\.(?:Mutex|RWMutex)/;

export class Contention implements Tracer {
  /** ns of waiting for each sample; 0: off. */
  blockRate: number = 0;
  /** One in so many; 0: off. */
  mutexFraction: number = 0;
  readonly #table: InstanceType<ReturnType<typeof inspect>["StackTable"]> = new (inspect().StackTable)();
  /** Goroutines that wait: since when, for what. A wait that is given up has been undone by the time it is readied. */
  readonly #waits: WeakMap<G, { since: number; reason: string }> = new WeakMap();
  readonly #random: InstanceType<ReturnType<typeof inspect>["Random"]> = new (inspect().Random)();
  readonly #blocks: Map<StackNode, Sum> = new Map();
  readonly #mutexes: Map<StackNode, Sum> = new Map();

  stopped(g: G, now: number): void {
    const { REASON_SHIFT, reasonText, STATUS, WAITING } = inspect();
    if ((g.status & STATUS) !== WAITING) return;
    this.#waits.set(g, { since: now, reason: reasonText(g.status >> REASON_SHIFT) });
  }

  readied(g: G): void {
    const wait = this.#waits.get(g);
    if (wait === undefined) return;
    this.#waits.delete(g);
    const { since, reason } = wait;
    const delay = (inspect().host.now() - since) * 1e6;
    if (this.blockRate > 0 && BLOCKS.test(reason)) this.#block(g, reason, delay);
    if (this.mutexFraction > 0 && LOCKS.test(reason) && this.#chance() * this.mutexFraction < 1)
      this.#unlock(reason, delay);
  }

  /** In [0, 1). Not `Math.random`, which a program may have seeded. */
  #chance(): number {
    return (this.#random.next() >>> 0) / 0x1_0000_0000;
  }

  /** A wait shorter than the rate is counted with the chance delay/rate, and then for as many as it stands for. */
  #block(g: G, reason: string, delay: number): void {
    const chance = Math.min(1, delay / this.blockRate);
    if (chance < 1 && this.#chance() >= chance) return;
    const leaf = inspect().location(`gort.${reason}`, "", true);
    const node = this.#table.ofGoroutine(g, leaf);
    add(this.#blocks, node, 1 / chance, delay / chance);
  }

  /** Who unlocks is who runs; on another thread it is not known. */
  #unlock(reason: string, delay: number): void {
    const { location, R, told } = inspect();
    const table = this.#table;
    let node = table.add(table.root, location(`gort.${reason.replace(/R?Lock$/, "Unlock")}`, "", true));
    if (told.now) node = table.add(node, location("gort.thread", "", true));
    else {
      for (const at of callerLocations()) node = table.add(node, at);
      node = table.addFrames(node, R.g?.frame?.next ?? null, false);
    }
    add(this.#mutexes, node, this.mutexFraction, delay * this.mutexFraction);
  }

  sums(kind: ContentionKind): ContentionSum[] {
    const sums = kind === "block" ? this.#blocks : this.#mutexes;
    return [...sums.values()]
      .sort((a, b) => b.delay - a.delay)
      .map(({ node, count, delay }) => ({ stack: node.locations(), count, delay }));
  }

  created(): void {}
  started(): void {}
  ended(): void {}
  relabelled(): void {}
  entered(): void {}
  left(): void {}
  taskBegun(): void {}
  taskEnded(): void {}
  regionBegun(): void {}
  regionEnded(): void {}
  logged(): void {}
}

function add(sums: Map<StackNode, Sum>, node: StackNode, count: number, delay: number): void {
  const known = sums.get(node);
  if (known === undefined) sums.set(node, { node, count, delay });
  else {
    known.count += count;
    known.delay += delay;
  }
}

let contention: Contention | null = null;

function settle(set: (c: Contention) => number): number {
  contention ??= new Contention();
  const wasOn = contention.blockRate > 0 || contention.mutexFraction > 0;
  const old = set(contention);
  const isOn = contention.blockRate > 0 || contention.mutexFraction > 0;
  if (isOn && !wasOn) inspect().attach(contention);
  if (!isOn && wasOn) inspect().detach(contention);
  if (isMainThread) {
    takeBack();
    const { blockRate: block, mutexFraction: mutex } = contention;
    takeBack = standing("rates", { block, mutex });
    if (!isOn) takeBack();
  }
  return old;
}

/** Threads that start are told the rates. */
let takeBack = (): void => {};

/**
 * From now on the block profile has a sample for every `ns` nanoseconds spent waiting; 1: every wait; 0: off, as at the start.
 * All threads. Go: runtime.SetBlockProfileRate.
 */
export function setBlockProfileRate(ns: number): void {
  settle((c) => {
    c.blockRate = Math.max(0, ns);
    return 0;
  });
}

/**
 * From now on one in `n` unlocks that somebody waited for is in the mutex profile; 1: all; 0: off, as at the start; below: nothing
 * changes. Returns the old value. Go: runtime.SetMutexProfileFraction.
 */
export function setMutexProfileFraction(n: number): number {
  return settle((c) => {
    const old = c.mutexFraction;
    if (n >= 0) c.mutexFraction = n;
    return old;
  });
}

/** A recording of its own for some seconds, all of it: the rates stay as they are. Of this thread. */
export async function contentionWithin(until: Promise<void>): Promise<Contention> {
  const own = new Contention();
  own.blockRate = own.mutexFraction = 1;
  inspect().attach(own);
  await until;
  inspect().detach(own);
  return own;
}

export type ContentionKind = "block" | "mutex";

/** Waits with one stack. */
export interface ContentionSum {
  stack: Location[];
  count: number;
  delay: number;
}

/** What was recorded on this thread, the longest first; without `of`, since the rates were set. */
export function contentionSums(
  kind: ContentionKind,
  of: Contention = (contention ??= new Contention()),
): ContentionSum[] {
  return of.sums(kind);
}

/** What a profile shows. */
export interface Contended {
  sums: ContentionSum[];
  /** One in so many; of a mutex profile. */
  fraction: number;
  silent: string[];
}

type PlainSum = Omit<ContentionSum, "stack"> & { stack: PlainLocation[] };

function together(own: ContentionSum[], { of, silent }: Answers<PlainSum[]>, fraction: number): Contended {
  const theirs = of.flatMap(({ value }) => value.map((s) => ({ ...s, stack: known(s.stack) })));
  if (theirs.length === 0) return { sums: own, fraction, silent };
  const byStack = new Map<string, ContentionSum>();
  for (const { stack, count, delay } of [...own, ...theirs]) {
    const key = stack.map((l) => l.id).join();
    const same = byStack.get(key);
    if (same === undefined) byStack.set(key, { stack, count, delay });
    else {
      same.count += count;
      same.delay += delay;
    }
  }
  return { sums: [...byStack.values()].sort((a, b) => b.delay - a.delay), fraction, silent };
}

/** Of all threads, until `until` resolves. */
export async function contentionDuring(kind: ContentionKind, until: Promise<void>): Promise<Contended> {
  const [own, theirs] = await recordAll<Contention, PlainSum[]>("contention", () => contentionWithin(until), { kind });
  return together(contentionSums(kind, own), theirs, own.mutexFraction);
}

/** Of all threads, since the rates were set. */
export async function contentionSoFar(kind: ContentionKind): Promise<Contended> {
  const own = contentionSums(kind);
  return together(own, await ask("contention", kind), contention?.mutexFraction ?? 0);
}

/** How many stacks there are on this thread, for the index. */
export function contentionCount(kind: ContentionKind): number {
  return contention === null ? 0 : contention.sums(kind).length;
}

export function contentionProfile({ sums, silent }: Contended): Promise<Buffer> {
  const builder = new ProfileBuilder(
    [
      ["contentions", "count"],
      ["delay", "nanoseconds"],
    ],
    ["contentions", "count"],
  );
  for (const { stack, count, delay } of sums) builder.add(stack, [Math.round(count), Math.round(delay)]);
  for (const text of silent) builder.comment(text);
  return builder.encode();
}

/** debug=1: `cycles count @ …`. A cycle is a nanosecond. */
export function contentionText(kind: ContentionKind, { sums, fraction, silent }: Contended): string {
  let text = `--- ${kind === "block" ? "contention" : "mutex"}:\ncycles/second=1000000000\n`;
  if (kind === "mutex") text += `sampling period=${fraction}\n`;
  for (const { stack, count, delay } of sums) {
    text += `${groupLine(`${Math.round(delay)} ${Math.round(count)}`, stack)}\n`;
    for (const line of frameLines(stack)) text += `${line}\n`;
  }
  return text + silent.map((line) => `# ${line}\n`).join("");
}

/**
 * block: where goroutines waited on channels, select and sync, sampled by how long they waited. mutex: who held a lock that others
 * waited for, found at the unlock. Both off until a rate is set, as in Go; then every switch costs a clock reading.
 */
import { type G, inspect, type Location, type StackNode, type Tracer } from "../inspect.ts";
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
const BLOCKS = /^(?:chan |select|sync\.|semacquire|join|errgroup|singleflight)/;
const LOCKS = /^sync\.(?:Mutex|RWMutex)/;

export class Contention implements Tracer {
  /** ns of waiting for each sample; 0: off. */
  blockRate: number = 0;
  /** One in so many; 0: off. */
  mutexFraction: number = 0;
  readonly #table: InstanceType<ReturnType<typeof inspect>["StackTable"]> = new (inspect().StackTable)();
  /** Goroutines that wait: since when, for what. A wait that is given up has been undone by the time it is readied. */
  readonly #waits: WeakMap<G, { since: number; reason: string }> = new WeakMap();
  readonly #blocks: Map<StackNode, Sum> = new Map();
  readonly #mutexes: Map<StackNode, Sum> = new Map();

  stopped(g: G): void {
    const { REASON_SHIFT, reasonText, STATUS, WAITING } = inspect();
    if ((g.status & STATUS) !== WAITING) return;
    this.#waits.set(g, { since: performance.now(), reason: reasonText(g.status >> REASON_SHIFT) });
  }

  readied(g: G): void {
    const wait = this.#waits.get(g);
    if (wait === undefined) return;
    this.#waits.delete(g);
    const { since, reason } = wait;
    const delay = (performance.now() - since) * 1e6;
    if (this.blockRate > 0 && BLOCKS.test(reason)) this.#block(g, reason, delay);
    if (this.mutexFraction > 0 && LOCKS.test(reason) && Math.random() * this.mutexFraction < 1) this.#unlock(delay);
  }

  /** A wait shorter than the rate is counted with the chance delay/rate, and then for as many as it stands for. */
  #block(g: G, reason: string, delay: number): void {
    const chance = Math.min(1, delay / this.blockRate);
    if (chance < 1 && Math.random() >= chance) return;
    const leaf = inspect().location(`gort.${reason}`, "", true);
    const node = this.#table.ofGoroutine(g, leaf);
    add(this.#blocks, node, 1 / chance, delay / chance);
  }

  #unlock(delay: number): void {
    const { R, nativeLocations } = inspect();
    const holder = R.g;
    const node = holder === null ? this.#table.of(nativeLocations()) : this.#table.ofRunning(holder);
    add(this.#mutexes, node, this.mutexFraction, delay * this.mutexFraction);
  }

  sums(kind: "block" | "mutex"): { stack: Location[]; count: number; delay: number }[] {
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
  return old;
}

/**
 * From now on the block profile has a sample for every `ns` nanoseconds spent waiting; 1: every wait; 0: off, as at the start.
 * Go: runtime.SetBlockProfileRate.
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

/** A recording of its own for some seconds, all of it: the rates stay as they are. */
export async function contentionWithin(until: Promise<void>): Promise<Contention> {
  const own = new Contention();
  own.blockRate = own.mutexFraction = 1;
  inspect().attach(own);
  await until;
  inspect().detach(own);
  return own;
}

/** What has been recorded since the rates were set. */
export function contentionSoFar(): Contention {
  return (contention ??= new Contention());
}

/** How many stacks there are, for the index. */
export function contentionCount(kind: "block" | "mutex"): number {
  return contention === null ? 0 : contention.sums(kind).length;
}

export function contentionProfile(kind: "block" | "mutex", of: Contention): Promise<Buffer> {
  const builder = new ProfileBuilder(
    [
      ["contentions", "count"],
      ["delay", "nanoseconds"],
    ],
    ["contentions", "count"],
  );
  for (const { stack, count, delay } of of.sums(kind)) builder.add(stack, [Math.round(count), Math.round(delay)]);
  return builder.encode();
}

/** debug=1: `cycles count @ …`. A cycle is a nanosecond. */
export function contentionText(kind: "block" | "mutex", of: Contention): string {
  let text = `--- ${kind === "block" ? "contention" : "mutex"}:\ncycles/second=1000000000\n`;
  if (kind === "mutex") text += `sampling period=${of.mutexFraction}\n`;
  for (const { stack, count, delay } of of.sums(kind)) {
    text += `${groupLine(`${Math.round(delay)} ${Math.round(count)}`, stack)}\n`;
    for (const line of frameLines(stack)) text += `${line}\n`;
  }
  return text;
}

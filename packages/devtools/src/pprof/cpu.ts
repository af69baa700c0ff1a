/**
 * The CPU profile: the engine's sampling profiler on each thread that runs goroutines, its samples given to goroutines by a timeline of
 * the switches, all in one.
 */
import { Session, type Profiler } from "node:inspector";
import { inspect, type Location } from "../inspect.ts";
import { ask, standing } from "../threads/crew.ts";
import { known, type PlainLocation } from "../threads/plain.ts";
import { type CallFrame, engineLocation, heapCallers, isAsleep, isBase, isLoop, isOwn } from "./engine-frames.ts";
import { ProfileBuilder } from "./profile.ts";
import { Timeline } from "./timeline.ts";

/** µs between samples. */
const INTERVAL = 1000;
/** The most a sample stands for, µs: behind a longer gap, as on a machine that is busy with others, nobody knows what ran. */
const GAP = 10 * INTERVAL;

function post(session: Session, method: string, params: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => (error === null ? resolve(result) : reject(error as Error)));
  });
}

/** Samples with one stack, of one goroutine. */
export interface CpuSum {
  stack: Location[];
  labels: Record<string, string>;
  count: number;
  micros: number;
}

/** Records the thread it is made on. */
export class CpuRecorder {
  readonly #session: Session = new Session();
  readonly #timeline: Timeline = new Timeline();

  async start(): Promise<void> {
    const session = this.#session;
    session.connect();
    try {
      await post(session, "Profiler.enable");
      await post(session, "Profiler.setSamplingInterval", { interval: INTERVAL });
      await post(session, "Profiler.start");
    } catch (error) {
      session.disconnect();
      throw error;
    }
    inspect().attach(this.#timeline);
    this.#timeline.begins();
  }

  async stop(): Promise<CpuSum[]> {
    this.#timeline.ends();
    inspect().detach(this.#timeline);
    try {
      const { profile } = (await post(this.#session, "Profiler.stop")) as { profile: Profiler.Profile };
      return sumsOf(profile, this.#timeline);
    } finally {
      this.#session.disconnect();
    }
  }
}

interface Node {
  frame: CallFrame;
  up: Node | null;
  /** The line seen most often in the function itself. */
  line: number;
}

/** The samples say which node was on top; nodes know their children. */
function nodesOf(profile: Profiler.Profile): Map<number, Node> {
  const nodes = new Map<number, Node>();
  for (const { id, callFrame, positionTicks } of profile.nodes) {
    const hottest = positionTicks?.reduce((a, b) => (b.ticks > a.ticks ? b : a), positionTicks[0]!);
    nodes.set(id, { frame: callFrame, up: null, line: hottest?.line ?? 0 });
  }
  for (const { id, children } of profile.nodes)
    for (const child of children ?? []) nodes.get(child)!.up = nodes.get(id) as Node;
  return nodes;
}

interface Stack {
  /** The user's frames, the innermost first. */
  native: Location[];
  /** A goroutine's: there is more on the heap. */
  based: boolean;
}

/** What a thread that sleeps until it is woken stands in: see isAsleep. */
function isIdle(node: Node): boolean {
  if (node.frame.functionName === "(idle)") return true;
  for (let n: Node | null = node; n !== null; n = n.up) if (isAsleep(n.frame)) return true;
  return false;
}

function stackOf(node: Node): Stack | null {
  if (isIdle(node)) return null;
  const native: Location[] = [];
  let leaf = true;
  let users = false;
  for (let n: Node = node; n.up !== null; n = n.up) {
    // The scheduler's own time is its own.
    if (isBase(n.frame) ? !leaf : isLoop(n.frame) && users) return { native, based: true };
    users ||= n.frame.url !== "" && !isOwn(n.frame);
    native.push(engineLocation(n.frame, leaf ? n.line : 0));
    leaf = false;
  }
  return { native, based: false };
}

function sumsOf(profile: Profiler.Profile, timeline: Timeline): CpuSum[] {
  const nodes = nodesOf(profile);
  const stacks = new Map<number, Stack | null>();
  const sums = new Map<string, CpuSum>();
  let time = profile.startTime;
  profile.samples?.forEach((id, i) => {
    const delta = profile.timeDeltas?.[i] ?? INTERVAL;
    time += delta;
    // Starting and stopping the profiler itself.
    if (time < timeline.begin || time > timeline.end) return;
    let stack = stacks.get(id);
    if (stack === undefined) stacks.set(id, (stack = stackOf(nodes.get(id) as Node)));
    if (stack === null) return;
    const runner = stack.based ? timeline.at(time) : null;
    const callers = runner === null ? [] : heapCallers(stack.native.at(-1), runner.frames);
    const key = `${id} ${callers.map((l) => l.id).join()} ${runner === null ? "" : JSON.stringify(runner.labels)}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      const labels = { ...runner?.labels };
      sums.set(key, (sum = { stack: [...stack.native, ...callers], labels, count: 0, micros: 0 }));
    }
    sum.count++;
    sum.micros += Math.min(Math.max(0, delta), GAP);
  });
  return [...sums.values()];
}

let running = false;

/** Whether a CPU profile is being taken: there can be one at a time. */
export function isProfiling(): boolean {
  return running;
}

/** Profiles every thread that runs goroutines until `until` resolves. */
export async function cpuProfile(until: Promise<void>): Promise<Buffer> {
  if (running) throw new Error("cpu profiling already in use");
  running = true;
  const start = performance.now();
  const own = new CpuRecorder();
  let takeBack = (): void => {};
  try {
    await own.start();
    takeBack = standing("cpu.start");
    await until;
    const builder = new ProfileBuilder(
      [
        ["samples", "count"],
        ["cpu", "nanoseconds"],
      ],
      ["cpu", "nanoseconds"],
      INTERVAL * 1000,
    );
    takeBack();
    const seconds = (performance.now() - start) / 1000;
    const [mine, theirs] = await Promise.all([
      own.stop(),
      ask<(Omit<CpuSum, "stack"> & { stack: PlainLocation[] })[]>("cpu.stop"),
    ]);
    const add = (m: number, { labels, count, micros }: Omit<CpuSum, "stack">, stack: Location[]): void =>
      builder.add(stack, [count, Math.round(micros * 1000)], { ...labels, thread: m === 0 ? "main" : `M${m}` });
    for (const sum of mine) add(0, sum, sum.stack);
    for (const { m, value } of theirs.of) for (const sum of value) add(m, sum, known(sum.stack));
    for (const text of theirs.silent) builder.comment(text);
    return await builder.encode(seconds);
  } finally {
    takeBack();
    running = false;
  }
}

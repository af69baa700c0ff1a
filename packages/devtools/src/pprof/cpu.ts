/** The CPU profile of this thread: the engine's sampling profiler, its samples given to goroutines by a timeline of the switches. */
import { Session, type Profiler } from "node:inspector";
import { inspect, type Location } from "../inspect.ts";
import { type CallFrame, engineLocation, heapCallers, isBase } from "./engine-frames.ts";
import { ProfileBuilder } from "./profile.ts";
import { Timeline } from "./timeline.ts";

/** µs between samples. */
const INTERVAL = 1000;

/** What was recorded on one thread. */
interface Recording {
  thread: string;
  profile: Profiler.Profile;
  timeline: Timeline;
}

function post(session: Session, method: string, params: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => (error === null ? resolve(result) : reject(error as Error)));
  });
}

/** This thread. `until` resolves when it is enough. */
async function recordThread(until: Promise<void>): Promise<Recording> {
  const session = new Session();
  session.connect();
  const { attach, detach } = inspect();
  const timeline = new Timeline();
  try {
    await post(session, "Profiler.enable");
    await post(session, "Profiler.setSamplingInterval", { interval: INTERVAL });
    await post(session, "Profiler.start");
    attach(timeline);
    timeline.begins();
    await until;
    timeline.ends();
    detach(timeline);
    const { profile } = (await post(session, "Profiler.stop")) as { profile: Profiler.Profile };
    return { thread: "main", profile, timeline };
  } finally {
    detach(timeline);
    session.disconnect();
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

function stackOf(node: Node): Stack | null {
  if (node.frame.functionName === "(idle)") return null;
  const native: Location[] = [];
  let leaf = true;
  for (let n: Node = node; n.up !== null; n = n.up) {
    if (isBase(n.frame)) {
      // The scheduler's own time is its own.
      if (!leaf) return { native, based: true };
    }
    native.push(engineLocation(n.frame, leaf ? n.line : 0));
    leaf = false;
  }
  return { native, based: false };
}

function addRecording(builder: ProfileBuilder, { thread, profile, timeline }: Recording): void {
  const nodes = nodesOf(profile);
  const stacks = new Map<number, Stack | null>();
  const sums = new Map<string, { stack: Location[]; labels: Record<string, string>; count: number; micros: number }>();
  const cursor = { i: 0 };
  let time = profile.startTime;
  profile.samples?.forEach((id, i) => {
    const delta = profile.timeDeltas?.[i] ?? INTERVAL;
    time += delta;
    // Starting and stopping the profiler itself.
    if (time < timeline.begin || time > timeline.end) return;
    let stack = stacks.get(id);
    if (stack === undefined) stacks.set(id, (stack = stackOf(nodes.get(id) as Node)));
    if (stack === null) return;
    const runner = stack.based ? timeline.at(time, cursor) : null;
    const callers = runner === null ? [] : heapCallers(stack.native.at(-1), runner.frames);
    const key = `${id} ${callers.map((l) => l.id).join()} ${runner === null ? "" : JSON.stringify(runner.labels)}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      const labels = { ...runner?.labels, thread };
      sums.set(key, (sum = { stack: [...stack.native, ...callers], labels, count: 0, micros: 0 }));
    }
    sum.count++;
    sum.micros += Math.max(0, delta);
  });
  for (const { stack, labels, count, micros } of sums.values())
    builder.add(stack, [count, Math.round(micros * 1000)], labels);
}

let running = false;

/** Whether a CPU profile is being taken: there can be one at a time. */
export function isProfiling(): boolean {
  return running;
}

/** Profiles this thread until `until` resolves. */
export async function cpuProfile(until: Promise<void>): Promise<Buffer> {
  if (running) throw new Error("cpu profiling already in use");
  running = true;
  const start = performance.now();
  try {
    // Other threads' recordings belong here too.
    const recordings = [await recordThread(until)];
    const types = [["samples", "count"] as const, ["cpu", "nanoseconds"] as const];
    const builder = new ProfileBuilder(types, ["cpu", "nanoseconds"], INTERVAL * 1000);
    for (const recording of recordings) addRecording(builder, recording);
    return await builder.encode((performance.now() - start) / 1000);
  } finally {
    running = false;
  }
}

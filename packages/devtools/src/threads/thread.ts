/** The tools on a thread that runs parallel goroutines: answers what main asks. Loaded there by {@link crew}. */
import type { MessagePort } from "node:worker_threads";
import { type Inspect, useInspect } from "../inspect.ts";
import {
  type Contention,
  contentionSums,
  contentionWithin,
  setBlockProfileRate,
  setMutexProfileFraction,
} from "../pprof/contention.ts";
import { CpuRecorder, type CpuSum } from "../pprof/cpu.ts";
import { lookHere, type Look } from "../live/look.ts";
import { groupGoroutines, goroutineTexts } from "../pprof/goroutine.ts";
import { type HeapSample, HeapSampler } from "../pprof/heap.ts";
import { scanHere } from "../pprof/leak.ts";
import { statsHere } from "../top/snapshot.ts";
import { ThreadTrace } from "../trace/thread.ts";
import type { Question, Reply } from "./crew.ts";
import { plain } from "./plain.ts";

let cpu: CpuRecorder | null = null;
let heap: HeapSampler | null = null;
let trace: ThreadTrace | null = null;
/** Recordings that last until main says so, by the number it gives them: several may be under way. */
const recordings: Map<number, { enough: () => void; result: Promise<unknown> }> = new Map();

function record(id: number, begin: (until: Promise<void>) => Promise<unknown>): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const result = begin(promise);
  // Who asks for it hears why there is none.
  result.catch(() => {});
  recordings.set(id, { enough: resolve, result });
}

/** Null: this thread started too late to hear of it. */
async function finished(id: number): Promise<unknown> {
  const recording = recordings.get(id);
  if (recording === undefined) return null;
  recordings.delete(id);
  recording.enough();
  return recording.result;
}

const plainSums = (sums: readonly CpuSum[]): unknown => sums.map((s) => ({ ...s, stack: plain(s.stack) }));
const plainSamples = (samples: readonly HeapSample[]): unknown => samples.map((s) => ({ ...s, stack: plain(s.stack) }));

/** By name: `args` as main gives them. */
const ops: Readonly<Record<string, (args: never, port: MessagePort) => unknown>> = {
  goroutines: () => groupGoroutines().map((g) => ({ ...g, stack: plain(g.stack) })),
  dump: (limit: number) => goroutineTexts(limit),
  stats: () => statsHere(),
  live: (look: Look) => lookHere(look),
  leaks: async () => (await scanHere()).map((f) => ({ ...f, locations: plain(f.locations) })),
  "cpu.start": async () => {
    cpu ??= new CpuRecorder();
    await cpu.start();
  },
  "cpu.stop": async () => {
    const sums = cpu === null ? [] : await cpu.stop();
    cpu = null;
    return plainSums(sums);
  },
  "heap.begin": () => void (heap ??= new HeapSampler()),
  "heap.live": async (collect: boolean) => plainSamples(await (heap ??= new HeapSampler()).live(collect)),
  "allocs.begin": (id: number) => record(id, (until) => (heap ??= new HeapSampler()).allocated(until)),
  "allocs.end": async ({ id }: { id: number }) => plainSamples(((await finished(id)) as HeapSample[] | null) ?? []),
  rates: ({ block, mutex }: { block: number; mutex: number }) => {
    setBlockProfileRate(block);
    setMutexProfileFraction(mutex);
  },
  "contention.begin": (id: number) => record(id, contentionWithin),
  "contention.end": async ({ id, kind }: { id: number; kind: "block" | "mutex" }) => {
    const of = (await finished(id)) as Contention | null;
    return of === null ? [] : contentionSums(kind, of).map((s) => ({ ...s, stack: plain(s.stack) }));
  },
  contention: (kind: "block" | "mutex") => contentionSums(kind).map((s) => ({ ...s, stack: plain(s.stack) })),
  "trace.start": (_: never, port: MessagePort) => {
    trace ??= new ThreadTrace((chunk) => {
      const bytes = chunk.slice();
      port.postMessage({ id: 0, value: bytes } satisfies Reply, [bytes.buffer as ArrayBuffer]);
    });
  },
  "trace.stop": (done: Int32Array<SharedArrayBuffer>) => {
    trace?.finish();
    trace = null;
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  },
};

/** Questions under way. */
let open = 0;

async function answer(port: MessagePort, { id, op, args }: Question): Promise<void> {
  const reply: Reply = { id };
  // The thread must not go to sleep over it.
  if (open++ === 0) port.ref();
  try {
    reply.value = await ops[op]!(args as never, port);
  } catch (error) {
    reply.error = `cannot say (${error instanceof Error ? error.message : String(error)})`;
  }
  if (id !== 0) port.postMessage(reply);
  if (--open === 0) port.unref();
}

/** The runtime calls this on the thread: packages/runtime/src/shared/visitors.ts. */
export function visit(port: MessagePort, inspect: Inspect): void {
  useInspect(inspect);
  port.on("message", (question: Question) => void answer(port, question));
}

/**
 * Heap profiles: the engine's sampling heap profiler. It is started when the handler is made and knows what was allocated from then on:
 *
 *     heap    what is still alive of it
 *     allocs  everything allocated within some seconds, alive or not. The engine has one sampler, and one that keeps what has died would
 *             grow for good: so `heap` begins anew behind it
 */
import { Session } from "node:inspector";
import { inspect, type Location } from "../inspect.ts";
import { type Answers, ask, standing } from "../threads/crew.ts";
import { known, type PlainLocation } from "../threads/plain.ts";
import { type CallFrame, engineLocation, isBase } from "./engine-frames.ts";
import { ProfileBuilder } from "./profile.ts";

/** Bytes between samples, as Go's MemProfileRate. */
const RATE = 512 * 1024;

/** What the inspector answers; the types of Node lack the samples. */
interface SamplingProfile {
  head: ProfileNode;
  samples: { size: number; nodeId: number }[];
}

interface ProfileNode {
  id: number;
  callFrame: CallFrame;
  children: ProfileNode[];
}

export interface HeapSample {
  stack: Location[];
  objects: number;
  bytes: number;
}

export class HeapSampler {
  readonly #session: Session = new Session();
  #since: number = 0;
  #busy: boolean = false;

  constructor() {
    this.#session.connect();
    this.#start(RATE, false);
  }

  #start(rate: number, dead: boolean): void {
    this.#since = performance.now();
    this.#session.post("HeapProfiler.startSampling", {
      samplingInterval: rate,
      ...(dead ? { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true } : {}),
    });
  }

  #read(method: string): Promise<SamplingProfile> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, (error: Error | null, result?: object) => {
        if (error === null) resolve((result as { profile: SamplingProfile }).profile);
        else reject(error);
      });
    });
  }

  /** What is alive. */
  async live(collect: boolean): Promise<HeapSample[]> {
    if (collect) inspect().gc();
    return samplesOf(await this.#read("HeapProfiler.getSamplingProfile"));
  }

  /** What is allocated until `until` resolves. Null: somebody else is asking. */
  async allocated(until: Promise<void>): Promise<HeapSample[] | null> {
    if (this.#busy) return null;
    this.#busy = true;
    try {
      await this.#read("HeapProfiler.stopSampling");
      this.#start(RATE / 8, true);
      await until;
      const profile = await this.#read("HeapProfiler.stopSampling");
      this.#start(RATE, false);
      return samplesOf(profile);
    } finally {
      this.#busy = false;
    }
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Seconds since it was started. */
  get age(): number {
    return (performance.now() - this.#since) / 1000;
  }

  close(): void {
    this.#session.disconnect();
  }
}

function samplesOf(profile: SamplingProfile): HeapSample[] {
  const bytes = new Map<number, { bytes: number; objects: number }>();
  for (const { nodeId, size } of profile.samples) {
    const known = bytes.get(nodeId);
    if (known === undefined) bytes.set(nodeId, { bytes: size, objects: 1 });
    else {
      known.bytes += size;
      known.objects++;
    }
  }
  const found: HeapSample[] = [];
  const walk = (node: ProfileNode, above: readonly CallFrame[]): void => {
    const frames = node.callFrame.functionName === "(root)" ? above : [node.callFrame, ...above];
    const own = bytes.get(node.id);
    if (own !== undefined) {
      const base = frames.findIndex(isBase);
      const shown = base > 0 ? frames.slice(0, base) : frames;
      found.push({ stack: shown.map((f) => engineLocation(f)), ...own });
    }
    for (const child of node.children) walk(child, frames);
  };
  walk(profile.head, []);
  return found;
}

type PlainSample = Omit<HeapSample, "stack"> & { stack: PlainLocation[] };

function withTheirs(own: HeapSample[], { of }: Answers<PlainSample[]>): HeapSample[] {
  return own.concat(of.flatMap(({ value }) => value.map((s) => ({ ...s, stack: known(s.stack) }))));
}

/** What is alive on every thread. */
export async function liveAll(source: HeapSampler, collect: boolean): Promise<HeapSample[]> {
  return withTheirs(await source.live(collect), await ask("heap.live", collect));
}

/** What every thread allocates until `until` resolves. Null: somebody else is asking. */
export async function allocatedAll(source: HeapSampler, until: Promise<void>): Promise<HeapSample[] | null> {
  if (source.busy) return null;
  const stop = standing("allocs.begin");
  const own = await source.allocated(until);
  stop();
  return own === null ? null : withTheirs(own, await ask("allocs.end"));
}

/** `heap`: inuse; `allocs`: alloc. */
export function heapProfile(kind: "alloc" | "inuse", samples: readonly HeapSample[], seconds: number): Promise<Buffer> {
  // The engine scales bytes by the chance of a sample, and does not say how many objects they are.
  const builder = new ProfileBuilder(
    [[`${kind}_space`, "bytes"]],
    ["space", "bytes"],
    kind === "alloc" ? RATE / 8 : RATE,
  );
  builder.comment(
    kind === "alloc"
      ? `allocated within ${seconds.toFixed(1)} s, alive or not`
      : `alive, of what was allocated in the last ${seconds.toFixed(1)} s, since sampling began`,
  );
  for (const { stack, bytes } of samples) builder.add(stack, [bytes]);
  return builder.encode(seconds);
}

/** debug=1, in Go's shape: `objects: bytes [objects: bytes] @ …`. */
export function heapText(
  kind: "alloc" | "inuse",
  samples: readonly HeapSample[],
): { head: string; samples: HeapSample[] } {
  const total = samples.reduce((sum, s) => ({ objects: sum.objects + s.objects, bytes: sum.bytes + s.bytes }), {
    objects: 0,
    bytes: 0,
  });
  const pair = `${total.objects}: ${total.bytes}`;
  const rate = kind === "alloc" ? RATE / 8 : RATE;
  return {
    head: `heap profile: ${pair} [${pair}] @ heap/${rate * 2}\n`,
    samples: [...samples].sort((a, b) => b.bytes - a.bytes),
  };
}

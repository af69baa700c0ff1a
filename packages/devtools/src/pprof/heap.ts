/**
 * Heap profiles: the engine's sampling heap profiler. It is started when the handler is made and knows what was allocated from then on:
 *
 *     heap    what is still alive of it
 *     allocs  everything allocated within some seconds, alive or not. The engine has one sampler, and one that keeps what has died would
 *             grow for good: so `heap` begins anew behind it
 */
import { Session } from "node:inspector";
import { inspect, type Location } from "../inspect.ts";
import { type Answers, ask, recordAll } from "../threads/crew.ts";
import { known, type PlainLocation } from "../threads/plain.ts";
import { type CallFrame, engineLocation, isBase } from "./engine-frames.ts";
import { ProfileBuilder } from "./profile.ts";
import { scaled, Sizes } from "./sizes.ts";
import { frameLines, groupLine } from "./text.ts";

/** Bytes between samples: about Go's MemProfileRate (512 KB), and a multiple of many sizes: see sizes.ts. */
const RATE = 8 * 55_440;
/** The same where what has died counts too. */
const ALLOCS_RATE: number = RATE / 4;

/** What the inspector answers; the types of Node lack the samples. */
interface SamplingProfile {
  head: ProfileNode;
  samples: { size: number; nodeId: number }[];
}

interface ProfileNode {
  id: number;
  /** Bytes its samples stand for. */
  selfSize: number;
  callFrame: CallFrame;
  children: ProfileNode[];
}

/** What the samples of a place stand for, and, raw, how many and how large they were. */
export interface HeapSample {
  stack: Location[];
  objects: number;
  bytes: number;
  raw: { objects: number; bytes: number };
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
    return samplesOf(await this.#read("HeapProfiler.getSamplingProfile"), RATE);
  }

  /** What is allocated until `until` resolves. Null: somebody else is asking. */
  async allocated(until: Promise<void>): Promise<HeapSample[] | null> {
    if (this.#busy) return null;
    this.#busy = true;
    try {
      await this.#read("HeapProfiler.stopSampling");
      this.#start(ALLOCS_RATE, true);
      await until;
      const profile = await this.#read("HeapProfiler.stopSampling");
      this.#start(RATE, false);
      return samplesOf(profile, ALLOCS_RATE);
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

function samplesOf(profile: SamplingProfile, rate: number): HeapSample[] {
  const sizes = new Sizes(rate);
  const products = new Map<number, Map<number, number>>();
  for (const { nodeId, size } of profile.samples) {
    let known = products.get(nodeId);
    if (known === undefined) products.set(nodeId, (known = new Map()));
    known.set(size, (known.get(size) ?? 0) + 1);
  }
  const found: HeapSample[] = [];
  const walk = (node: ProfileNode, above: readonly CallFrame[]): void => {
    const frames = node.callFrame.functionName === "(root)" ? above : [node.callFrame, ...above];
    const own = products.get(node.id);
    if (own !== undefined) {
      const base = frames.findIndex(isBase);
      const shown = base > 0 ? frames.slice(0, base) : frames;
      const sample = {
        stack: shown.map((f) => engineLocation(f)),
        objects: 0,
        bytes: 0,
        raw: { objects: 0, bytes: 0 },
      };
      for (const { size, samples } of sizes.of(own, node.selfSize)) {
        const objects = scaled(size, samples, rate);
        sample.objects += objects;
        sample.bytes += objects * size;
        sample.raw.objects += samples;
        sample.raw.bytes += samples * size;
      }
      found.push(sample);
    }
    for (const child of node.children) walk(child, frames);
  };
  walk(profile.head, []);
  return found;
}

type PlainSample = Omit<HeapSample, "stack"> & { stack: PlainLocation[] };

/** What was sampled on all threads. */
export interface HeapSamples {
  samples: HeapSample[];
  /** Who has not answered. */
  silent: string[];
}

function together(own: HeapSample[], { of, silent }: Answers<PlainSample[]>): HeapSamples {
  const theirs = of.flatMap(({ value }) => value.map((s) => ({ ...s, stack: known(s.stack) })));
  return { samples: [...own, ...theirs], silent };
}

/** What is alive on every thread. Null: somebody asks for what has died, too. */
export async function liveAll(source: HeapSampler, collect: boolean): Promise<HeapSamples | null> {
  if (source.busy) return null;
  return together(await source.live(collect), await ask("heap.live", collect));
}

/** What every thread allocates until `until` resolves. Null: somebody else is asking. */
export async function allocatedAll(source: HeapSampler, until: Promise<void>): Promise<HeapSamples | null> {
  if (source.busy) return null;
  const [own, theirs] = await recordAll<HeapSample[] | null, PlainSample[]>("allocs", () => source.allocated(until));
  return own === null ? null : together(own, theirs);
}

/** `heap`: inuse; `allocs`: alloc. */
export function heapProfile(kind: "alloc" | "inuse", of: HeapSamples, seconds: number): Promise<Buffer> {
  const builder = new ProfileBuilder(
    [
      [`${kind}_objects`, "count"],
      [`${kind}_space`, "bytes"],
    ],
    ["space", "bytes"],
    rateOf(kind),
  );
  builder.comment(
    kind === "alloc"
      ? `allocated within ${seconds.toFixed(1)} s, alive or not`
      : `alive, of what was allocated in the last ${seconds.toFixed(1)} s, since sampling began`,
  );
  for (const text of of.silent) builder.comment(text);
  for (const { stack, objects, bytes } of of.samples) builder.add(stack, [objects, bytes]);
  return builder.encode(seconds);
}

function rateOf(kind: "alloc" | "inuse"): number {
  return kind === "alloc" ? ALLOCS_RATE : RATE;
}

/** debug=1, in Go's shape: `objects: bytes [objects: bytes] @ …`, of the samples as they were taken: the head has what scales them. */
export function heapText(kind: "alloc" | "inuse", { samples, silent }: HeapSamples): string {
  const pair = ({ objects, bytes }: HeapSample["raw"]): string =>
    kind === "inuse" ? `${objects}: ${bytes} [${objects}: ${bytes}]` : `0: 0 [${objects}: ${bytes}]`;
  const total = { objects: 0, bytes: 0 };
  for (const { raw } of samples) {
    total.objects += raw.objects;
    total.bytes += raw.bytes;
  }
  let text = `heap profile: ${pair(total)} @ heap/${rateOf(kind) * 2}\n`;
  for (const { stack, raw } of [...samples].sort((a, b) => b.bytes - a.bytes)) {
    text += `${groupLine(pair(raw), stack)}\n`;
    for (const line of frameLines(stack)) text += `${line}\n`;
    text += "\n";
  }
  return text + silent.map((line) => `# ${line}\n`).join("");
}

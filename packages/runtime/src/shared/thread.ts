/**
 * What this thread is told when it starts: nothing on the main thread, its place among the others on a thread that the runtime
 * has started. Read before anything else of the runtime runs, because the poll word must be where others find it.
 */
import { isMainThread, workerData, type MessagePort } from "node:worker_threads";
import { M_BASE, M_SIZE, M_U } from "./layout.ts";

/** The key in `workerData` of threads that the runtime starts. */
export const KEY = "gort.thread";

/** How the compiled program is found: see load.ts. */
export interface Program {
  /** Modules to load before the slices: the compiler's hooks, where modules are compiled as they load. */
  readonly hooks: readonly string[];
}

/** A WebAssembly.Memory that is shared. */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
}

export interface ThreadData {
  readonly memory: Memory;
  /** Number of the M. */
  readonly m: number;
  /** Main's poll words. */
  readonly mainU: Int32Array<SharedArrayBuffer>;
  readonly program: Program;
  /** To the depot: depot.ts. */
  readonly line: MessagePort;
  /** SharedArrayBuffers that have crossed before it started: memories.ts. */
  readonly memories: readonly (readonly [number, SharedArrayBuffer])[];
}

function own(): ThreadData | null {
  if (isMainThread || typeof workerData !== "object" || workerData === null) return null;
  return ((workerData as Record<string, unknown>)[KEY] as ThreadData | undefined) ?? null;
}

/** Null on threads that the runtime has not started: they are a main thread of their own. */
export const thread: ThreadData | null = own();

/** The poll words of this thread: {@link U} of internal/state.ts. */
export function pollWords(): Int32Array<SharedArrayBuffer> {
  if (thread === null) return new Int32Array(new SharedArrayBuffer(64));
  const at = M_BASE + thread.m * M_SIZE + M_U;
  return new Int32Array(thread.memory.buffer, at, 16);
}

/**
 * The program's own marks in an execution trace. Go: runtime/trace. While no trace is being written they cost a test each.
 */
import type { Context } from "../context/context.ts";
import { mustBeParent, withValue } from "../context/with.ts";
import { wants } from "../errors/catalogue.ts";
import { endOrWait, type Ender } from "../scheduler/finally.ts";
import { S } from "../scheduler/p.ts";
import { suspendable } from "../internal/state.ts";
import { X } from "../shared/region.ts";

const key = Symbol("gort.trace.task");
let lastTask = 0;

/** A logical operation, such as a request: its goroutines, regions and logs are shown together. Go: trace.Task. */
export class Task implements Disposable {
  /** Its number in the trace. */
  readonly id: number;
  #ended: boolean = false;
  /** For {@link newTask}. */
  constructor(id: number) {
    this.id = id;
  }
  /** The operation is over; again does nothing. `using` does it at the end of the block. Go: Task.End. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (S.tracer !== null) S.tracer.taskEnded(this.id);
  }
  [Symbol.dispose](): void {
    this.end();
  }
}

function taskOf(ctx: Context, of: string): number {
  mustBeParent(ctx, of);
  return (ctx.value(key) as Task | undefined)?.id ?? 0;
}

/** Whether a trace is being written. Go: trace.IsEnabled. */
export function isEnabled(): boolean {
  return S.tracer !== null;
}

/**
 * Begins a task of a kind, and returns a context that carries it; what is begun with that context belongs to it. Go: trace.NewTask.
 *
 *     const [ctx, task] = newTask(background(), "request");
 *     using _ = task;
 * @throws TypeError GORT_ARGUMENT if `ctx` is no context
 */
export function newTask(ctx: Context, type: string): [Context, Task] {
  const above = taskOf(ctx, "newTask");
  // Numbers of this thread's own.
  const task = new Task(X.m * 0x1_0000_0000 + ++lastTask);
  if (S.tracer !== null) S.tracer.taskBegun(task.id, above, type);
  return [withValue(ctx, key, task), task];
}

/** A part of a task, within one goroutine. Go: trace.Region. */
export class Region implements Ender, Disposable {
  readonly #task: number;
  readonly #type: string;
  #open: boolean;
  /** For {@link startRegion}. */
  constructor(task: number, type: string) {
    this.#task = task;
    this.#type = type;
    this.#open = S.tracer !== null;
    if (S.tracer !== null) S.tracer.regionBegun(task, type);
  }
  /** Ends it, in the goroutine that began it; again does nothing. `using` does it at the end of the block. Go: Region.End. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    if (S.tracer !== null) S.tracer.regionEnded(this.#task, this.#type);
  }
  ended(): void {
    this.end();
  }
  [Symbol.dispose](): void {
    this.end();
  }
}

/**
 * Begins a region of the calling goroutine; regions nest, and the last one begun ends first. Go: trace.StartRegion.
 *
 *     using _ = startRegion(ctx, "parse");
 * @throws TypeError GORT_ARGUMENT if `ctx` is no context
 */
export function startRegion(ctx: Context, type: string): Region {
  return new Region(taskOf(ctx, "startRegion"), type);
}

/**
 * Runs `f`, which may block, in a region, and returns what it returns. Go: trace.WithRegion.
 * @throws what `f` throws; TypeError GORT_ARGUMENT if `ctx` is no context or `f` no function
 */
export function withRegion<T>(ctx: Context, type: string, f: () => T): T {
  if (typeof f !== "function") throw wants("withRegion", "a function", f);
  const region = new Region(taskOf(ctx, "withRegion"), type);
  let v: T;
  try {
    v = f();
  } catch (e) {
    region.end();
    throw e;
  }
  return endOrWait(v, region);
}
suspendable(withRegion);

/**
 * Writes a line into the trace, under the task of `ctx`. Go: trace.Log.
 * @throws TypeError GORT_ARGUMENT if `ctx` is no context
 */
export function log(ctx: Context, category: string, message: string): void {
  // A mistake is one also while no trace is being written.
  mustBeParent(ctx, "log");
  if (S.tracer !== null) S.tracer.logged(taskOf(ctx, "log"), category, message);
}

/**
 * Tracers: who is told of every switch, wake-up, creation and end. While there is none, nobody pays: the hooks stand on paths
 * that are rare then.
 *
 *     the loop     is another one (runTraced), so that the engine's code of the usual one knows nothing of this: stopped, started
 *     ready()      `inLoop` is 2 in place of 1, for bubbles too: readied
 *     newG, finish test `S.tracer`: created, ended
 *     the loop     entered, left
 *
 * A tracer only reads. It must not park, ready or throw. The tools (packages/devtools) bring theirs through gort/inspect.
 */
import type { G } from "./g.ts";
import { S, TRACE } from "./p.ts";
import { readyOutside, readyWatched } from "./park.ts";

export interface Tracer {
  /** In no queue yet. One that was entered from outside (`x` is VALUE) parks at once; its frames are complete at the next call. */
  created(g: G): void;
  /** It is about to run. */
  started(g: G): void;
  /** It has stopped at `now` (ms), and its frames are complete. Its status says why: it waits, or is runnable again. */
  stopped(g: G, now: number): void;
  ended(g: G): void;
  /** It is about to become runnable; status and frames are still those of its wait. */
  readied(g: G): void;
  /** Its labels or its name have changed. */
  relabelled(g: G): void;
  /** The thread begins and ends to run goroutines. */
  entered(): void;
  left(): void;
  /** The program's own marks: see trace/. */
  taskBegun(id: number, parent: number, type: string): void;
  taskEnded(id: number): void;
  regionBegun(task: number, type: string): void;
  regionEnded(task: number, type: string): void;
  logged(task: number, category: string, message: string): void;
}

/** Several tracers as one. */
class Fan implements Tracer {
  readonly all: readonly Tracer[];
  constructor(all: readonly Tracer[]) {
    this.all = all;
  }
  created(g: G): void {
    for (const t of this.all) t.created(g);
  }
  started(g: G): void {
    for (const t of this.all) t.started(g);
  }
  stopped(g: G, now: number): void {
    for (const t of this.all) t.stopped(g, now);
  }
  ended(g: G): void {
    for (const t of this.all) t.ended(g);
  }
  readied(g: G): void {
    for (const t of this.all) t.readied(g);
  }
  relabelled(g: G): void {
    for (const t of this.all) t.relabelled(g);
  }
  entered(): void {
    for (const t of this.all) t.entered();
  }
  left(): void {
    for (const t of this.all) t.left();
  }
  taskBegun(id: number, parent: number, type: string): void {
    for (const t of this.all) t.taskBegun(id, parent, type);
  }
  taskEnded(id: number): void {
    for (const t of this.all) t.taskEnded(id);
  }
  regionBegun(task: number, type: string): void {
    for (const t of this.all) t.regionBegun(task, type);
  }
  regionEnded(task: number, type: string): void {
    for (const t of this.all) t.regionEnded(task, type);
  }
  logged(task: number, category: string, message: string): void {
    for (const t of this.all) t.logged(task, category, message);
  }
}

let attached: readonly Tracer[] = [];

function install(): void {
  const traced = S.tracer !== null;
  S.tracer = attached.length === 0 ? null : attached.length === 1 ? attached[0]! : new Fan(attached);
  if ((S.tracer !== null) === traced) return;
  watch(traced ? -1 : 1);
  if (S.inLoop === 0) return;
  if (!traced) S.dirty |= TRACE;
  leaveLoop();
}

/** The other loop is entered, or this one anew. */
function leaveLoop(): void {
  S.deadline = 0;
  S.countdown = 1;
}

/** One more who watches every wake-up, or one fewer. */
export function watch(by: number): void {
  const before = S.watched;
  S.watched += by;
  if (before !== 0 && S.watched !== 0) return;
  S.ready = S.watched === 0 ? readyOutside : readyWatched;
  if (S.inLoop === 0) return;
  S.inLoop = S.watched === 0 ? 1 : 2;
  leaveLoop();
}

/** From now on `t` is told. */
export function attach(t: Tracer): void {
  attached = [...attached, t];
  install();
}

/** No longer. */
export function detach(t: Tracer): void {
  attached = attached.filter((other) => other !== t);
  install();
}

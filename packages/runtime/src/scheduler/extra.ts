/** What few goroutines have, in an object of its own: a G stays small. */
import type { Bubble } from "./bubble.ts";
import type { G } from "./g.ts";

export class GExtra {
  name: string = "";
  labels: Readonly<Record<string, string>> | null = null;
  /** Goroutines in `join`, first come first. */
  joiners: G[] | null = null;
  resolve: ((value: unknown) => void) | null = null;
  reject: ((error: unknown) => void) | null = null;
  promise: Promise<unknown> | null = null;
  /** The async body that blocked, which has no frame and awaits the goroutine: see frames.ts, `bodyAt`. Null where none did. */
  body: string | null = null;
  /** lockOSThread minus unlockOSThread. */
  locked: number = 0;
  /** A parallel goroutine that has started: it shares no heap with the others of this thread. */
  parallel: boolean = false;
  /** The record of a parallel goroutine: what its end is told through, or 0. */
  task: number = 0;
  /** Hears of the end of a parallel goroutine by its handle, before who joins it; whether its error is to be kept with it. */
  member: { left(g: G, v: unknown, x: number): boolean } | null = null;
  /** The bubble it is in, by {@link bubbleOf}: what a bubble is stays out of the declarations of the API. */
  bubble: object | null = null;
}

/** The extras of `g`, made on first use. */
export function extra(g: G): GExtra {
  return (g.ext ??= new GExtra());
}

/** A goroutine has the labels that its creator had then, and is in its bubble. */
export function inheritExtra(creator: GExtra, g: G): void {
  if (creator.labels !== null) extra(g).labels = creator.labels;
  if (creator.bubble !== null) (creator.bubble as Bubble).join(g);
}

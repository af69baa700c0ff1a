/**
 * Bubbles as the scheduler sees them: goroutines with a clock and run queues of their own, which a goroutine outside runs in turns
 * (testing/bubble.ts). A goroutine is in its creator's bubble: what few goroutines have (GExtra), so nobody outside pays.
 *
 *     while there is a bubble    every wake-up comes to readyWatched (park.ts), which knows whose queues to use
 *     in a bubble's turn         S.bubble is it, R.hot are its queues
 */
import type { Hot } from "../internal/hot.ts";
import { R } from "../internal/state.ts";
import type { Clock } from "../time/clock.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";

export interface Bubble {
  readonly clock: Clock;
  /** Its run queues, while it is not its turn. */
  hot: Hot;
  /** The thread's, while it is. */
  outer: Hot;
  /** `g` was made by one of its goroutines. */
  join(g: G): void;
  /** `g` has ended, or never was. */
  left(g: G): void;
  /** What `g` threw went to nobody: `kept`, somebody may ask for it yet. */
  failed(g: G, error: unknown, kept: boolean): void;
  /** Somebody asked for the outcome of `g`. */
  observed(g: G): void;
  /** What dumps say of `g` behind its state. */
  note(g: G): string;
  /** `g`, one of its own, is about to be made runnable. */
  readying(g: G): void;
  /** … and is, by somebody outside. */
  arrived(): void;
  own(o: object): void;
  owns(o: object): boolean;
}

/** The bubble `g` is in, if any. */
export function bubbleOf(g: G): Bubble | null {
  return g.ext === null ? null : (g.ext.bubble as Bubble | null);
}

/** `o` is made here and now: by the bubble whose turn it is. What an async function makes is not the bubble's. */
export function born<T extends object>(o: T): T {
  if (S.bubble !== null && R.g !== null) S.bubble.own(o);
  return o;
}

/** `o` is made on behalf of `by`, and belongs where that does, whoever asks for it. */
export function bornOf<T extends object>(o: T, by: object): T {
  if (S.bubble !== null && S.bubble.owns(by)) S.bubble.own(o);
  return o;
}

/**
 * AsyncResource's `runInAsyncScope`: the goroutine goes on in the resource's context, and back in its own. A context is
 * entered by the scheduler alone, so the goroutine gives way to itself, before and after; twice where `enterWith` has changed
 * the stores in this slice, because the scheduler takes down what was set as the goroutine stops.
 *
 *     runInAsyncScope(f) ─ parks, ready at once ─► 0, 1: f() ─► 2: it may park ─ parks, ready at once ─► 3: 4: returns
 */
import { AsyncResource } from "node:async_hooks";
import { mayPark } from "../internal/poll.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { CONTEXT, S } from "../scheduler/p.ts";
import { park, ready } from "../scheduler/park.ts";
import { type Callback, native } from "./intrinsics.ts";

const { apply } = Reflect;
export const runInAsyncScopeOf: Function = AsyncResource.prototype.runInAsyncScope;

class ScopeFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = scopeFrame;
  pc: number = 0;
  next: Frame | null = null;
  before: AsyncResource | undefined = undefined;
  readonly target: AsyncResource;
  readonly f: Callback;
  readonly self: unknown;
  readonly args: unknown[];
  v: unknown = undefined;
  x: number = 0;
  constructor(target: AsyncResource, f: Callback, self: unknown, args: unknown[]) {
    this.target = target;
    this.f = f;
    this.self = self;
    this.args = args;
  }
}

export function runInAsyncScope(target: unknown, f: unknown, self: unknown, ...args: unknown[]): unknown {
  const { g } = R;
  if (g === null || typeof f !== "function" || !(target instanceof AsyncResource) || !mayPark())
    return native(runInAsyncScopeOf, target, [f, self, ...args]);
  const frame = new ScopeFrame(target, f as Callback, self, args);
  giveWay();
  R.tail = R.tail.next = frame;
  return undefined;
}
suspendable(runInAsyncScope);

/** The goroutine goes on at once, in the context that is then its own. */
function giveWay(): void {
  const g = R.g!;
  park(g, 0, null);
  g.v = undefined;
  g.x = 0;
  ready(g);
}

function scopeFrame(frame: Frame | null): unknown {
  if (frame === null) return "gort.runInAsyncScope\n\n";
  const f = frame as ScopeFrame;
  const g = R.g!;
  switch (f.pc) {
    case 0:
      f.before = g.als;
      f.pc = 1;
      S.stores = 1;
      g.als = f.target;
      giveWay();
      return undefined;
    case 1:
      f.pc = 2;
      try {
        f.v = apply(f.f, f.self, f.args);
      } catch (e) {
        f.v = e;
        f.x = 1;
      }
      if (R.u !== 0) return undefined;
      break;
    case 2:
      f.x = R.x;
      f.v = R.v;
      break;
    case 3:
      f.pc = 4;
      g.als = f.before;
      giveWay();
      return undefined;
    default:
      if (f.x === 1) throw f.v;
      return f.v;
  }
  f.pc = (S.dirty & CONTEXT) === 0 ? 4 : 3;
  if (f.pc === 4) g.als = f.before;
  giveWay();
  return undefined;
}
suspendable(scopeFrame);

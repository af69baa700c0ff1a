/**
 * AsyncLocalStorage: a goroutine keeps the stores of its creator over every park.
 *
 * A context is held by an AsyncResource (30 ns to make, 12 ns to run in, measured on Node 26; a `snapshot()` 600 ns).
 * From Node 24 on a resource has its context as a symbol property, so two captures can be compared, and "no store at
 * all" is seen as `undefined`: goroutines without stores share `undefined` and nothing is ever switched. On Node 22
 * stores are properties of the resource itself: none, or not comparable.
 *
 * Async hooks tell who runs by `executionAsyncId()`: node:test finds the test around a nested `test()` by it. While somebody listens to
 * them, each capture is kept, whatever its stores; so is an id of its own then.
 *
 * Who pays: creation by code outside any goroutine captures once; a goroutine started by another inherits by reference.
 * The loop leaves and enters a context only when the next goroutine's differs.
 *
 * `enterWith` inside a goroutine changes the context under the scheduler's feet. Looking at it after each switch would
 * double the price of one; so the method says so itself. It is wrapped once, keeps its name, length and behaviour, and costs
 * one comparison. (`run(store, f)` needs nothing: it restores what it found before `f`'s caller can park.)
 */
import { AsyncLocalStorage, AsyncResource, executionAsyncId } from "node:async_hooks";
import { R } from "../internal/state.ts";
import type { G } from "./g.ts";
import { CONTEXT, S } from "./p.ts";

const root = new AsyncResource("GOROUTINE", { requireManualDestroy: true });
const own = Object.getOwnPropertySymbols(root);
/** Node 22 has the property too, and does not use it: there the stores are kept by async hooks, whose AsyncLocalStorage can propagate. */
const frameKey =
  "_propagate" in AsyncLocalStorage.prototype ? undefined : own.find((s) => s.description === "context_frame");
let last: AsyncResource | undefined;

const contextOf = (resource: AsyncResource): unknown =>
  (resource as unknown as Record<symbol, unknown>)[frameKey as symbol];

/** Whether async hooks are on: promises have ids then. 70 ns; where no event is on the stack and they are off, there is no id to keep. */
function isHooked(): boolean {
  return executionAsyncId() !== 0 && Object.getOwnPropertySymbols(new Promise(() => {})).length > 0;
}

/** The context of the code running now; undefined when no store is set, and nobody listens to async hooks. */
export function capture(): AsyncResource | undefined {
  const resource = new AsyncResource("GOROUTINE", { requireManualDestroy: true });
  if (isHooked()) {
    S.stores = 1;
    return resource;
  }
  if (frameKey === undefined) {
    if (Object.getOwnPropertySymbols(resource).length === own.length) return undefined;
    S.stores = 1;
    return resource;
  }
  const context = contextOf(resource);
  if (context === undefined) return undefined;
  S.stores = 1;
  if (last !== undefined && contextOf(last) === context) return last;
  last = resource;
  return resource;
}

/** The context a goroutine started here and now inherits. */
export function inherit(): AsyncResource | undefined {
  const g = R.hot.g;
  return g === null || (S.dirty & CONTEXT) !== 0 ? capture() : g.als;
}

/** After a goroutine that called enterWith stopped: it keeps what it has set, and the loop leaves that context. */
export function recapture(g: G): void {
  g.als = capture();
}

/** Runs `f(arg)` within a context. */
export function runIn<A, T>(context: AsyncResource | undefined, f: (arg: A) => T, arg: A): T {
  const g = f as (...args: unknown[]) => T;
  const resource = context ?? root;
  return frameKey === undefined
    ? (resource.runInAsyncScope(inCopy as never, undefined, g, arg) as T)
    : resource.runInAsyncScope(g, undefined, arg);
}

/** Async hooks keep the stores in the resource itself, and change them there: in a copy of it, which nobody else has. */
function inCopy<T>(f: (...args: unknown[]) => T, arg: unknown): T {
  return new AsyncResource("GOROUTINE", { requireManualDestroy: true }).runInAsyncScope(f, undefined, arg);
}

function changed(): void {
  if (R.g === null) return;
  S.dirty |= CONTEXT;
  S.countdown = 0; // schedule() looks before it goes on
}

/** Wraps `enterWith`; called when the first goroutine starts. */
export function watchStores(): void {
  const proto = AsyncLocalStorage.prototype as { enterWith: (store: unknown) => void };
  const original = proto.enterWith;
  const wrapper = {
    enterWith(this: unknown, store: unknown): void {
      changed();
      Reflect.apply(original, this, [store]);
    },
  }.enterWith;
  Object.defineProperty(proto, "enterWith", { ...Object.getOwnPropertyDescriptor(proto, "enterWith"), value: wrapper });
}

/** With async hooks `run` does not come by `enterWith`. Wrapped at once, so that everybody takes this one for the true one. */
function watchRun(): void {
  const proto = AsyncLocalStorage.prototype as { run: Function };
  const original = proto.run;
  const wrapper = {
    run(this: unknown, _store: unknown, _f: unknown): unknown {
      changed();
      return Reflect.apply(original, this, arguments);
    },
  }.run;
  Object.defineProperty(proto, "run", { ...Object.getOwnPropertyDescriptor(proto, "run"), value: wrapper });
}
if (frameKey === undefined) watchRun();

/** The store of an AsyncLocalStorage here and now. Nothing here suspends. */
import { AsyncLocalStorage } from "node:async_hooks";
import { setLeaver } from "../internal/entry.ts";
import { R, type Frame } from "../internal/state.ts";
import { isObject } from "./intrinsics.ts";

const { apply } = Reflect;
const own = AsyncLocalStorage.prototype as unknown as Record<"run" | "exit" | "getStore", Function>;
export const runOf: Function = own.run;
export const exitOf: Function = own.exit;
const { getStore } = own;

export function isStorage(value: unknown): value is AsyncLocalStorage<unknown> {
  return isObject(value) && value instanceof AsyncLocalStorage;
}

export function storeOf(storage: AsyncLocalStorage<unknown>): unknown {
  return apply(getStore, storage, []);
}

/** `enterWith` as it is now: the scheduler has wrapped it to learn of the change. */
export function enter(storage: AsyncLocalStorage<unknown>, store: unknown): void {
  AsyncLocalStorage.prototype.enterWith.call(storage, store);
}

/**
 * A store that was entered where no goroutine runs. When the frame that holds it becomes part of a goroutine, the code below
 * goes on natively, in the same context: it gets back the store it had.
 */
class Entered {
  readonly storage: AsyncLocalStorage<unknown>;
  readonly before: unknown;
  constructor(storage: AsyncLocalStorage<unknown>, before: unknown) {
    this.storage = storage;
    this.before = before;
  }
}

/** What the frame keeps until it leaves the store; null in a goroutine, whose context the scheduler keeps. */
export function entered(storage: AsyncLocalStorage<unknown>, before: unknown): Entered | null {
  if (R.g !== null) return null;
  setLeaver(leaveStores);
  return new Entered(storage, before);
}

/** From the innermost frame out, as they would have been left. */
function leaveStores(frame: Frame): void {
  for (let f: Frame | null = frame; f !== null; f = f.next)
    for (const value of Object.values(f)) if (value instanceof Entered) enter(value.storage, value.before);
}

/** `enter`, at the end of what `entered` began. */
export function leave(storage: AsyncLocalStorage<unknown>, before: unknown, _entered: Entered | null): void {
  enter(storage, before);
}

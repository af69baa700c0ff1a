/** The store of an AsyncLocalStorage here and now. Nothing here suspends. */
import { AsyncLocalStorage } from "node:async_hooks";
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

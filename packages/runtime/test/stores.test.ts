import { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } from "node:async_hooks";
import { expect, test } from "vitest";
import { seq } from "./frames.ts";
import { go, gosched, run, sleep, wait } from "../src/index.ts";

const als = new AsyncLocalStorage<string>();

test("a goroutine has its creator's store, over every kind of park", async () => {
  const seen: unknown[] = [];
  const look = (): unknown => seen.push(als.getStore());
  const main = seq(
    look,
    gosched,
    look,
    () => sleep(1),
    look,
    () => wait(Promise.resolve()),
    look,
  );
  await als.run("a", () => run(main));
  expect(seen).toEqual(["a", "a", "a", "a"]);
});

test("goroutines of different creators do not see each other's", async () => {
  const seen: Record<string, unknown[]> = { a: [], b: [], none: [] };
  const body = (name: string): (() => unknown) => {
    const look = (): unknown => seen[name]?.push(als.getStore());
    return seq(look, gosched, look, () => void go(look), gosched, gosched, look);
  };
  await Promise.all([als.run("a", () => run(body("a"))), run(body("none")), als.run("b", () => run(body("b")))]);
  expect(seen).toEqual({ a: ["a", "a", "a", "a"], b: ["b", "b", "b", "b"], none: Array(4).fill(undefined) });
});

test("enterWith in a goroutine stays with it, and with it alone", async () => {
  const seen: unknown[] = [];
  const look = (): unknown => seen.push(als.getStore());
  await Promise.all([
    run(
      seq(
        () => als.enterWith("mine"),
        gosched,
        look,
        () => sleep(1),
        look,
      ),
    ),
    run(seq(gosched, gosched, look, () => sleep(2), look)),
  ]);
  expect(seen.filter((s) => s === "mine")).toHaveLength(2);
  expect(seen.filter((s) => s === undefined)).toHaveLength(2);
  expect(als.getStore()).toBe(undefined);
});

test("while somebody listens to async hooks, a goroutine runs in a resource of its own, triggered by its creator", async () => {
  const triggers = new Map<number, number>();
  const hook = createHook({ init: (id, _type, trigger) => void triggers.set(id, trigger) }).enable();
  try {
    const seen: number[] = [];
    const look = (): unknown => seen.push(executionAsyncId());
    const creator = new AsyncResource("creator");
    await creator.runInAsyncScope(() => run(seq(look, gosched, look, () => sleep(1), look)));
    expect(new Set(seen).size).toBe(1);
    expect(triggers.get(seen[0]!)).toBe(creator.asyncId());
  } finally {
    hook.disable();
  }
});

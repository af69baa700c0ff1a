/**
 * Ours alone: callbacks of native functions block, and the functions go on where they were. Each callback takes its numbers
 * from a channel; what the other end does in between shows that it is not held up.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { type Chan, chan, go, gosched } from "gort";

function counter(): Chan<number> {
  const ch = chan<number>();
  go(() => {
    for (let n = 1; ; n++) ch.send(n);
  });
  return ch;
}

const store = new AsyncLocalStorage<string>();

export function main(): void {
  const n = counter();
  const next = (): number => n.recv()!;
  const late = <T>(value: T): T => (next(), value);
  const items = ["a", "b", "c"];

  items.forEach((x, i) => console.log(x, i, next()));
  console.log(items.map((x) => x + next()));
  console.log(
    items.filter(() => next() % 2 === 0),
    items.flatMap((x) => [x, next()]),
  );
  console.log(
    items.some(() => next() === 14),
    items.every(() => next() < 15),
  );
  console.log(
    items.find(() => next() === 17),
    items.findIndex(() => next() === 19),
    items.findLast(() => next() > 20),
  );
  console.log(
    items.reduce((sum, x) => sum + x + next(), ""),
    items.reduceRight((sum, x) => sum + x + next()),
  );
  console.log(
    [3, 1, 2].sort((a, b) => late(a - b)),
    [3, 1, 2].toSorted((a, b) => late(b - a)),
  );
  console.log(
    Array.from({ length: 3 }, (_, i) => late(i)),
    Object.groupBy(items, (x) => late(x)),
  );
  console.log(new Uint8Array([1, 2]).map((x) => late(x)));
  new Map([["k", 1]]).forEach((v, k) => console.log(k, v, next() > 0));
  new Set(["s"]).forEach((v) => console.log(v, next() > 0));
  console.log(
    "x-y".replace(/[a-z]/g, (m) => late(m.toUpperCase())),
    "x-x".replaceAll("x", (m) => late(m + m)),
  );
  console.log(items.values().some((x) => next() > 0 && x === "b"));

  // Lazy helpers: whoever drives them in compiled code may be suspended in the callback, whatever comes behind.
  const lazy = items.values().map((x) => late(x + x));
  for (const x of lazy.filter((x) => late(x !== "bb")).drop(1)) console.log("lazy", x, String(lazy));
  console.log(
    items
      .values()
      .flatMap((x) => [x, late(x)])
      .take(3)
      .toArray(),
    items
      .values()
      .map((x) => late(x))
      .reduce((a, b) => a + b),
  );

  // Taken out of their object they are the same functions.
  const { map, reduce } = Array.prototype;
  console.log(
    map.call(items, (x: string) => late(x + 1)),
    Array.prototype.filter.apply(items, [(x) => late(x > "a")]),
    reduce.call([1, 2], (a, b) => late(Number(a) + Number(b)), 0),
    Reflect.apply(Array.prototype.some, items, [(x: string) => late(x === "c")]),
  );
  const eachOf = (list: string[], f: (x: string) => string): string => list.map((x) => f(x)).join("");
  console.log(eachOf.bind(null, items)((x) => late(x)));

  // call, apply and Reflect leave no activation of their own: what they call decides.
  const add = (a: number, f: () => number): number => a + f();
  class Made {
    readonly v: number;
    constructor(f: () => number) {
      this.v = f();
    }
  }
  console.log(
    add.call(null, 1, () => late(1)),
    add.call(
      null,
      add(0, () => late(2)),
      () => late(1),
    ),
    add.apply(null, [1, () => late(3)]),
    Reflect.apply(add, null, [1, () => late(4)]),
    Reflect.apply((x: number) => late(x), null, [6]),
    Reflect.construct(Made, [() => late(7)]).v,
  );
  // Nor do they where one calls the other.
  const { apply, call } = Function.prototype;
  console.log(
    Function.prototype.apply.call(add, null, [1, () => late(5)]),
    add.call.call(add, null, 1, () => late(6)),
    apply.apply(add, [null, [1, () => late(7)]]),
    Reflect.apply(call, add, [null, 1, () => late(8)]),
    Function.prototype.call.call(items.map, items, (x: string) => late(`${x}!`)),
    (function (..._args: unknown[]): unknown {
      return apply.call(add, null, arguments);
    })(1, () => late(9)),
    (function (..._args: unknown[]): unknown {
      return Reflect.apply(items.map, items, arguments);
    })((x: string) => late(`${x}?`)),
    apply.call(() => late(10), null, undefined as never),
  );

  // A store set by `run` belongs to the goroutine inside it, and to nobody else.
  const done = chan<string>();
  for (const name of ["one", "two"])
    go(() => {
      const seen = store.run(name, () => {
        gosched();
        return store.getStore();
      });
      done.send(`${name} ${seen} ${store.getStore()}`);
    });
  // In whichever order they came to it.
  console.log([done.recv(), done.recv()].toSorted().join(" | "));
  console.log(
    store.getStore(),
    store.run("main", () => store.exit(() => late(store.getStore()))),
  );

  // A resource's context is the goroutine's while `runInAsyncScope` lasts, over every park.
  const resource = store.run("of the resource", () => new AsyncResource("resource"));
  console.log(
    store.run("outside", () => [
      resource.runInAsyncScope(
        function (this: unknown, x: number): unknown[] {
          return [this, x, store.getStore(), late(store.getStore())];
        },
        "this",
        1,
      ),
      store.getStore(),
    ]),
  );
  try {
    resource.runInAsyncScope(() => {
      late(1);
      throw new Error(`late, in ${store.getStore()}`);
    });
  } catch (e) {
    console.log((e as Error).message, store.getStore());
  }

  // Inside callbacks of callbacks, at any depth.
  const tree = (depth: number): number =>
    depth === 0 ? late(1) : [1, 2].map(() => tree(depth - 1)).reduce((a, b) => a + b);
  console.log(tree(8));
}

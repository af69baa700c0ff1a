/**
 * For the tests of compiled versions of native functions: every operation on the receiver, the species constructor and the
 * callback is traced, for the engine's own function and for the version, and the two traces must be the same.
 */
import { N } from "gort/natives";
import { expect } from "vitest";

export type Method = (...args: never[]) => unknown;
type Finder = (f: unknown) => Method | null;
/** Makes a receiver and the arguments behind the callback's place anew, for one run. */
type Scene = (t: Trace) => unknown[];

export const finders: Record<string, Finder> = N as unknown as Record<string, Finder>;

export class Trace {
  readonly lines: string[] = [];
  say(...xs: unknown[]): void {
    this.lines.push(xs.map((x) => this.show(x)).join(" "));
  }
  show(x: unknown): string {
    if (typeof x === "function") return `function ${x.name}`;
    if (typeof x === "symbol") return String(x);
    if (typeof x !== "object" || x === null)
      return Object.is(x, -0) ? "-0" : typeof x === "string" ? x : `${String(x)}`;
    if (this.names.has(x)) return this.names.get(x)!;
    if (x instanceof Error) return `${x.name}: ${x.message}`;
    if (x instanceof Map) return `Map(${[...x].map((p) => this.show(p)).join()})`;
    const own = Object.getOwnPropertyDescriptors(x) as Record<string, PropertyDescriptor>;
    const parts = Reflect.ownKeys(own).map((k) => {
      const d = own[k as string]!;
      const flags = `${d.writable ? "w" : ""}${d.enumerable ? "e" : ""}${d.configurable ? "c" : ""}`;
      return `${String(k)}:${flags}=${"value" in d ? this.show(d.value) : "accessor"}`;
    });
    const proto = Object.getPrototypeOf(x) as object | null;
    return `${proto === null ? "null" : (proto.constructor?.name ?? "?")}{${parts.join()}}`;
  }
  private readonly names = new Map<object, string>();
  /** A proxy that says what is done to `target`. */
  watch<T extends object>(target: T, name: string): T {
    const say =
      (what: string) =>
      (...args: unknown[]): unknown => {
        const shown = args.slice(1).filter((a) => a !== proxy && a !== target);
        this.say(name, what, ...shown);
        return (Reflect as unknown as Record<string, (...a: unknown[]) => unknown>)[what]!(...args);
      };
    const handler: ProxyHandler<T> = {};
    for (const key of Reflect.ownKeys(Reflect))
      if (typeof key === "string") (handler as Record<string, unknown>)[key] = say(key);
    const proxy = new Proxy(target, handler);
    this.names.set(proxy, name);
    return proxy;
  }
}

/** What happens when `f` is called so. */
function traced(scene: Scene, f: (args: unknown[]) => unknown): string[] {
  const t = new Trace();
  const args = scene(t);
  try {
    t.say("returned", f(args));
  } catch (e) {
    t.say("threw", e instanceof Error ? e.constructor.name : e);
  }
  t.say("left", ...args);
  return t.lines;
}

export function expectSame(native: Method, name: string, scene: Scene): void {
  const version = finders[name]!(native)!;
  expect(version).toBeTypeOf("function");
  const theirs = traced(scene, ([self, ...args]) => Reflect.apply(native, self, args));
  const ours = traced(scene, ([self, ...args]) =>
    (version as (...args: unknown[]) => unknown)(
      self,
      ...args,
      ...(name.startsWith("reduce") && args.length === 1 ? [(N as Record<string, unknown>)["ABSENT"]] : []),
    ),
  );
  expect(ours).toEqual(theirs);
}

export const plain = [
  "forEach",
  "map",
  "filter",
  "some",
  "every",
  "find",
  "findIndex",
  "findLast",
  "findLastIndex",
  "flatMap",
] as const;

/** Callbacks that say what they are given, and answer in many ways. */
export function callbacks(t: Trace): ((this: unknown, ...args: unknown[]) => unknown)[] {
  const answer = (f: (x: unknown, i: number, all: Record<number, unknown>) => unknown) =>
    function (this: unknown, ...args: unknown[]): unknown {
      t.say("call", this === undefined ? "undefined" : typeof this, ...args);
      return f(args[0], args[1] as number, args[2] as Record<number, unknown>);
    };
  return [
    answer((x) => x),
    answer((_, i) => i === 1),
    answer((_, i) => i !== 1),
    answer((_, i) => [i, [i], , i]),
    answer((x) => (typeof x === "object" ? { x } : `${String(x)}!`)),
    answer((_, i) => {
      if (i === 1) throw new RangeError("in the callback");
      return i;
    }),
    answer((_, i, all) => {
      if (i === 0) {
        delete all[1];
        all[5] = "late";
        (all as { length?: number }).length = 2;
        all[7] = "later";
      }
      return true;
    }),
    answer((_, i, all) => {
      all[i + 1] = i;
      return false;
    }),
  ];
}

export const count: number = callbacks(new Trace()).length;

interface Odd {
  throwAt?: number;
  badAt?: number;
  badReturn?: boolean;
}

/** An iterator that says how it is used. */
export function source(t: Trace, n: number, odd: Odd = {}): object {
  let i = 0;
  const iterator = Object.setPrototypeOf(
    {
      next(this: unknown, ...args: unknown[]) {
        t.say("next", ...args);
        const now = i++;
        if (now === odd.throwAt) throw new EvalError("in next");
        if (now === odd.badAt) return 5;
        return t.watch({ done: now >= n, value: now }, "result");
      },
      return(...args: unknown[]) {
        t.say("return", ...args);
        if (odd.badReturn) return 5;
        return {};
      },
    },
    Iterator.prototype,
  ) as object;
  return t.watch(iterator, "iterator");
}

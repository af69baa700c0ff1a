/** Contexts that never end by themselves: the roots, values, and what goes on when its parent has ended. */
import { nilChan } from "../chan/make.ts";
import type { RecvChan } from "../chan/ends.ts";
import type { Context } from "./context.ts";
import type { CancelCtx } from "./tree.ts";

/** Set by shared/contexts.ts. */
export const shareHook: { share: (ctx: Context) => number } = { share: () => 0 };

/** The parent of a context of this folder; null: a root, undefined: somebody's own context. */
function above(ctx: Context): Context | null | undefined {
  return (ctx as Partial<Plain>).$above;
}

/** Keys and values that `ctx` has, the farthest first, as far as its ancestors are of this folder. */
export function valuesOf(ctx: Context): [key: unknown, value: unknown][] {
  const found: [unknown, unknown][] = [];
  for (let c: Context | null | undefined = ctx; c !== null && c !== undefined; c = above(c))
    if (c instanceof ValueCtx) found.push(c.pair);
  return found.reverse();
}

/** What `ctx` or the nearest ancestor has for `key`. Not by recursion: ancestors may be many. */
export function valueOf(ctx: Context, key: unknown): unknown {
  for (let c = ctx; ;) {
    if (c instanceof ValueCtx && Object.is(c.key, key)) return c.held;
    const next = above(c);
    if (next === undefined) return c.value(key);
    if (next === null) return undefined;
    c = next;
  }
}

/** What they share. `tree` is the nearest ancestor that can end. */
export abstract class Plain implements Context {
  readonly tree: CancelCtx | null;
  constructor(tree: CancelCtx | null) {
    this.tree = tree;
  }
  /** Its parent. No name that a context of somebody's own would have. */
  abstract get $above(): Context | null;
  abstract done(): RecvChan<never>;
  abstract err(): Error | undefined;
  abstract cause(): Error | undefined;
  abstract deadline(): Date | undefined;
  abstract value(key: unknown): unknown;
  abstract get signal(): AbortSignal;
  /** As {@link CancelCtx.$share}. */
  $share(): number {
    return shareHook.share(this);
  }
  /** There is nothing that cancels it. */
  [Symbol.dispose](): void {}
}

/** Never ends, and has no deadline. */
export class Endless extends Plain {
  readonly #parent: Context | null;
  readonly #name: string;
  #controller: AbortController | null = null;
  constructor(parent: Context | null, name: string) {
    super(null);
    this.#parent = parent;
    this.#name = name;
  }
  get $above(): Context | null {
    return this.#parent;
  }
  done(): RecvChan<never> {
    return nilChan<never>();
  }
  err(): undefined {
    return undefined;
  }
  cause(): undefined {
    return undefined;
  }
  deadline(): undefined {
    return undefined;
  }
  value(key: unknown): unknown {
    return valueOf(this, key);
  }
  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }
  override toString(): string {
    return this.#parent === null ? this.#name : `${String(this.#parent)}.${this.#name}`;
  }
}

/** One value more than its parent, and nothing else. */
export class ValueCtx extends Plain {
  readonly #parent: Context;
  /** The nearest ancestor that is more than a value: who knows of the end. */
  readonly base: Context;
  readonly key: unknown;
  readonly held: unknown;
  constructor(parent: Context, tree: CancelCtx | null, key: unknown, value: unknown) {
    super(tree);
    this.#parent = parent;
    this.base = parent instanceof ValueCtx ? parent.base : parent;
    this.key = key;
    this.held = value;
  }
  get $above(): Context | null {
    return this.#parent;
  }
  get pair(): [key: unknown, value: unknown] {
    return [this.key, this.held];
  }
  done(): RecvChan<never> {
    return this.base.done();
  }
  err(): Error | undefined {
    return this.base.err();
  }
  cause(): Error | undefined {
    return this.base.cause();
  }
  deadline(): Date | undefined {
    return this.base.deadline();
  }
  value(key: unknown): unknown {
    return valueOf(this, key);
  }
  get signal(): AbortSignal {
    return this.base.signal;
  }
  override toString(): string {
    return `${String(this.#parent)}.WithValue(${named(this.key)})`;
  }
}

/** A key in text; what says nothing of itself by the name of its class. */
function named(key: unknown): string {
  if (typeof key !== "object" || key === null) return String(key);
  const maker = (key as { constructor?: unknown }).constructor;
  return typeof maker === "function" ? maker.name : "object";
}

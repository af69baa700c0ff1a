/** Contexts that never end by themselves: the roots, values, and what goes on when its parent has ended. */
import { nilChan } from "../chan/chan.ts";
import type { RecvChan } from "../chan/ends.ts";
import type { Context } from "./context.ts";
import type { CancelCtx } from "./tree.ts";

/** Set by shared/contexts.ts. */
export const shareHook: { share: (ctx: Context) => number } = { share: () => 0 };

/** Keys and values that `ctx` has, nearest first, as far as its ancestors are of this folder. */
export function valuesOf(ctx: Context): [key: unknown, value: unknown][] {
  const found: [unknown, unknown][] = [];
  for (let c: Context | null = ctx; c !== null; c = c instanceof Plain ? c.above : ((c as CancelCtx).parent ?? null))
    if (c instanceof ValueCtx) found.push(c.pair);
  return found.reverse();
}

/** What they share. `tree` is the nearest ancestor that can end. */
export abstract class Plain implements Context {
  readonly tree: CancelCtx | null;
  constructor(tree: CancelCtx | null) {
    this.tree = tree;
  }
  /** Its parent. */
  abstract get above(): Context | null;
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
  get above(): Context | null {
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
    return this.#parent?.value(key);
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
  readonly #key: unknown;
  readonly #value: unknown;
  constructor(parent: Context, tree: CancelCtx | null, key: unknown, value: unknown) {
    super(tree);
    this.#parent = parent;
    this.#key = key;
    this.#value = value;
  }
  get above(): Context | null {
    return this.#parent;
  }
  get pair(): [key: unknown, value: unknown] {
    return [this.#key, this.#value];
  }
  done(): RecvChan<never> {
    return this.#parent.done();
  }
  err(): Error | undefined {
    return this.#parent.err();
  }
  cause(): Error | undefined {
    return this.#parent.cause();
  }
  deadline(): Date | undefined {
    return this.#parent.deadline();
  }
  value(key: unknown): unknown {
    if (Object.is(this.#key, key)) return this.#value;
    // Not by recursion: values may be many.
    let c = this.#parent;
    for (; c instanceof ValueCtx; c = c.#parent) if (Object.is(c.#key, key)) return c.#value;
    return c.value(key);
  }
  get signal(): AbortSignal {
    return this.#parent.signal;
  }
  override toString(): string {
    return `${String(this.#parent)}.WithValue(${String(this.#key)})`;
  }
}

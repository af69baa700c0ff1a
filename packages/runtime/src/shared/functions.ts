/**
 * Parallel functions. The compiler gives each an id and says where the part of its module is that a thread must load to run
 * it. In the region a function is a block with both; each thread finds its own copy of the function by the block's address.
 *
 *     block   id │ url     both interned: texts.ts
 */
import { GortError } from "../errors/catalogue.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { S } from "../scheduler/p.ts";
import { wait } from "../scheduler/wait.ts";
import { isBundled, loadBundled } from "./bundled.ts";
import { allocate, X } from "./region.ts";
import { intern, textAt } from "./texts.ts";

/** What the compiler says of a parallel function, on the function itself. */
interface Mark {
  readonly id: string;
  /** The module, or the part of it, that defines the function on other threads. */
  readonly url: string;
  /** The function's block; 0 until it is first started. */
  at: number;
}

const mark: unique symbol = Symbol("gort.parallel");

/** A function that `parallel` was called on. */
export interface Parallel extends Function {
  [mark]?: Mark;
}

/** This thread's functions by id. */
const byId: Map<string, Function> = new Map();
/** By the address of their block. */
const byBlock: Map<number, Function> = new Map();

/** Compiled code: the parallel function `id` of this thread. */
export function define<F extends Function>(f: F, id: string, url: string): F {
  Object.defineProperty(f, mark, { value: { id, url, at: 0 } satisfies Mark, configurable: true });
  byId.set(id, f);
  // An arrow function that is an argument has no name; in dumps it is called what the program calls it.
  if (f.name === "") Object.defineProperty(f, "name", { value: nameIn(id), configurable: true });
  return f;
}

/** What the program calls the function with this id, `FILE#NAME#HASH`. A file's name may have a `#`, too. */
export function nameIn(id: string): string {
  return id.split("#").at(-2) ?? id;
}

export function isParallel(f: Function): f is Parallel {
  return (f as Parallel)[mark] !== undefined;
}

/** The block of `f`, made when it is first needed. */
export function addressOf(f: Parallel): number {
  const said = f[mark] as Mark;
  if (said.at !== 0) return said.at;
  const at = allocate(8);
  X.I[at >> 2] = intern(said.id);
  X.I[(at + 4) >> 2] = intern(said.url);
  byBlock.set(at, f);
  return (said.at = at);
}

/** How a thread loads a part of the program: worker.ts has its own way. */
export const parts: { load: (url: string) => Promise<unknown> } = {
  load: (url) => import(/* webpackIgnore: true */ url),
};

/** This thread's function of the block, or one that loads it first. */
export function functionAt(at: number): Function {
  const known = byBlock.get(at);
  if (known !== undefined) return known;
  const id = textAt(X.I[at >> 2] as number) as string;
  let here = byId.get(id);
  const url = textAt(X.I[(at + 4) >> 2] as number) as string;
  if (here === undefined && isBundled(url)) {
    try {
      const waits = loadBundled(url, id);
      if (waits !== undefined) return loader(at, id, waits);
    } catch (e) {
      // In the goroutine, not in who takes it.
      return () => {
        throw e;
      };
    }
    here = byId.get(id);
    if (here === undefined) throw new GortError("GORT_PARALLEL_LOST", id);
  }
  if (here !== undefined) {
    byBlock.set(at, here);
    return here;
  }
  let part = under.get(url);
  if (part === undefined) under.set(url, (part = parts.load(url)));
  return loader(at, id, part);
}

/** The same, for who can wait for it: this thread's function of the block. */
export async function loaded(at: number): Promise<Function> {
  const known = byBlock.get(at);
  if (known !== undefined) return known;
  const id = textAt(X.I[at >> 2] as number) as string;
  const url = textAt(X.I[(at + 4) >> 2] as number) as string;
  if (!byId.has(id)) await (isBundled(url) ? loadBundled(url, id) : parts.load(url));
  const found = byId.get(id);
  if (found === undefined) throw new GortError("GORT_PARALLEL_LOST", id);
  byBlock.set(at, found);
  return found;
}

/** Parts that are being loaded. */
const under: Map<string, Promise<unknown>> = new Map();

function loader(at: number, id: string, loaded: Promise<unknown>): Function {
  S.shared?.loads(true);
  const loads = (): void => S.shared?.loads(false);
  // It may fail before the goroutine that is to hear of it runs.
  void loaded.then(loads, loads);
  const load = (...args: unknown[]): unknown => {
    wait(loaded);
    R.tail = R.tail.next = new LoadFrame(at, id, args);
    return undefined;
  };
  // What it is called in dumps and traces until it is there.
  return Object.defineProperty(load, "name", { value: nameIn(id) });
}

/** Waits for the part to be loaded, then is the function's caller. */
class LoadFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = loadFrame;
  /** 1: the part is being loaded; 2: the function runs. */
  pc: number = 1;
  next: Frame | null = null;
  readonly at: number;
  readonly id: string;
  readonly args: unknown[];
  constructor(at: number, id: string, args: unknown[]) {
    this.at = at;
    this.id = id;
    this.args = args;
  }
}

function loadFrame(frame: Frame | null): unknown {
  if (frame === null) return "gort.load\n\n";
  if (R.x === 1) throw R.v;
  const f = frame as LoadFrame;
  if (f.pc === 2) return R.v;
  f.pc = 2;
  const found = byId.get(f.id);
  if (found === undefined) throw new GortError("GORT_PARALLEL_LOST", f.id);
  byBlock.set(f.at, found);
  return (found as (...args: unknown[]) => unknown)(...f.args);
}
suspendable(loadFrame);

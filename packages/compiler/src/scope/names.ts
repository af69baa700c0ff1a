/**
 * What variables are called in the output: unlike all that a function that is taken apart knows of, and nowhere like what the output
 * uses itself. Bundlers' short names often are, so the module's own are renamed too; what is exported keeps its name outside.
 */
import { type Binding, type Fn, treeOf } from "../tree/binding.ts";
import type { Scopes } from "./resolution.ts";

/** Names the output uses itself. */
const reserved = /^\$(R0?|U0?|N0?|M0?|p|F|o|e|g|u|v|caught|this|args|target|home|super|[a-z]?\d+v?|[fco]\d+\w*)$/;

/** … and those it uses in functions that are not taken apart. */
const everywhere = /^\$(R0?|U0?|N0?|caught|s\d+)$/;

/** Names sloppy code may give a `var`, but not what it becomes. */
const strictWords = /^(let|static|yield|await|implements|interface|package|private|protected|public)$/;

export function isReserved(name: string): boolean {
  return reserved.test(name);
}

/** The same of a global, which must keep its name: for `$M` and `$1` the output has others, and no number of its own begins with 0. */
export function isReservedGlobal(name: string): boolean {
  return reserved.test(name) && !/^\$(?:M$|\d+$|[a-z]?0\d)/.test(name);
}

/** The number of the first temporary: behind those of all globals, which are called the same. */
export function firstTemporary(globals: ReadonlySet<string>): number {
  let first = 0;
  for (const name of globals) first = Math.max(first, Number(/^\$(\d{1,9})$/.exec(name)?.[1] ?? -1) + 1);
  return first;
}

export function nameBindings(scopes: Scopes): void {
  const all = [{ fn: scopes.module, top: scopes.top }, ...scopes.wrappers];
  // What an `eval` or a `with` looks up when it runs must be called as it was.
  const looksUp = scopes.evals.length > 0 || [...scopes.left.values()].some((why) => why.endsWith("`with`"));
  if (!looksUp) nameReserved(scopes);
  // What functions find around them, by the module or the wrapper they stand in; wrappers stand behind those around them.
  const bases = new Map<Fn, Set<string>>();
  for (const { fn, top } of all) {
    const around = fn.parent === null ? ["arguments", "undefined"] : bases.get(fn.parent)!;
    const base = new Set([...around, ...top.keys(), ...[...top.values()].map((b) => b.out)]);
    bases.set(fn, base);
    if (!scopes.left.has(fn)) nameInBlocks(fn, top, base, scopes.globals);
  }
  for (const root of scopes.fns) {
    if (root.parent?.kind !== "module" || !root.converted) continue;
    const base = bases.get(root.parent)!;
    for (const fn of treeOf(root)) {
      // Those it captures are parameters of what makes it. Others may be called the same, `exports` above all: by that name
      // Node.js knows what a file exports.
      const around = new Set([...fn.captures].map((b) => b.out));
      const names = new Names(
        (name) => base.has(name) || around.has(name) || (scopes.globals.has(name) && usesGlobal(fn, name)),
      );
      for (const b of fn.bindings) b.out = names.next(b.name);
    }
  }
}

/** The variables of blocks at the top. */
function nameInBlocks(fn: Fn, top: Map<string, Binding>, base: Set<string>, globals: Set<string>): void {
  const names = new Names((name) => base.has(name) || globals.has(name));
  for (const b of fn.bindings) {
    // A function of a block that is a `var` of the module too: the engine knows by its name, unless the block is taken apart.
    if (b.module || (b.node?.$hoist !== undefined && !b.apart)) continue;
    // So are those of blocks that stay as they are, `catch (e) { var e; }` above all.
    if (b.apart || b.kind === "self" || (reserved.test(b.name) && b.node === null)) {
      const declared = b.kind === "catch" && !b.apart ? top.get(b.name) : undefined;
      base.add((b.out = declared?.kind === "var" ? declared.out : names.next(b.name)));
    }
  }
}

/** Whether the global of that name is used in a function or in one inside it. */
function usesGlobal(fn: Fn, name: string): boolean {
  const open = [fn];
  for (let f = open.pop(); f !== undefined; f = open.pop()) {
    if (f.globals?.has(name) === true) return true;
    open.push(...f.children);
  }
  return false;
}

/** The variables of the module, and of functions that are printed as they stand. */
function nameReserved(scopes: Scopes): void {
  const tops = [scopes.module, ...scopes.wrappers.map((w) => w.fn)];
  const all = new Set(scopes.globals);
  for (const fn of [...tops, ...scopes.fns]) for (const b of fn.bindings) all.add(b.name);
  const names = new Names((name) => all.has(name));
  for (const top of tops) {
    const hoisted = new Set(top.bindings.map((b) => b.node?.$hoist as Binding | undefined));
    for (const b of top.bindings) if (b.module && reserved.test(b.name) && !hoisted.has(b)) b.out = names.next(b.name);
  }
  for (const fn of scopes.fns)
    if (!fn.converted)
      for (const b of fn.bindings)
        // What `catch (e) { var e; }` declares the engine knows by its name.
        if (everywhere.test(b.name) && /^(?:let|const|class|param)$/.test(b.kind)) b.out = names.next(b.name);
}

/** A variable that had to keep a name of the output's own; null where all are kept apart. */
export function clashing(scopes: Scopes): Binding | null {
  for (const fn of [scopes.module, ...scopes.wrappers.map((w) => w.fn)])
    for (const b of fn.bindings) if (reserved.test(b.out) && b.refs.length > 0) return b;
  for (const fn of scopes.fns)
    for (const b of fn.bindings) if ((fn.converted ? reserved : everywhere).test(b.out) && b.refs.length > 0) return b;
  return null;
}

/** The number behind which what is called `f$r1` and so on, as clones are, is nobody's: a file may be the output of a compiler, even of this. */
export function lastClone(scopes: Scopes): number {
  let last = 0;
  const look = (name: string): void => {
    const n = Number(/\$r(\d{1,9})$/.exec(name)?.[1] ?? 0);
    if (n > last) last = n;
  };
  for (const name of scopes.globals) look(name);
  for (const fn of [scopes.module, ...scopes.wrappers.map((w) => w.fn), ...scopes.fns])
    for (const b of fn.bindings) look(b.name);
  return last;
}

/** Gives out names, each once. */
class Names {
  readonly #isTaken: (name: string) => boolean;
  readonly #given: Set<string> = new Set();
  /** How often a name was asked for. */
  readonly #asked: Map<string, number> = new Map();

  constructor(isTaken: (name: string) => boolean) {
    this.#isTaken = isTaken;
  }

  next(name: string): string {
    let n = this.#asked.get(name) ?? 0;
    let out: string;
    do {
      out = n > 0 ? `${name}$${n}` : reserved.test(name) || strictWords.test(name) ? `${name}$` : name;
      n++;
    } while (this.#given.has(out) || this.#isTaken(out));
    this.#asked.set(name, n);
    this.#given.add(out);
    return out;
  }
}

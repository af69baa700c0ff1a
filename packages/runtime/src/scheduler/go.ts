/**
 * Starting goroutines. Compiled code calls `R.goAt` for a bare statement and `R.goKept` where the handle is used, with the
 * place as a constant string; `go` itself serves code that is not compiled and calls the compiler cannot see.
 */
import type { AsyncResource } from "node:async_hooks";
import { GortError, wants } from "../errors/catalogue.ts";
import { R, U } from "../internal/state.ts";
import { inherit } from "./als.ts";
import { fatal } from "./fatal.ts";
import { FRESH, FRESH_MANY, FRESH_ONE, KEPT, LOOSE, MAIN } from "./status.ts";
import { G, type Goroutine } from "./g.ts";
import { inheritExtra } from "./extra.ts";
import { install } from "./hooks.ts";
import { wake, wakeBehindEvents } from "./wake.ts";
import { S } from "./p.ts";
import { moreIds } from "../shared/ids.ts";
import { POLL } from "../shared/layout.ts";
import { goParallel, isParallel } from "../shared/parallel.ts";

/** Makes a goroutine that is in no queue yet. `x` and `w` as in {@link G}. */
export function newG(
  f: Function,
  x: number,
  w: unknown,
  flags: number,
  site: string | null,
  als: AsyncResource | undefined = inherit(),
): G {
  const hot = R.hot;
  const creator = hot.g;
  if (S.created++ === 0) install();
  if (S.nextId === S.lastId) moreIds();
  const parent = creator === null ? 0 : creator.id;
  let g = flags === LOOSE ? hot.free : null;
  if (g === null) g = new G(S.nextId++, flags, f, x, w, parent, site, als);
  else {
    hot.free = g.next as G | null;
    g.again(S.nextId++, f, x, w, parent, site, als);
  }
  if (creator !== null && creator.ext !== null) inheritExtra(creator.ext, g);
  if (++S.count > S.maxAlive) S.maxAlive = S.count;
  if (S.tracer !== null) S.tracer.created(g);
  return g;
}

/** Queues a new goroutine: next on this P, as Go does. */
export function start(g: G): void {
  S.runq.putNext(g);
  if (S.inLoop === 0) wake();
  else if (S.runq.globalSize() >= S.crowd && S.crowded === 0) {
    S.crowded = 1;
    U[0] = POLL;
  }
}

/** Queues a new goroutine that a socket's event has started: see netReady. */
export function startInOrder(g: G): void {
  S.runq.put(g);
  if (S.inLoop === 0) wakeBehindEvents();
}

function notAFunction(f: unknown): never {
  if (f === null || f === undefined) fatal("go of nil func value", "GORT_GO_NIL");
  throw wants("go", "a function", f);
}

/** The arguments of an `arguments` object from the third on. */
function rest(args: IArguments): unknown[] {
  const out: unknown[] = [];
  for (let i = 2; i < args.length; i++) out.push(args[i]);
  return out;
}

// The parameters are written out, not a rest array: creation is on the hot path.
function goAt(site: string | null, f: Function, a?: unknown): void {
  if (typeof f !== "function") notAFunction(f);
  const n = arguments.length;
  if (S.parallels !== 0 && isParallel(f)) goParallel(f, rest(arguments), 0, site);
  else if (n === 2) start(newG(f, FRESH, null, LOOSE, site));
  else if (n === 3) start(newG(f, FRESH_ONE, a, LOOSE, site));
  else start(newG(f, FRESH_MANY, rest(arguments), LOOSE, site));
}

function goKept(site: string | null, f: Function, a?: unknown): G {
  if (typeof f !== "function") notAFunction(f);
  const n = arguments.length;
  if (S.parallels !== 0 && isParallel(f)) return goParallel(f, rest(arguments), KEPT, site) as G;
  const g =
    n === 2
      ? newG(f, FRESH, null, KEPT, site)
      : n === 3
        ? newG(f, FRESH_ONE, a, KEPT, site)
        : newG(f, FRESH_MANY, rest(arguments), KEPT, site);
  start(g);
  return g;
}

R.goAt = goAt;
R.goKept = goKept;

/** The place the compiler left for a call it could not rewrite; read once. */
export function takeSite(): string | null {
  const site = R.s;
  R.s = null;
  return site;
}

/** Makes and queues a goroutine from an array of arguments. */
export function spawn(f: Function, args: unknown[], flags: number, site: string | null): G {
  if (typeof f !== "function") notAFunction(f);
  const n = args.length;
  const g =
    n === 0
      ? newG(f, FRESH, null, flags, site)
      : n === 1
        ? newG(f, FRESH_ONE, args[0], flags, site)
        : newG(f, FRESH_MANY, args, flags, site);
  return g;
}

function mustBeCompiled(): void {
  if (R.modules === 0) throw new GortError("GORT_NOT_COMPILED");
}

/**
 * Starts `f(...args)` as a goroutine that runs concurrently with its caller, and returns its handle. Go's `go`
 * statement.
 *
 * As a bare statement, an exception that leaves `f` ends the process, as in Go. A handle that is kept holds the
 * exception for `join` or `asPromise`. `undefined` and `null` in place of `f` end the process, as in Go ("go of nil func value").
 * @throws TypeError GORT_ARGUMENT if `f` is anything else that is no function; GortError GORT_NOT_COMPILED if no compiled module has been loaded
 */
export function go<A extends unknown[], T>(f: (...args: A) => T, ...args: A): Goroutine<T> {
  mustBeCompiled();
  if (S.parallels !== 0 && typeof f === "function" && isParallel(f))
    return goParallel(f, args, KEPT, takeSite()) as unknown as Goroutine<T>;
  const g = spawn(f, args, KEPT, takeSite());
  start(g);
  return g as unknown as Goroutine<T>;
}

/**
 * Runs `main` as a goroutine, from ordinary code. Resolves with what it returns, rejects with what it throws. If everything is
 * asleep while it has not ended, the process ends with Go's "all goroutines are asleep - deadlock!".
 */
export function run<A extends unknown[], T>(main: (...args: A) => T, ...args: A): Promise<Awaited<T>> {
  try {
    mustBeCompiled();
    if (typeof main !== "function") throw wants("run", "a function", main);
  } catch (e) {
    return Promise.reject(e as Error);
  }
  R.ran = true;
  const g = spawn(main, args, KEPT | MAIN, takeSite());
  const promise = g.asPromise();
  start(g);
  return promise as Promise<Awaited<T>>;
}

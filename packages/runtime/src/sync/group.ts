/**
 * Group: goroutines that work on parts of one task. The first that fails ends the context of all; `wait` throws its error.
 * Go: golang.org/x/sync/errgroup.
 *
 *     go(f) ─► GroupFrame under f: hears how it ended ─► #ended: the next of those who wait in `go` for the limit, then `wait`
 *
 * The goroutine that failed first is held as a kept handle is: an error nobody waits for is fatal when the group is collected or
 * the process ends.
 */
import { background } from "../context/background.ts";
import type { Context } from "../context/context.ts";
import { asError, Canceled } from "../context/errors.ts";
import { CancelCtx } from "../context/tree.ts";
import { mustBeParent } from "../context/with.ts";
import { SyncError, wants, wantsRange } from "../errors/catalogue.ts";
import { R, suspendable, type Frame } from "../internal/state.ts";
import { watch } from "../scheduler/ctx.ts";
import { waits } from "../scheduler/finally.ts";
import { extra } from "../scheduler/extra.ts";
import { KEPT, REASON_SHIFT, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { spawn, start, takeSite } from "../scheduler/go.ts";
import { S } from "../scheduler/p.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { GROUP_GO, GROUP_WAIT } from "../scheduler/reason.ts";
import { observed } from "../scheduler/unjoined.ts";
import { WaitQ } from "../scheduler/waitq.ts";
import { ENDS } from "../shared/layout.ts";
import { goParallel, isParallel } from "../shared/parallel.ts";
import { staysHere } from "../shared/refusal.ts";

/** A group of goroutines, and a context that ends when one of them fails. Go: errgroup.Group. */
export class Group implements Waitable {
  /** Ends when a goroutine of the group fails, when `wait` returns, and with the context given. */
  readonly ctx: Context;
  readonly #cancel: CancelCtx;
  /** Goroutines that have not ended, and callers of `go` that have been given a place. */
  #active: number = 0;
  #limit: number = Infinity;
  /** The goroutine that failed first, and its error. */
  #failed: G | null = null;
  #error: unknown = undefined;
  /** Callers of `go` that wait for a place. */
  readonly #entering: WaitQ = new WaitQ();
  readonly #waiting: WaitQ = new WaitQ();

  /** @param ctx the parent of the group's context. Go: errgroup.WithContext */
  constructor(ctx: Context = background()) {
    mustBeParent(ctx, "Group");
    this.ctx = this.#cancel = new CancelCtx(ctx);
    this.#cancel.join(ctx);
  }

  /**
   * Starts `f(...args)` as a goroutine of the group, parking the caller while there are as many as the limit allows. It has ended
   * when `f` has; an `async` function when its promise has settled. A parallel function runs on any thread, is given what can cross
   * (`group.ctx` does), and its error comes back. Go: Go.
   */
  go<A extends unknown[]>(f: (...args: A) => unknown, ...args: A): void {
    if (typeof f !== "function") throw wants("Group.go", "a function", f);
    const site = takeSite();
    if (this.#active < this.#limit) {
      this.#active++;
      this.begin(f, args, site);
      return;
    }
    const g = current();
    this.#entering.push(g);
    park(g, GROUP_GO, this);
    R.tail = R.tail.next = new GoFrame(this, f, args, site);
  }

  /** The same if the limit allows it now; whether it did. Go: TryGo. */
  tryGo<A extends unknown[]>(f: (...args: A) => unknown, ...args: A): boolean {
    if (typeof f !== "function") throw wants("Group.tryGo", "a function", f);
    if (this.#active >= this.#limit) return false;
    this.#active++;
    this.begin(f, args, takeSite());
    return true;
  }

  /**
   * Parks the caller until all have ended, ends the group's context, and throws what the first that failed threw. Go: Wait.
   * @param ctx stop waiting when it ends (throws its error; the group goes on)
   */
  wait(ctx?: Context): void {
    if (this.#active === 0) {
      this.settle();
      return;
    }
    const g = current();
    this.#waiting.push(g);
    park(g, GROUP_WAIT, this);
    R.tail = R.tail.next = new WaitFrame(this);
    if (ctx !== undefined) watch(g, ctx);
  }

  /**
   * At most `n` goroutines at a time; negative or Infinity: no limit; 0: none at all. Go: SetLimit.
   * @throws SyncError GORT_GROUP_LIMIT "errgroup: modify limit while N goroutines in the group are still active"
   */
  setLimit(n: number): void {
    if (!Number.isInteger(n) && n !== Infinity) throw wantsRange("Group.setLimit", "a whole number", n);
    if (this.#active > 0) {
      throw new SyncError(
        "GORT_GROUP_LIMIT",
        `errgroup: modify limit while ${this.#active} goroutines in the group are still active`,
      );
    }
    this.#limit = n < 0 ? Infinity : n;
  }

  /** For a caller of `go` that has been given a place. */
  begin(f: Function, args: unknown[], site: string | null): void {
    if (S.parallels !== 0 && isParallel(f)) {
      try {
        extra(goParallel(f, args, KEPT, site, ENDS) as G).member = this;
      } catch (e) {
        // An argument cannot cross: there is no goroutine.
        this.#vacate();
        throw e;
      }
      return;
    }
    const g = spawn(f, args, KEPT, site);
    g.frame = new GroupFrame(this, g);
    start(g);
  }

  /** A goroutine of the group has ended. Gives whether its error is to be kept with it. */
  left(g: G, v: unknown, x: number): boolean {
    const failed = x === 1 && v !== R.exit;
    const first = failed && this.#failed === null;
    if (first) {
      this.#failed = g;
      this.#error = v;
      this.#cancel.cancel(Canceled, asError(v));
    }
    this.#vacate();
    return first || (x === 1 && !failed);
  }

  /** A place is free. */
  #vacate(): void {
    const next = this.#entering.shift() as G | null;
    if (next !== null) {
      // The place goes on to it.
      next.v = undefined;
      next.x = VALUE;
      ready(next);
    } else if (--this.#active === 0) {
      for (let w = this.#waiting.shift() as G | null; w !== null; w = this.#waiting.shift() as G | null) {
        w.v = undefined;
        w.x = VALUE;
        ready(w);
      }
    }
  }

  /** All have ended. */
  settle(): void {
    const g = this.#failed;
    if (g === null) {
      this.#cancel.cancel(Canceled, Canceled);
      return;
    }
    observed(g);
    throw this.#error;
  }

  cancelWait(g: G): void {
    if (g.status >> REASON_SHIFT === GROUP_GO) this.#entering.remove(g);
    else this.#waiting.remove(g);
  }
}

suspendable(Group.prototype.go);
staysHere(Group, "pass its `ctx`, and start parallel functions from here, group.go(f, …); or make one there");

/** Under each goroutine of a group. */
class GroupFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = groupFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly group: Group;
  readonly g: G;
  constructor(group: Group, g: G) {
    this.group = group;
    this.g = g;
  }
}

function groupFrame(frame: Frame | null): unknown {
  if (frame === null) return "gort.Group\n\n";
  const f = frame as GroupFrame;
  if (waits(f)) return undefined;
  const { v, x } = R;
  if (f.group.left(f.g, v, x)) throw v;
  return undefined;
}

/** A caller of `go` that waits for a place. */
class GoFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = goFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly group: Group;
  readonly f: (...args: never[]) => unknown;
  readonly args: unknown[];
  readonly site: string | null;
  constructor(group: Group, f: (...args: never[]) => unknown, args: unknown[], site: string | null) {
    this.group = group;
    this.f = f;
    this.args = args;
    this.site = site;
  }
}

function goFrame(frame: Frame | null): unknown {
  if (frame === null) return "gort.Group.go\n\n";
  if (R.x === 1) throw R.v;
  const f = frame as GoFrame;
  f.group.begin(f.f, f.args, f.site);
  return undefined;
}

/** Somebody in `wait`. */
class WaitFrame implements Frame {
  readonly r: (f: Frame | null) => unknown = waitFrame;
  pc: number = 1;
  next: Frame | null = null;
  readonly group: Group;
  constructor(group: Group) {
    this.group = group;
  }
}

function waitFrame(f: Frame | null): unknown {
  if (f === null) return "gort.Group.wait\n\n";
  if (R.x === 1) throw R.v;
  (f as WaitFrame).group.settle();
  return undefined;
}

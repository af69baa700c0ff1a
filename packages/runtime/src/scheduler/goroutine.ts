/** What a handle can do: its name, `join`, `asPromise`. The handle is the G itself. */
import type { Context } from "../context/context.ts";
import { R } from "../internal/state.ts";
import { watch } from "./ctx.ts";
import { DEAD, STATUS, THROW } from "./status.ts";
import { extra } from "./extra.ts";
import type { G } from "./g.ts";
import { frameName } from "./frames.ts";
import { S } from "./p.ts";
import { current, park } from "./park.ts";
import { JOIN } from "./reason.ts";
import { throwing } from "./stack.ts";
import { observed } from "./unjoined.ts";

export function goroutineName(g: G): string {
  const given = g.ext?.name;
  if (given !== undefined && given !== "") return given;
  let f = g.frame;
  if (f === null) return typeof g.v === "function" && (g.status & STATUS) !== DEAD ? g.v.name : "";
  while (f.next !== null) f = f.next;
  return frameName(f);
}

/** A wait for the end of a goroutine, undone. */
export class Joining {
  readonly target: G;
  constructor(target: G) {
    this.target = target;
  }
  cancelWait(g: G): void {
    const joiners = this.target.ext?.joiners;
    const i = joiners?.indexOf(g) ?? -1;
    if (i >= 0) joiners?.splice(i, 1);
  }
}

export function join(g: G, ctx?: Context, reason: number = JOIN): unknown {
  if ((g.status & STATUS) === DEAD) {
    if (g.x !== THROW) return g.v;
    observed(g);
    if (R.g !== null) throwing(g.v, R.g);
    throw g.v;
  }
  const me = current();
  const ext = extra(g);
  (ext.joiners ??= []).push(me);
  park(me, reason, new Joining(g));
  if (ctx !== undefined) watch(me, ctx);
  return undefined;
}

export function toPromise(g: G): Promise<unknown> {
  const ext = extra(g);
  if (ext.promise !== null) return ext.promise;
  if ((g.status & STATUS) !== DEAD) {
    S.mains++; // awaited by ordinary code: should nothing be able to wake it, that is a deadlock
    return (ext.promise = new Promise((resolve, reject) => {
      ext.resolve = resolve;
      ext.reject = reject;
    }));
  }
  if (g.x !== THROW) return (ext.promise = Promise.resolve(g.v));
  observed(g);
  return (ext.promise = Promise.reject(g.v as Error));
}

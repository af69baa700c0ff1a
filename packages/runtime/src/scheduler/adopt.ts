/** Goroutines made of code that was entered from outside, at the moment it blocks: what internal/entry.ts needs of the scheduler. */
import { setAdopter } from "../internal/entry.ts";
import type { Frame } from "../internal/state.ts";
import { forget } from "./finish.ts";
import { bodyAt, frameName, framePosition, isHidden } from "./frames.ts";
import { CALLBACK, KEPT, VALUE } from "./status.ts";
import { extra } from "./extra.ts";
import type { G } from "./g.ts";
import { newG } from "./go.ts";
import { S } from "./p.ts";
import { ready } from "./park.ts";
import { interrupted } from "./rejections.ts";
import { capturedStack, passing } from "./stack.ts";
import { nativeLines } from "./native-stack.ts";

setAdopter({
  adopt(kept: boolean, body?: NodeJS.CallSite): G {
    const g = newG(nothing, VALUE, null, kept ? CALLBACK | KEPT : CALLBACK, null);
    if (body !== undefined) extra(g).body = bodyAt(body);
    return g;
  },
  disown: forget,
  complete(g: G): void {
    interrupted(g);
    ready(g);
  },
  promise: (g: G): Promise<unknown> => g.asPromise(),
  answer(g: G): Promise<unknown> {
    const ext = extra(g);
    const answer = new Answer((resolve, reject) => {
      ext.resolve = (v) => resolve(asked.has(answer) ? v : undefined);
      ext.reject = reject;
    });
    S.mains++; // as asPromise does
    return (ext.promise = answer);
  },
  boxed: (g: G): Promise<{ v: unknown }> =>
    new Promise((resolve) => {
      const ext = extra(g);
      S.mains++; // as asPromise does: should nothing be able to wake it, that is a deadlock
      ext.resolve = (v) => resolve({ v });
      ext.reject = (e) => resolve(thrownBox(e, g));
    }),
  place(frame: Frame): string {
    for (let f: Frame | null = frame; f !== null; f = f.next)
      if (!isHidden(f)) return `${frameName(f)} (${framePosition(f)})`;
    return "";
  },
  here: () => nativeLines()[0]?.replace(/^\s+at /, "") ?? "",
  stack: capturedStack,
});

/** A box that throws `e` where the body opens it: only there is on the native stack who awaits the body. */
function thrownBox(e: unknown, g: G): { v: unknown } {
  const open = (): never => {
    const at = { stack: "" };
    Error.captureStackTrace(at, open);
    passing(e, g, at);
    throw e;
  };
  return Object.defineProperty({ v: undefined }, "v", { get: open });
}

/** It has begun already: its frames are captured, not called. */
function nothing(): void {}

/**
 * What the engine gets for a microtask's result. For a promise's reaction it looks at `then`, for what it awaits at `constructor`, at
 * once. The results of ticks, of `queueMicrotask` and of the `then` of a thenable it looks at never: then a result that has a `then`
 * must not be taken apart, which calls that. A `then` that blocks and returns its object would be called for ever.
 */
class Answer extends Promise<unknown> {}
const asked: WeakSet<Promise<unknown>> = new WeakSet();

// On the prototype: as an instance's own they would make all promises slower (the engine's protectors).
for (const key of ["then", "constructor"] as const) {
  const value = Promise.prototype[key];
  Object.defineProperty(Answer.prototype, key, {
    get(this: Promise<unknown>): unknown {
      asked.add(this);
      return value;
    },
  });
}

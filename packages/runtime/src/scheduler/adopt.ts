/** Goroutines made of code that was entered from outside, at the moment it blocks: what internal/entry.ts needs of the scheduler. */
import { setAdopter } from "../internal/entry.ts";
import type { Frame } from "../internal/state.ts";
import { forget } from "./finish.ts";
import { bodyAt, frameName, framePosition, isHidden } from "./frames.ts";
import { CALLBACK, extra, KEPT, VALUE, type G } from "./g.ts";
import { newG } from "./go.ts";
import { S } from "./p.ts";
import { ready } from "./park.ts";
import { interrupted } from "./rejections.ts";
import { capturedStack, nativeLines } from "./stack.ts";

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
  boxed: (g: G): Promise<{ v: unknown }> =>
    new Promise((resolve, reject) => {
      const ext = extra(g);
      S.mains++; // as asPromise does: should nothing be able to wake it, that is a deadlock
      ext.resolve = (v) => resolve({ v });
      ext.reject = reject;
    }),
  place(frame: Frame): string {
    for (let f: Frame | null = frame; f !== null; f = f.next)
      if (!isHidden(f)) return `${frameName(f)} (${framePosition(f)})`;
    return "";
  },
  here: () => nativeLines()[0]?.replace(/^\s+at /, "") ?? "",
  stack: capturedStack,
});

/** It has begun already: its frames are captured, not called. */
function nothing(): void {}

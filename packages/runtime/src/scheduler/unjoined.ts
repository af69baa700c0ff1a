/**
 * Exceptions of goroutines whose handle somebody keeps. They wait for `join` or `asPromise`; when the handle is
 * collected first, or the process ends, nobody will ever ask, and they are as fatal as any other.
 *
 * The registry holds the exception and its dump, never the G: only handles of failed goroutines are registered, so
 * goroutines that end well cost nothing.
 */
import { bubbleOf } from "./bubble.ts";
import { panicText, reportUncaught, SHOWN, unheard, type Unheard } from "./fatal.ts";
import type { G } from "./g.ts";
import { S } from "./p.ts";
import { traceback } from "./traceback.ts";

interface Failure {
  readonly id: number;
  readonly error: unknown;
  readonly text: string;
  /** Without other goroutines. */
  readonly own: string;
}

const failures: Map<number, Failure> = new Map();
const collected: { registry: FinalizationRegistry<Failure> | null } = { registry: null };

export function keepFailure(g: G, error: unknown): void {
  const own = panicText(g, error, false);
  const failure: Failure = { id: g.id, error, text: traceback.all ? panicText(g, error) : own, own };
  if (collected.registry === null) {
    collected.registry = new FinalizationRegistry((f) => {
      if (failures.delete(f.id)) reportUncaught(f.error, f.text);
    });
    process.on("exit", reportAll);
    unheard.own = unheardHere;
    unheard.report = reportAll;
  }
  failures.set(g.id, failure);
  collected.registry.register(g, failure, g);
}

/** Somebody asked for the outcome. */
export function observed(g: G): void {
  bubbleOf(g)?.observed(g);
  if (failures.delete(g.id)) collected.registry?.unregister(g);
}

/** For a process that ends for another reason: who waits may wait for what these would have done. */
function unheardHere(): Unheard {
  const texts = [...failures.values().take(SHOWN)].map(
    (f) => `goroutine ${f.id} has failed, and nobody has joined it:\n${f.own.trimEnd()}`,
  );
  return { count: failures.size, texts };
}

/** The process ends: nobody will ask any more. */
function reportAll(): void {
  if (S.stopped === 2) return; // already dying of a fatal error
  for (const f of failures.values()) {
    failures.delete(f.id);
    reportUncaught(f.error, f.text);
  }
}

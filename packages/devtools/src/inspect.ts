/**
 * The program's copy of `gort/inspect`. The library imports the one beside it; the command, which may be installed elsewhere than the
 * program, sets the one the program uses. Nothing else of this package imports from gort.
 */
import type * as GortInspect from "gort/inspect";

export type Inspect = typeof GortInspect;
export type { Frame, G, Location, StackNode, Tracer } from "gort/inspect";

const place: { current: Inspect | null } = { current: null };

/** Once, before anything here is used. */
export function useInspect(inspect: Inspect): void {
  place.current = inspect;
}

export function inspect(): Inspect {
  if (place.current === null) throw new Error("gort: the tools do not know the runtime yet");
  return place.current;
}

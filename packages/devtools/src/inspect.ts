/**
 * The program's copy of `gort/inspect`. The library imports the one beside it; the command, which may be installed elsewhere than the
 * program, sets the one the program uses. Nothing else of this package imports from gort.
 */
import { fileURLToPath } from "node:url";
import type * as GortInspect from "gort/inspect";
import type { Location } from "gort/inspect";

export type Inspect = typeof GortInspect;
export type { Frame, G, Location, Machine, StackNode, Tracer } from "gort/inspect";

const place: { current: Inspect | null } = { current: null };

/** Once, before anything here is used. */
export function useInspect(inspect: Inspect): void {
  place.current = inspect;
}

export function inspect(): Inspect {
  if (place.current === null) throw new Error("gort: the tools do not know the runtime yet");
  return place.current;
}

/** The folder of this package. Source maps give positions in `src`, also of what was built. */
const HOME: string = fileURLToPath(import.meta.url).replace(/(?:dist|src)[\\/][^\\/]*$/, "");

/** The native stack of the program's code that has called into the tools: without their own frames, as without the runtime's. */
export function callerLocations(): Location[] {
  return inspect()
    .nativeLocations()
    .filter((at) => !at.file.startsWith(HOME));
}

/** Places in the user's program: one object each for the life of the process, so that two profiles agree on addresses. */
import type { Frame } from "../internal/state.ts";
import { filePath, framePosition, frameName, isHidden } from "../scheduler/frames.ts";
import { FRESH } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { createdBy } from "../scheduler/callers.ts";
import { nativeLines } from "../scheduler/native-stack.ts";

export interface Location {
  /** From 1 on, in the order in which they were met. */
  readonly id: number;
  readonly name: string;
  /** A path where it is a file. "" if there is none. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** A frame of the runtime's own, which dumps do not show. */
  readonly hidden: boolean;
}

const byText: Map<string, Location> = new Map();
const byId: Location[] = [];

/** The location with these properties. `position`: `"file:line:column"`. */
export function location(name: string, position: string, hidden: boolean = false): Location {
  const key = `${name}\n${position}`;
  let found = byText.get(key);
  if (found === undefined) {
    const m = /^(.*?)(?::(\d+))?(?::(\d+))?$/s.exec(position)!;
    found = {
      id: byId.length + 1,
      name: name === "" ? "<anonymous>" : name,
      file: filePath(m[1] ?? ""),
      line: Number(m[2] ?? 0),
      column: Number(m[3] ?? 0),
      hidden,
    };
    byId.push(found);
    byText.set(key, found);
  }
  return found;
}

/** The location with a number. */
export function locationById(id: number): Location {
  return byId[id - 1] as Location;
}

/** By clone and safepoint: no text is made for a place that has been met. A clone belongs to a function of the source. */
const byFrame: Map<Function, (Location | undefined)[]> = new Map();

/** Where a frame stands. */
export function frameLocation(f: Frame): Location {
  const pc = f.pc < 0 ? -f.pc : f.pc;
  let known = byFrame.get(f.r);
  if (known === undefined) byFrame.set(f.r, (known = []));
  return (known[pc] ??= location(frameName(f), framePosition(f), isHidden(f)));
}

/** Where a goroutine was created, as its creator's frame; null if that is not known. */
export function siteLocation(site: string | null): Location | null {
  if (site === null) return null;
  const [name, position] = createdBy(site);
  return location(name, position);
}

/** The function a goroutine that has not run yet will start with. An anonymous one is known by its creation. */
export function startLocation(g: G): Location {
  // Made of an async body, which has no frame: it awaits.
  if (g.x < FRESH) return location("async", "");
  const name = typeof g.v === "function" ? g.v.name : "";
  if (name !== "") return location(name, "");
  const [creator, position, started] = createdBy(g.site);
  return location(started !== "" || g.site === null ? started : `${creator}.func`, position);
}

/** A line of a native stack: `    at name (file:line:column)`. */
function lineLocation(line: string): Location {
  const m = /^\s+at (?:async )?(?:(.*) \((.*)\)|(.*))$/.exec(line);
  return location(m?.[1] ?? "", m?.[2] ?? m?.[3] ?? line.trim());
}

/** The native stack of the caller, without the runtime's frames, innermost first. Some microseconds a frame. */
export function nativeLocations(): Location[] {
  return nativeLines().map(lineLocation);
}

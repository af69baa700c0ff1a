/** Who called a goroutine's frame: their names and positions, of frames that are on the heap, and who created the goroutine. */
import type { Frame } from "../internal/state.ts";
import { frameName, framePosition, isHidden } from "./frames.ts";
import type { G } from "./g.ts";

/** Callers shown at the top of a stack, and at its bottom. */
const SHOWN = 50;

/** The name and position of each caller, and of the creation; positions are frozen now. */
export class Callers {
  readonly frames: Frame[] = [];
  readonly pcs: number[] = [];
  /** Frames left out between the first SHOWN and the last. */
  elided: number = 0;
  readonly parent: number;
  readonly site: string | null;
  /** The function that was resumed last. */
  readonly resumed: string;
  constructor(f: Frame | null, g: G) {
    this.resumed = g.frame === null ? "" : frameName(g.frame);
    let n = 0;
    for (; f !== null; f = f.next) {
      if (isHidden(f)) continue;
      // The last ones go round in the second half.
      const i = n < SHOWN ? n : SHOWN + ((n - SHOWN) % SHOWN);
      this.frames[i] = f;
      this.pcs[i] = f.pc;
      n++;
    }
    if (n > 2 * SHOWN) {
      this.elided = n - 2 * SHOWN;
      const first = (n - SHOWN) % SHOWN;
      for (const list of [this.frames, this.pcs] as unknown[][]) list.push(...list.splice(SHOWN, first));
    }
    this.parent = g.parent;
    this.site = g.site;
  }

  lines(): string[] {
    const lines = this.frames.map((f, i) => `    at ${frameName(f)} (${framePosition(f, this.pcs[i])})`);
    if (this.elided > 0) lines.splice(SHOWN, 0, `    ...${this.elided} frames elided...`);
    if (this.parent !== 0) {
      const [by, at] = createdBy(this.site);
      lines.push(`    created by ${by} in goroutine ${this.parent}${at === "" ? "" : ` (${at})`}`);
    }
    return lines;
  }
}

/**
 * A site's parts: the creator, where, and what dumps call the function started there, where it has no name of its own; "" where the compiler did
 * not know.
 */
export function createdBy(site: string | null): [name: string, position: string, started: string] {
  if (site === null) return ["(unknown)", "", ""];
  const [name = "", position = "", started = ""] = site.split("\n");
  return [name, position, started];
}

/**
 * Stacks, interned: a tree whose root is the outside of every stack and whose edges are locations, innermost first. Walking a
 * goroutine's frames down the tree costs a few lookups and allocates nothing for a stack that has been met.
 *
 *     root ─leaf→ node ─its caller→ node ─…→ node = one stack
 */
import { R, type Frame } from "../internal/state.ts";
import { FRESH, RUNNABLE, STATUS } from "../scheduler/status.ts";
import type { G } from "../scheduler/g.ts";
import { frameLocation, nativeLocations, startLocation, type Location } from "./location.ts";

/** Frames kept of a stack, the innermost. Go's limit for its profiles too. */
const DEPTH = 128;

export class StackNode {
  /** 0: the empty stack. */
  readonly id: number;
  readonly up: StackNode | null;
  readonly location: Location | null;
  readonly down: Map<number, StackNode> = new Map();
  /** The frame that stood under this stack last, by clone and safepoint, and the stack with it: mostly it is the same again. */
  r: Function | null = null;
  pc: number = 0;
  to: StackNode | null = null;
  /** The others. */
  frames: Map<Function, (StackNode | undefined)[]> | null = null;
  constructor(id: number, up: StackNode | null, location: Location | null) {
    this.id = id;
    this.up = up;
    this.location = location;
  }

  /** The innermost first. */
  locations(): Location[] {
    const found: Location[] = [];
    if (this.location !== null) found.push(this.location);
    for (let node = this.up; node !== null && node.location !== null; node = node.up) found.push(node.location);
    return found.reverse();
  }
}

export class StackTable {
  readonly root: StackNode = new StackNode(0, null, null);
  #nodes: number = 0;

  /** Nodes made: their numbers go up to here. */
  get size(): number {
    return this.#nodes;
  }

  /** The stack `node` with one more caller. */
  add(node: StackNode, location: Location): StackNode {
    let next = node.down.get(location.id);
    if (next === undefined) {
      next = new StackNode(++this.#nodes, node, location);
      node.down.set(location.id, next);
    }
    return next;
  }

  /** The same with captured frames. `hidden`: also the runtime's own. */
  addFrames(node: StackNode, f: Frame | null, hidden: boolean): StackNode {
    for (let n = 0; f !== null && n < DEPTH; f = f.next) {
      const to = hidden ? this.add(node, frameLocation(f)) : this.#under(node, f);
      if (to !== node) n++;
      node = to;
    }
    return node;
  }

  /** `node` with one more frame; itself where that is hidden. */
  #under(node: StackNode, f: Frame): StackNode {
    const { r, pc } = f;
    if (node.r === r && node.pc === pc) return node.to as StackNode;
    const at = pc < 0 ? -pc : pc;
    const frames = (node.frames ??= new Map());
    let known = frames.get(r);
    if (known === undefined) frames.set(r, (known = []));
    let to = known[at];
    if (to === undefined) {
      const location = frameLocation(f);
      known[at] = to = location.hidden ? node : this.add(node, location);
    }
    node.r = r;
    node.pc = pc;
    return (node.to = to);
  }

  of(locations: readonly (Location | null)[]): StackNode {
    let node = this.root;
    for (const location of locations) if (location !== null) node = this.add(node, location);
    return node;
  }

  /** Where a goroutine stands. Above its own frames `leaf`, if there is one. */
  ofGoroutine(g: G, leaf: Location | null = null): StackNode {
    const node = leaf === null ? this.root : this.add(this.root, leaf);
    if (g === R.g) return this.ofRunning(g);
    if ((g.status & STATUS) === RUNNABLE && g.x >= FRESH) return this.add(node, startLocation(g));
    const found = this.addFrames(node, g.frame, false);
    // The runtime's own, where there is nothing else: a part of the program is being loaded.
    return found === node ? this.addFrames(node, g.frame, true) : found;
  }

  /** Where the running goroutine stands: its native stack, and its callers on the heap. */
  ofRunning(g: G): StackNode {
    return this.addFrames(this.of(nativeLocations().slice(0, DEPTH)), g.frame?.next ?? null, false);
  }
}

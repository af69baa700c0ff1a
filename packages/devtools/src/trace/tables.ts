/**
 * The strings and stacks of one thread's trace, each under a number: events name them by it, the tables stand at the end. Numbers are
 * different on each thread: all are above its `base`.
 */
import { callerLocations, type G, inspect, type Location, type StackNode } from "../inspect.ts";
import type { TraceBytes } from "./bytes.ts";
import { STACK, STRING } from "./events.ts";

/** The same for the same place on every thread: `go tool trace` tells kinds of goroutines by it. 48 bits of FNV-1a over its text. */
function addressOf(l: Location): number {
  let [a, b] = [0x811c9dc5, 0xcbf29ce4];
  for (const c of `${l.name}\n${l.file}:${l.line}:${l.column}`) {
    const code = c.codePointAt(0) as number;
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x01000193) ^ (a >>> 15);
  }
  return (b >>> 16) * 0x1_0000_0000 + (a >>> 0) + 1;
}

export class Tables {
  readonly #base: number;
  readonly #table: InstanceType<ReturnType<typeof inspect>["StackTable"]> = new (inspect().StackTable)();
  /** Stacks in use: by number of their node. */
  readonly #stacks: (StackNode | undefined)[] = [];
  readonly #strings: Map<string, number> = new Map();
  /** Stacks of one frame, by what is at hand when a goroutine is created. */
  readonly #named: Map<string | null, number> = new Map();
  readonly #anonymous: Map<string | null, number> = new Map();
  readonly #sites: Map<string, number> = new Map();

  constructor(base: number) {
    this.#base = base;
  }

  /** The empty stack. */
  get root(): StackNode {
    return this.#table.root;
  }

  /** The stack with `leaf` under `node`. */
  under(node: StackNode, leaf: Location): StackNode {
    return this.#table.add(node, leaf);
  }

  /** The number of a text. */
  string(text: string): number {
    // An empty string is none.
    const shown = text === "" ? " " : text;
    let id = this.#strings.get(shown);
    if (id === undefined) this.#strings.set(shown, (id = this.#base + this.#strings.size + 1));
    return id;
  }

  #use(node: StackNode): number {
    if (node.id === 0) return 0;
    this.#stacks[node.id] = node;
    return this.#base + node.id;
  }

  /** The function of a goroutine that has not run, by its name, an anonymous one by the place of `go`. */
  #startFrame(g: G): number {
    const named = typeof g.v === "function" && g.v.name !== "";
    const key = named ? (g.v as Function).name : g.site;
    const starts = named ? this.#named : this.#anonymous;
    let id = starts.get(key);
    if (id === undefined) starts.set(key, (id = this.#use(this.#table.of([inspect().startLocation(g)]))));
    return id;
  }

  /** The stack of a place of `go`: one frame. */
  site(site: string | null): number {
    if (site === null) return 0;
    let id = this.#sites.get(site);
    if (id === undefined) this.#sites.set(site, (id = this.#use(this.#table.of([inspect().siteLocation(site)]))));
    return id;
  }

  /** The outermost frame: what tells a kind of goroutine from others. */
  firstFrame(g: G): number {
    const { frameLocation, FRESH, startLocation } = inspect();
    if (g.x >= FRESH && g.frame === null) return this.#startFrame(g);
    let outermost: Location | null = null;
    for (let f = g.frame; f !== null; f = f.next) {
      const at = frameLocation(f);
      if (!at.hidden) outermost = at;
    }
    return this.#use(this.#table.of([outermost === null ? startLocation(g) : outermost]));
  }

  /** The stack of `g`, which is captured, on top of `root`. */
  stackOf(g: G, root: StackNode): number {
    return this.#use(this.#table.addFrames(root, g.frame, false));
  }

  /** Where the program is now, and who called that. */
  here(): number {
    const { R } = inspect();
    const node = this.#table.of(callerLocations());
    return this.#use(R.g === null ? node : this.#table.addFrames(node, R.g.frame?.next ?? null, false));
  }

  /** Writes them all: behind the last event. */
  write(bytes: TraceBytes): void {
    const stacks: { id: number; frames: number[] }[] = [];
    this.#stacks.forEach((node, id) => {
      const frames = (node as StackNode)
        .locations()
        .flatMap((l) => [addressOf(l), this.string(l.name), this.string(l.file), l.line]);
      stacks.push({ id: this.#base + id, frames });
    });
    for (const [text, id] of this.#strings) bytes.text(STRING, id, text);
    for (const { id, frames } of stacks) bytes.event(STACK, [id, frames.length / 4, ...frames]);
  }
}

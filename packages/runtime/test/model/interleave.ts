/**
 * A model checker: runs the protocol's own source (packages/runtime/wasm) with every interleaving of a few threads.
 *
 *     source ─► generators that stop before each atomic access ─► depth-first over "who goes next", by replay
 *
 * A run is told by its choices. Leaving a thread that could go on is a preemption; runs with at most `preemptions` of them are
 * tried, all of them: a higher bound finds more. Threads that wait (a lock, a futex) are not offered.
 */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import * as layout from "../../src/shared/layout.ts";

/** What a thread stops with: nothing, or what it waits for. */
export type Step = (() => boolean) | undefined;
export type Thread = Generator<Step, void | number, unknown>;
/** A function of the protocol, as a generator function. */
export type Call = (...args: (number | boolean)[]) => Generator<Step, number, unknown>;

const folder = join(import.meta.dirname, "../../wasm");
const files = [
  "lock",
  "runq",
  "wake",
  "idle",
  "sched",
  "away",
  "tasks",
  "queue",
  "channel",
  "counter",
  "units",
  "number",
  "objects",
];

interface Tree {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

/** Calls of the engine that other threads can see: a thread stops before each. */
const ATOMIC = /^atomic\.(?!wait|notify)/;

/** The source of the protocol, as the body of a function of its primitives. */
function transformed(ring: number, fine: boolean): string {
  let text = files
    .map((file) => readFileSync(join(folder, `${file}.ts`), "utf8"))
    .join("\n")
    .replace(/^import [\s\S]*?;$/gm, "")
    .replace(/^export declare .*$/gm, "")
    .replace(/^export /gm, "")
    // A thread that spins is one that waits.
    .replace("TRIES = 256", "TRIES = 1")
    .replaceAll("load<i64>", "load64")
    .replaceAll("store<i64>", "store64")
    // Conversions between kinds of numbers: there is one here.
    .replace(/(?<!\w)<(?:i32|u32|i64|f64)>/g, "");
  text = stripTypeScriptTypes(text);
  const { program } = parseSync("protocol.js", text, { sourceType: "script" });
  const names = new Set<string>();
  for (const s of program.body as unknown as Tree[])
    if (s.type === "FunctionDeclaration") names.add((s["id"] as { name: string }).name);
  const inserts: { at: number; text: string; order: number }[] = [];
  let order = 0;
  const visit = (node: Tree): void => {
    let close = "";
    if (node.type === "FunctionDeclaration") inserts.push({ at: node.start + 8, text: "*", order: order++ });
    if (node.type === "CallExpression") {
      const callee = node["callee"] as Tree;
      const name = text.slice(callee.start, callee.end);
      if (names.has(name) || name === "atomic.wait") {
        const section = name === "unlock" ? "$held--, " : "";
        inserts.push({ at: node.start, text: `(${section}yield* `, order: order++ });
        close = name === "lock" ? ", $held++)" : ")";
      } else if (ATOMIC.test(name)) {
        inserts.push({ at: node.start, text: fine ? "(yield, " : "($held > 0 || (yield), ", order: order++ });
        close = ")";
      }
    }
    for (const key in node) {
      const child = node[key];
      for (const c of Array.isArray(child) ? child : [child])
        if (c !== null && typeof c === "object" && typeof (c as Tree).type === "string") visit(c as Tree);
    }
    if (close !== "") inserts.push({ at: node.end, text: close, order: order++ });
  };
  visit(program as unknown as Tree);
  inserts.sort((a, b) => a.at - b.at || a.order - b.order);
  let out = "";
  let from = 0;
  for (const i of inserts) {
    out += text.slice(from, i.at) + i.text;
    from = i.at;
  }
  out += text.slice(from);
  const constants = Object.entries(layout)
    .map(([name, value]) => `const ${name} = ${name === "RING" ? ring : String(value)};`)
    .join("\n");
  return `${constants}\nlet $held = 0;\n${out}\nreturn { ${[...names].join(", ")} };`;
}

/** Words by their address; all begin as 0. One array for all runs, in which only what was written is undone. */
class Words {
  static readonly #all: Int32Array = new Int32Array(1 << 21);
  static #written: number[] = [];

  constructor() {
    for (const i of Words.#written) Words.#all[i] = 0;
    Words.#written = [];
  }

  get(at: number): number {
    return Words.#all[at >> 2] as number;
  }

  set(at: number, v: number): void {
    Words.#written.push(at >> 2);
    Words.#all[at >> 2] = v;
  }
}

/** The memory of one run, and the protocol over it. */
export class Model {
  readonly words: Words = new Words();
  /** Threads asleep, by address. */
  #block: number = 5_000_000;
  readonly #asleep: Map<number, { awake: boolean }[]> = new Map();

  /** The protocol as thread `m` calls it: each has its own globals. */
  thread(m: number, make: Function): Record<string, Call> {
    const { words } = this;
    const load = (at: number): number => words.get(at);
    const store = (at: number, v: number): void => void words.set(at, v | 0);
    const asleep = this.#asleep;
    const atomic = {
      load,
      store,
      add: (at: number, n: number): number => {
        const old = load(at);
        store(at, old + n);
        return old;
      },
      sub: (at: number, n: number): number => atomic.add(at, -n),
      xchg: (at: number, v: number): number => {
        const old = load(at);
        store(at, v);
        return old;
      },
      cmpxchg: (at: number, expected: number, v: number): number => {
        const old = load(at);
        if (old === expected) store(at, v);
        return old;
      },
      *wait(at: number, v: number, ns: number): Thread {
        yield undefined;
        if (load(at) !== v) return 1;
        // A wait with an end is one for a lock: it is tried again when the word has changed.
        if (ns > 0) {
          yield () => load(at) !== v;
          return 2;
        }
        const me = { awake: false };
        asleep.set(at, [...(asleep.get(at) ?? []), me]);
        yield () => me.awake;
        return 0;
      },
      notify: (at: number): number => {
        const first = asleep.get(at)?.shift();
        if (first === undefined) return 0;
        first.awake = true;
        return 1;
      },
    };
    const memory = {
      copy: (to: number, from: number, n: number): void => {
        for (let i = 0; i < n; i += 4) store(to + i, load(from + i));
      },
    };
    // The arena is not under test: a block is never used again.
    const allocate = (): number => (this.#block += 64);
    const calls = make(
      load,
      store,
      load,
      store,
      atomic,
      memory,
      () => {},
      allocate,
      () => {},
      () => {},
    ) as Record<string, Call>;
    const start = calls["setOwner"]!(m);
    while (start.next().done !== true);
    return calls;
  }
}

/** The protocol for rings of `ring` slots. 64-bit words are read and written as their low halves: nothing here needs more.
 * `fine`: a thread may stop within what a lock guards too; else only outside, which leaves less to try.
 */
export function protocol(ring: number, fine: boolean): Function {
  // oxlint-disable-next-line typescript/no-implied-eval -- the source under test, made generators
  return new Function(
    "load",
    "store",
    "load64",
    "store64",
    "atomic",
    "memory",
    "attention",
    "allocate",
    "release",
    "inherit",
    transformed(ring, fine),
  );
}

/** Preemptions to try; GORT_MODEL=n tries n more, for a long night. */
export function bound(n: number): number {
  return n + Number(process.env["GORT_MODEL"] ?? 0);
}

/** A run is some 10 to 100 microseconds, and there are many. */
export const LONG: { timeout: number } = { timeout: 300_000 };

export interface Scenario {
  /** The threads of a run, over a model in its start state. */
  start(model: Model): Thread[];
  /** Everybody has ended or waits: what must hold. `waiting`: threads that have not ended. */
  finish(model: Model, waiting: readonly number[]): void;
}

export interface Explored {
  runs: number;
  steps: number;
}

/** Tries every run of the scenario with at most `preemptions`. Throws what a run throws, with the choices that lead to it. */
export function explore(scenario: Scenario, preemptions: number): Explored {
  let runs = 0;
  let steps = 0;
  // The choice at each step where there was one: which of the threads offered, in an order that puts the current one first.
  const path: { taken: number; of: number }[] = [];
  for (;;) {
    runs++;
    const model = new Model();
    const threads = scenario.start(model);
    const waits: (Step | null)[] = threads.map(() => undefined);
    let current = -1;
    let left = preemptions;
    let depth = 0;
    const trace: number[] = [];
    try {
      for (;;) {
        const able: number[] = [];
        for (let i = 0; i < threads.length; i++) {
          const w = waits[i];
          if (w === undefined || (w !== null && w())) able.push(i);
        }
        if (able.length === 0) break;
        const goesOn = able.includes(current);
        const offered = goesOn ? [current, ...(left > 0 ? able.filter((i) => i !== current) : [])] : able;
        let taken = 0;
        if (offered.length > 1) {
          if (depth === path.length) path.push({ taken: 0, of: offered.length });
          taken = path[depth]!.taken;
          depth++;
        }
        const next = offered[taken]!;
        if (goesOn && next !== current) left--;
        current = next;
        trace.push(current);
        steps++;
        if (trace.length > 5000) throw new Error("a run without an end");
        const { done, value } = threads[current]!.next();
        waits[current] = done === true ? null : (value as Step);
      }
      scenario.finish(
        model,
        waits.flatMap((w, i) => (w === null ? [] : [i])),
      );
    } catch (e) {
      throw new Error(`${e instanceof Error ? e.message : String(e)}\nrun ${runs}: ${trace.join("")}`, { cause: e });
    }
    // The next run: the last choice that has another.
    while (path.length > 0 && path.at(-1)!.taken + 1 >= path.at(-1)!.of) path.pop();
    const last = path.at(-1);
    if (last === undefined) return { runs, steps };
    last.taken++;
  }
}

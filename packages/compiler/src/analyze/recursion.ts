/**
 * Which functions count the depth of the native stack (`$U[12]`), so that recursion goes as deep as the heap, not as the engine's
 * stack: one of every cycle of calls, and of every long way through one. A function that recurses unseen by the graph keeps the
 * engine's limit, a RangeError.
 *
 * Counting costs each call a load and a store, so as few count as possible: whoever calls itself must; of the others those that stand on many
 * ways, above all if each of their activations goes on (in an expression parser `expression`, not `primary`, which also ends
 * the recursion), and last those that the others call in loops or as callbacks. What counts answers for the frames of those that do not, up to
 * the next that does.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Fn } from "../tree/binding.ts";
import { Graph, type Vertex } from "./callgraph.ts";
import { components } from "../components.ts";

/** Bytes of a native frame without its variables, in the engine's slowest tier. */
export const FRAME = 136;
/** … and of a compiled version of a native function that it may call. */
export const SWAPPED = 500;
/** Variables of the compiler's own, where they are not known yet. */
const TEMPORARIES = 8;
/** The most that functions may need, one calling the other, without one that counts. */
const UNCOUNTED = 2000;
/** So much less is gained where a function is called in a loop. */
const OFTEN = 8;
/** So many vertices are looked at to find few functions that count; of a module that takes more, all do. */
const EFFORT = 1_000_000;

/** Sets `recursive` of the functions that count, and `$again` of the calls by which a function may be reached again. */
export function markRecursive(module: Fn, fns: readonly Fn[]): void {
  const graph = new Graph(module, fns);
  const choice = new Choice();
  let cycles = 0;
  const found = components(graph.all(), (v) => v.to).filter(isCycle);
  for (const component of found) {
    cycles++;
    for (const v of component) v.cycle = cycles;
  }
  for (const { node, from, to } of graph.edges) if (from.cycle !== 0 && from.cycle === to.cycle) node.$again = true;
  for (const component of found) choice.of(component);
}

function isCycle(component: Vertex[]): boolean {
  const [first] = component;
  return component.length > 1 || first!.to.has(first!);
}

/** Something that calls nobody who may come back here, whatever it does. */
export function endsHere(node: Node): boolean {
  if (node.$again === true) return false;
  if (isFunction(node)) return true;
  let ends = true;
  eachChild(node, (child) => {
    ends &&= endsHere(child);
  });
  return ends;
}

class Choice {
  private effort = EFFORT;
  /** Whether each activation goes on, of those that were asked: the same whoever counts, and a walk through the body. */
  private readonly goOn = new Map<Vertex, boolean>();

  /** Chooses who counts among functions that all reach each other. */
  of(component: Vertex[]): void {
    const left = new Set(component);
    for (const v of component) if (canCount(v) && callsItself(v)) this.count(v, left);
    const open = [left as ReadonlySet<Vertex>];
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
      const inside = part;
      for (const cycle of components(within(inside, left), (v) => within(v.to, inside, left))) {
        this.effort -= cycle.length;
        if (!isCycle(cycle) || !cycle.some(canCount)) continue;
        if (this.effort < 0) {
          for (const v of cycle) if (canCount(v)) this.count(v, left);
        } else {
          this.count(this.best(cycle), left);
          open.push(new Set(cycle));
        }
      }
    }
    this.frames(component, left);
  }

  /** What those that count answer for; long ways are cut. */
  private frames(component: Vertex[], left: Set<Vertex>): void {
    const needs = new Map<Vertex, number>();
    const under = (v: Vertex): number => {
      let most = 0;
      for (const w of v.to) if (left.has(w)) most = Math.max(most, needs.get(w) ?? 0);
      return most;
    };
    // Callees come before their callers.
    for (const part of components([...left], (v) => within(v.to, left))) {
      for (const v of part) {
        const n = frameOf(v) + under(v);
        if (n > UNCOUNTED && canCount(v)) this.count(v, left);
        else needs.set(v, n);
      }
    }
    for (const v of component) if (v.fn !== null && v.fn.recursive) v.fn.under = under(v);
  }

  /** On the most ways, and first of all one whose every activation goes on. */
  private best(cycle: Vertex[]): Vertex {
    const within = new Set(cycle);
    const into = new Map<Vertex, number>();
    for (const v of cycle) for (const w of v.to) if (within.has(w)) into.set(w, (into.get(w) ?? 0) + 1);
    const often = calledOften(cycle);
    let chosen = cycle[0]!;
    let high = -1;
    for (const v of cycle) {
      if (!canCount(v)) continue;
      let from = 0;
      for (const w of v.to) if (within.has(w)) from++;
      const least = (from * (into.get(v) ?? 0)) / (often.has(v) ? OFTEN : 1);
      const ways = least * 4 > high && this.goesOn(v) ? least * 4 : least;
      if (ways > high) {
        high = ways;
        chosen = v;
      }
    }
    return chosen;
  }

  private goesOn(v: Vertex): boolean {
    let known = this.goOn.get(v);
    if (known === undefined) this.goOn.set(v, (known = goesOn(v.fn!.node.body as Node)));
    return known;
  }

  private count(v: Vertex, left: Set<Vertex>): void {
    v.fn!.recursive = true;
    left.delete(v);
  }
}

function* within(vertices: Iterable<Vertex>, ...sets: ReadonlySet<Vertex>[]): Generator<Vertex> {
  for (const v of vertices) if (sets.every((s) => s.has(v))) yield v;
}

/** Those that the others call in loops, by name or not. */
function calledOften(cycle: Vertex[]): Set<Vertex> {
  const often = new Set<Vertex>();
  for (const v of cycle)
    for (const w of v.often) {
      often.add(w);
      if (w.fn === null) for (const method of w.to) often.add(method);
    }
  return often;
}

function canCount({ fn }: Vertex): boolean {
  return fn !== null && fn.kind !== "module" && fn.barrier === "" && fn.superEnd === 0;
}

function callsItself(v: Vertex): boolean {
  if (v.to.has(v)) return true;
  for (const name of v.to) if (name.fn === null && name.to.has(v)) return true;
  return false;
}

const branches = new Set(["consequent", "alternate", "cases", "handler"]);

/** Whether whoever gets to the end of it has called somebody who may come back. */
function goesOn(node: Node): boolean {
  if (node.$again === true) return true;
  if (isFunction(node)) return false;
  const isLoop = /^(?:While|For)/.test(node.type);
  const perhaps = isLoop ? "body" : node.type === "LogicalExpression" ? "right" : "";
  let sure = false;
  eachChild(node, (child, _, key) => {
    if (!branches.has(key) && key !== perhaps) sure ||= goesOn(child);
  });
  return sure;
}

function frameOf({ fn, swaps }: Vertex): number {
  if (fn === null) return 0;
  return FRAME + 8 * (fn.bindings.length + TEMPORARIES) + (swaps ? SWAPPED : 0);
}

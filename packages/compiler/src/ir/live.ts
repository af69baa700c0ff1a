/**
 * Which variables a frame must save: those some safepoint still needs.
 *
 * A backward pass over the structured form; loops to a fixpoint. Inside `try`, whatever the handler reads is live
 * everywhere, because any statement may throw.
 */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Stmt } from "./ir.ts";
import type { Binding, Fn } from "../tree/binding.ts";

/**
 * A set of variables by number, never changed: pages of 512, null where nobody is in it. Sets of neighbouring statements differ in few, and
 * have the other pages in common; so a function of 20,000 statements takes no longer for each of them.
 */
type Bits = readonly (Uint32Array | null)[];
/** Words of 32 in a page. */
const PAGE = 16;

export interface Liveness {
  /** The variables that are live behind at least one safepoint. */
  readonly saved: Binding[];
  /** Of them, those that are live behind this poll. */
  at(poll: Stmt): Binding[];
}

export function liveness(body: Stmt[]): Liveness {
  const index = new Map<Binding, number>();
  const all: Binding[] = [];
  const id = (b: Binding): number => {
    let i = index.get(b);
    if (i === undefined) {
      i = all.push(b) - 1;
      index.set(b, i);
    }
    return i;
  };
  const usesOf = new Map<Node, number[]>();
  const uses = (e: Node | null): number[] => {
    if (e === null) return [];
    let found = usesOf.get(e);
    if (found === undefined) {
      const set = new Set<number>();
      collectUses(e, (b) => set.add(id(b)));
      found = [...set];
      usesOf.set(e, found);
    }
    return found;
  };
  number(body);
  const pages = (all.length >> 9) + 1;
  const none: Bits = Array.from({ length: pages }, () => null);
  let saved = none;
  const polls = new Map<Stmt, Bits>();
  let handler: Bits = none;
  const breaks = new Map<string, Bits>();
  /** What is live at the head of each loop, as far as is known. */
  const heads = new Map<Stmt, Bits>();

  list(body, none);
  return {
    saved: all.filter((_, i) => has(saved, i)),
    at: (poll) => all.filter((_, i) => has(polls.get(poll) ?? saved, i)),
  };

  /** Gives every variable its index before the sets are sized. */
  function number(stmts: Stmt[]): void {
    for (const s of stmts) {
      if ("e" in s && s.e !== null) uses(s.e);
      if (s.t === "poll" && s.test !== undefined) uses(s.test);
      if ((s.t === "set" || s.t === "call") && s.v !== null) id(s.v);
      if (s.t === "if") {
        uses(s.test);
        number(s.yes);
        number(s.no);
      } else if (s.t === "loop") {
        uses(s.test);
        number(s.body);
      } else if (s.t === "block") number(s.body);
      else if (s.t === "try") {
        id(s.param);
        number(s.body);
        number(s.handler);
      } else if (s.t === "finally") {
        number(s.body);
        number(s.finalizer);
      } else if (s.t === "switch") {
        uses(s.disc);
        for (const c of s.cases) {
          uses(c.test);
          number(c.body);
        }
      } else if (s.t === "forof" || s.t === "forin") {
        uses(s.left);
        uses(s.right);
        number(s.body);
      }
    }
  }

  function has(a: Bits, i: number): boolean {
    const page = a[i >> 9]!;
    return page !== null && (page[(i >> 5) & (PAGE - 1)]! & (1 << (i & 31))) !== 0;
  }
  function union(a: Bits, b: Bits): Bits {
    if (a === b || b === none) return a;
    if (a === none) return b;
    let out: (Uint32Array | null)[] | null = null;
    for (let p = 0; p < pages; p++) {
      const mine = a[p]!;
      const other = b[p]!;
      if (mine === other || other === null || (mine !== null && holds(mine, other))) continue;
      out ??= a.slice();
      out[p] = mine === null || holds(other, mine) ? other : both(mine, other);
    }
    return out ?? a;
  }
  function add(a: Bits, list: readonly number[]): Bits {
    let out: (Uint32Array | null)[] | null = null;
    for (const i of list) {
      if (has(out ?? a, i)) continue;
      out ??= a.slice();
      const p = i >> 9;
      if (out[p] === a[p]) out[p] = a[p] === null ? new Uint32Array(PAGE) : a[p]!.slice();
      out[p]![(i >> 5) & (PAGE - 1)]! |= 1 << (i & 31);
    }
    return out ?? a;
  }
  function without(a: Bits, b: Binding | null): Bits {
    if (b === null) return a;
    const i = id(b);
    if (!has(a, i)) return a;
    const out = a.slice();
    const page = a[i >> 9]!.slice();
    page[(i >> 5) & (PAGE - 1)]! &= ~(1 << (i & 31));
    out[i >> 9] = page;
    return out;
  }
  function save(at: Bits): void {
    saved = union(saved, at);
  }

  function list(stmts: Stmt[], out: Bits): Bits {
    let live = out;
    for (let i = stmts.length - 1; i >= 0; i--) live = one(stmts[i]!, live);
    return live;
  }

  function one(s: Stmt, out: Bits): Bits {
    switch (s.t) {
      case "expr":
        return add(union(out, handler), uses(s.e));
      case "set":
        return add(union(without(out, s.v), handler), uses(s.e));
      case "call": {
        const rest = union(without(out, s.v), handler);
        // `new` leaves the object in the variable when it suspends; the clone keeps it unless another is returned.
        save(s.fresh && s.v !== null ? add(rest, [id(s.v)]) : rest);
        return add(rest, uses(s.e));
      }
      case "poll": {
        const rest = union(out, handler);
        save(rest);
        // Of the rounds of a fixpoint the last has all.
        polls.set(s, rest);
        return s.test === undefined ? rest : add(rest, uses(s.test));
      }
      case "if":
        return add(union(union(list(s.yes, out), list(s.no, out)), handler), uses(s.test));
      case "loop": {
        breaks.set(s.label, out);
        let head = s.test === null ? none : out;
        // In another round of a loop around it, it can only grow: begun anew each time, it would double with each loop around.
        const before = heads.get(s);
        if (before !== undefined) head = union(head, before);
        for (;;) {
          const next = add(union(union(list(s.body, head), head), s.test === null ? none : out), uses(s.test));
          // It only grows.
          if (union(head, next) === head) {
            heads.set(s, head);
            breaks.delete(s.label);
            return union(next, handler);
          }
          head = next;
        }
      }
      case "block": {
        breaks.set(s.label, out);
        const live = list(s.body, out);
        breaks.delete(s.label);
        return live;
      }
      case "break":
        return union(breaks.get(s.label) ?? none, handler);
      case "return":
      case "throw":
        return add(handler, uses(s.e));
      case "try": {
        const caught = without(list(s.handler, out), s.param);
        const outer = handler;
        handler = union(outer, caught);
        const live = union(list(s.body, out), handler);
        handler = outer;
        return live;
      }
      case "finally":
      case "forof":
      case "forin": {
        // Holds no safepoint: everything it mentions, and everything it may jump to.
        let live = union(out, handler);
        for (const b of breaks.values()) live = union(live, b);
        return mention([s], live);
      }
      case "switch": {
        breaks.set(s.label, out);
        let next = out;
        let live = union(out, handler);
        for (let i = s.cases.length - 1; i >= 0; i--) {
          next = list(s.cases[i]!.body, next);
          live = add(union(live, next), uses(s.cases[i]!.test));
        }
        breaks.delete(s.label);
        return add(live, uses(s.disc));
      }
    }
  }

  function mention(stmts: Stmt[], live: Bits): Bits {
    let out = live;
    for (const s of stmts) {
      for (const key of ["e", "test", "disc", "left", "right"] as const)
        if (key in s) out = add(out, uses((s as never)[key] as Node | null));
      for (const key of ["body", "yes", "no", "handler", "finalizer"] as const)
        if (key in s) out = mention((s as never)[key] as Stmt[], out);
      if (s.t === "switch") for (const c of s.cases) out = mention(c.body, add(out, uses(c.test)));
    }
    return out;
  }
}

/** Whether all of `b` is in `a`. */
function holds(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < PAGE; i++) if ((b[i]! & ~a[i]!) !== 0) return false;
  return true;
}

function both(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = a.slice();
  for (let i = 0; i < PAGE; i++) out[i]! |= b[i]!;
  return out;
}

/**
 * The variables that may change in a clone, which begins at the first statement with a safepoint. Writes anywhere in an
 * expression count; a boxed variable's box changes only where it is made.
 */
export function assignedBehind(body: Stmt[]): Set<Binding> {
  const out = new Set<Binding>();
  const first = body.findIndex((s) => s.lo > 0);
  const expression = (e: Node): void => {
    if (isFunction(e)) return;
    if (e.type === "AssignmentExpression") targets(e.left as Node);
    if (e.type === "UpdateExpression") targets(e.argument as Node);
    eachChild(e, expression);
  };
  const targets = (e: Node): void => {
    if (e.type === "Identifier") {
      if (e.$b !== undefined) out.add(e.$b as Binding);
    } else if (e.type !== "MemberExpression") eachChild(e, targets);
  };
  const list = (stmts: Stmt[]): void => {
    for (const s of stmts) {
      if ((s.t === "set" || s.t === "call") && s.v !== null) out.add(s.v);
      if (s.t === "try") out.add(s.param);
      if (s.t === "switch") {
        out.add(s.k);
        for (const c of s.cases) {
          if (c.test !== null) expression(c.test);
          list(c.body);
        }
      }
      if (s.t === "forof" || s.t === "forin") targets(s.left);
      for (const key of ["e", "test", "disc", "left", "right"] as const) {
        const e = (s as Partial<Record<typeof key, Node | null>>)[key];
        if (e !== undefined && e !== null) expression(e);
      }
      for (const key of ["body", "yes", "no", "handler", "finalizer"] as const) {
        const inner = (s as Partial<Record<typeof key, Stmt[]>>)[key];
        if (inner !== undefined) list(inner);
      }
    }
  };
  list(first < 0 ? [] : body.slice(first));
  return out;
}

/** Tells `use` each variable an expression mentions, one that is captured by a function in it too. */
export function collectUses(e: Node, use: (b: Binding) => void): void {
  if (e.type === "Identifier") {
    const b = e.$b as Binding | undefined;
    if (b !== undefined && !b.module) use(b);
    return;
  }
  if (isFunction(e)) {
    for (const b of (e.$fn as Fn).captures) use(b);
    return;
  }
  if (e.type === "ClassExpression" || e.type === "ClassDeclaration") {
    for (const b of classCaptures(e)) use(b);
    if (e.superClass !== null) collectUses(e.superClass as Node, use);
    for (const m of e.body.body as Node[]) if (m.computed) collectUses(m.key as Node, use);
    return;
  }
  if (e.type === "$Helper") {
    for (const a of e.args as Node[]) collectUses(a, use);
    return;
  }
  eachChild(e, collectUses, use);
}

/** What the members of a class need from around it. */
export function classCaptures(node: Node): Set<Binding> {
  const out = new Set<Binding>();
  for (const m of node.body.body as Node[]) {
    const fn = (m.type === "MethodDefinition" ? m.value.$fn : m.$fn) as Fn | undefined;
    if (fn !== undefined) for (const b of fn.captures) out.add(b);
  }
  if (node.id?.$b !== undefined) out.delete(node.id.$b as Binding);
  if (node.$self !== undefined) out.delete(node.$self as Binding);
  return out;
}

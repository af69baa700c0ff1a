/**
 * Which variables a frame must save: those some safepoint still needs.
 *
 * A backward pass over the structured form; loops to a fixpoint. Inside `try`, whatever the handler reads is live
 * everywhere, because any statement may throw.
 */
import { eachChild, isFunction, type Node } from "./ast.ts";
import type { Stmt } from "./ir.ts";
import type { Binding, Fn } from "./binding.ts";

type Bits = Uint32Array;

/** The variables that are live behind at least one safepoint of `body`. */
export function savedVariables(body: Stmt[]): Binding[] {
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
  const words = (all.length + 31) >> 5;
  const saved = new Uint32Array(words);
  const none = new Uint32Array(words);
  let handler: Bits = none;
  const breaks = new Map<string, Bits>();
  /** What is live at the head of each loop, as far as is known. */
  const heads = new Map<Stmt, Bits>();

  list(body, none);
  return all.filter((_, i) => (saved[i >> 5]! & (1 << (i & 31))) !== 0);

  /** Gives every variable its index before the sets are sized. */
  function number(stmts: Stmt[]): void {
    for (const s of stmts) {
      if ("e" in s && s.e !== null) uses(s.e);
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

  function union(a: Bits, b: Bits): Bits {
    const out = a.slice();
    for (let i = 0; i < words; i++) out[i]! |= b[i]!;
    return out;
  }
  function add(a: Bits, list: number[]): Bits {
    for (const i of list) a[i >> 5]! |= 1 << (i & 31);
    return a;
  }
  function without(a: Bits, b: Binding | null): Bits {
    const out = a.slice();
    if (b !== null) {
      const i = id(b);
      out[i >> 5]! &= ~(1 << (i & 31));
    }
    return out;
  }
  function save(at: Bits): void {
    for (let i = 0; i < words; i++) saved[i]! |= at[i]!;
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
        save(s.fresh && s.v !== null ? add(rest.slice(), [id(s.v)]) : rest);
        return add(rest, uses(s.e));
      }
      case "poll": {
        const rest = union(out, handler);
        save(rest);
        return rest;
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
          if (next.every((w, i) => w === head[i])) {
            heads.set(s, head);
            return union(next, handler);
          }
          head = next;
        }
      }
      case "block":
        breaks.set(s.label, out);
        return list(s.body, out);
      case "break":
        return union(breaks.get(s.label) ?? none, handler);
      case "return":
      case "throw":
        return add(handler.slice(), uses(s.e));
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
        return add(live, uses(s.disc));
      }
    }
  }

  function mention(stmts: Stmt[], live: Bits): Bits {
    let out = live;
    for (const s of stmts) {
      for (const key of ["e", "test", "disc", "left", "right"] as const)
        if (key in s) out = add(out.slice(), uses((s as never)[key] as Node | null));
      for (const key of ["body", "yes", "no", "handler", "finalizer"] as const)
        if (key in s) out = mention((s as never)[key] as Stmt[], out);
      if (s.t === "switch") for (const c of s.cases) out = mention(c.body, add(out.slice(), uses(c.test)));
    }
    return out;
  }
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
  eachChild(e, (child) => collectUses(child, use));
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

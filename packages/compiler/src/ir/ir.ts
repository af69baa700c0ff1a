/**
 * The intermediate form both copies of a function are printed from.
 *
 * Statements are structured; expressions stay ESTree, but hold no safepoint: a call that may suspend is a statement of
 * its own (`call`), with what was evaluated before it spilled into temporaries. Jumps are breaks out of labelled
 * blocks, `finally` is gone (a completion record instead), all variables belong to the function.
 *
 *     x = a + f(b)      =>      set $1 = a;  call $2 = f(b) #1;  set x = $1 + $2
 */
import type { Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";

/** First and last safepoint inside a statement; `lo === 0` when there is none. */
interface Range {
  lo: number;
  hi: number;
}

/** Of a `for … in`: its variable, the object, and how many statements of a round are what the engine does by itself. */
export interface Keys {
  readonly key: Binding;
  readonly object: Binding;
  readonly heads: number;
}

export type Stmt = (
  | { t: "expr"; e: Node }
  | { t: "set"; v: Binding; e: Node }
  | {
      t: "call";
      v: Binding | null;
      e: Node;
      /** The function, when it is given callbacks, or comes out of a package. */ via: Node | null;
      /** It leaves an object in `v` even when it suspends. */ fresh: boolean;
      flagOnly: boolean;
      pc: number;
    }
  /** `entry`: of a recursive function, which looks at the depth of the stack, too. */
  /** `test`: it leaves for that, in a fast copy alone. */
  /** `dead`: variables that are saved elsewhere, and that nobody needs who goes on here. */
  | { t: "poll"; pc: number; at: number; entry: boolean; test?: Node; dead?: string[] }
  | { t: "if"; test: Node; yes: Stmt[]; no: Stmt[] }
  /** `over`: a fast copy has the engine go through the keys. */
  | { t: "loop"; label: string; test: Node | null; body: Stmt[]; at: number; over?: Keys }
  | { t: "block"; label: string; body: Stmt[] }
  /** `at`: of a jump that the user wrote. */
  | { t: "break"; label: string; at?: number }
  | { t: "return"; e: Node | null; at: number }
  | { t: "throw"; e: Node; at: number }
  /**
   * `bare`: the handler takes what was thrown as it is. `cleanup`: a small `finally` that calls nothing; see {@link Cleanup}.
   */
  | {
      t: "try";
      body: Stmt[];
      param: Binding;
      handler: Stmt[];
      user: boolean;
      uses: boolean;
      bare?: true;
      cleanup?: Cleanup;
    }
  | { t: "finally"; body: Stmt[]; finalizer: Stmt[] }
  | { t: "switch"; label: string; disc: Node; cases: { test: Node | null; body: Stmt[] }[]; k: Binding }
  | { t: "forof"; label: string; left: Node; right: Node; body: Stmt[]; await: boolean }
  | { t: "forin"; label: string; left: Node; right: Node; body: Stmt[] }
) &
  Range;

/**
 * A small `finally` that calls nothing and jumps nowhere. A fast copy has the engine's own, which throws on a microsecond faster than `throw` and
 * needs no record of the completion; there the jumps stand where the record would be set.
 */
export interface Cleanup {
  completion: Binding;
  label: string;
  list: Stmt[];
  /** What each way out does, from 1. */
  exits: Stmt[][];
  /** The statements behind the block with the `try` that are for the record. */
  rest: number;
}

/** A statement before numbering. */
export type NewStmt = Stmt extends infer S ? (S extends Range ? Omit<S, "lo" | "hi"> : never) : never;

/** Numbers the safepoints from 1 in the order of the text; returns where each stands. */
export function number(body: Stmt[]): number[] {
  const at: number[] = [];
  const list = (stmts: Stmt[]): void => {
    for (const s of stmts) {
      const before = at.length;
      switch (s.t) {
        case "call":
          s.pc = at.push(callPosition(s.e));
          break;
        case "poll":
          s.pc = at.push(s.at);
          break;
        case "if":
          list(s.yes);
          list(s.no);
          break;
        case "loop":
        case "block":
        case "forof":
        case "forin":
          list(s.body);
          break;
        case "try":
          list(s.body);
          list(s.handler);
          break;
        case "finally":
          list(s.body);
          list(s.finalizer);
          break;
        case "switch":
          for (const c of s.cases) list(c.body);
          break;
      }
      if (at.length > before) {
        s.lo = before + 1;
        s.hi = at.length;
      }
    }
  };
  list(body);
  return at;
}

/** Where the engine says a call is: at the property of a method call, else at the callee. */
export function callPosition(call: Node): number {
  const callee = (call.type === "TaggedTemplateExpression" ? call.tag : call.callee) as Node;
  if (call.$at !== undefined) return call.$at as number;
  if (call.type === "NewExpression") return call.start;
  if (callee.type === "MemberExpression" && !callee.computed) return callee.property.start as number;
  return call.start;
}

type Safepoint = Stmt & { t: "call" | "poll" };

/** Whether `list` holds a safepoint that `is` says yes to; `tries`: also in the bodies of `try`. */
function someSafepoint(list: Stmt[], is: (s: Safepoint) => boolean, tries = true): boolean {
  return list.some((s) => {
    if (s.lo === 0) return false;
    switch (s.t) {
      case "call":
      case "poll":
        return is(s);
      case "if":
        return someSafepoint(s.yes, is, tries) || someSafepoint(s.no, is, tries);
      case "loop":
      case "block":
        return someSafepoint(s.body, is, tries);
      case "try":
        return tries && someSafepoint(s.body, is, tries);
      case "switch":
        return s.cases.some((c) => someSafepoint(c.body, is, tries));
      default:
        return false;
    }
  });
}

export function holdsPoll(list: Stmt[]): boolean {
  return someSafepoint(list, (s) => s.t === "poll");
}

/** Whether a safepoint stands in `list` outside of any `try`. */
export function holdsOutside(list: Stmt[]): boolean {
  return someSafepoint(list, () => true, false);
}

/** Whether a loop in `list` polls. */
export function holdsLoopPoll(list: Stmt[]): boolean {
  return loopPolls(list).length > 0;
}

/** The polls at the ends of loops. */
export function loopPolls(list: Stmt[]): (Stmt & { t: "poll" })[] {
  const found: (Stmt & { t: "poll" })[] = [];
  someSafepoint(list, (s) => {
    if (s.t === "poll" && !s.entry && s.test === undefined) found.push(s);
    return false;
  });
  return found;
}

/** Whether a call stands in `list` whose exceptions no `try` of it catches. */
export function holdsCall(list: Stmt[]): boolean {
  return someSafepoint(list, (s) => s.t === "call", false);
}

/** The outermost `try` statements in `list` that a call stands in. */
export function triesOf(list: Stmt[]): Stmt[] {
  return list.flatMap((s): Stmt[] => {
    if (s.lo === 0) return [];
    switch (s.t) {
      case "if":
        return [...triesOf(s.yes), ...triesOf(s.no)];
      case "loop":
      case "block":
        return triesOf(s.body);
      case "try":
        return someSafepoint(s.body, (x) => x.t === "call") ? [s] : [];
      case "switch":
        return s.cases.flatMap((c) => triesOf(c.body));
      default:
        return [];
    }
  });
}

/** Whether a list jumps to `label`. */
export function mentions(list: Stmt[], label: string): boolean {
  return list.some((s) => {
    switch (s.t) {
      case "break":
        return s.label === label;
      case "if":
        return mentions(s.yes, label) || mentions(s.no, label);
      case "loop":
      case "block":
      case "forof":
      case "forin":
        return mentions(s.body, label);
      case "try":
        return mentions(s.body, label) || mentions(s.handler, label);
      case "finally":
        return mentions(s.body, label) || mentions(s.finalizer, label);
      case "switch":
        return s.cases.some((c) => mentions(c.body, label));
      default:
        return false;
    }
  });
}

/**
 * The intermediate form both copies of a function are printed from.
 *
 * Statements are structured; expressions stay ESTree, but hold no safepoint: a call that may suspend is a statement of
 * its own (`call`), with what was evaluated before it spilled into temporaries. Jumps are breaks out of labelled
 * blocks, `finally` is gone (a completion record instead), all variables belong to the function.
 *
 *     x = a + f(b)      =>      set $1 = a;  call $2 = f(b) #1;  set x = $1 + $2
 */
import type { Node } from "./ast.ts";
import type { Binding } from "./binding.ts";

/** First and last safepoint inside a statement; `lo === 0` when there is none. */
interface Range {
  lo: number;
  hi: number;
}

export type Stmt = (
  | { t: "expr"; e: Node }
  | { t: "set"; v: Binding; e: Node }
  | {
      t: "call";
      v: Binding | null;
      e: Node;
      /** The function, when it is given callbacks. */ via: Node | null;
      /** It leaves an object in `v` even when it suspends. */ fresh: boolean;
      flagOnly: boolean;
      pc: number;
    }
  /** `entry`: of a recursive function, which looks at the depth of the stack, too. */
  | { t: "poll"; pc: number; at: number; entry: boolean }
  | { t: "if"; test: Node; yes: Stmt[]; no: Stmt[] }
  | { t: "loop"; label: string; test: Node | null; body: Stmt[]; at: number }
  | { t: "block"; label: string; body: Stmt[] }
  | { t: "break"; label: string }
  | { t: "return"; e: Node | null; at: number }
  | { t: "throw"; e: Node; at: number }
  | { t: "try"; body: Stmt[]; param: Binding; handler: Stmt[]; user: boolean; uses: boolean }
  | { t: "finally"; body: Stmt[]; finalizer: Stmt[] }
  | { t: "switch"; label: string; disc: Node; cases: { test: Node | null; body: Stmt[] }[]; k: Binding }
  | { t: "forof"; label: string; left: Node; right: Node; body: Stmt[]; await: boolean }
  | { t: "forin"; label: string; left: Node; right: Node; body: Stmt[] }
) &
  Range;

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

/** Whether `list` holds a safepoint that `is` says yes to, told what it is and whether it stands in the body of a `try`. */
function someSafepoint(
  list: Stmt[],
  is: (s: Stmt & { t: "call" | "poll" }, inTry: boolean) => boolean,
  inTry = false,
): boolean {
  return list.some((s) => {
    if (s.lo === 0) return false;
    switch (s.t) {
      case "call":
      case "poll":
        return is(s, inTry);
      case "if":
        return someSafepoint(s.yes, is, inTry) || someSafepoint(s.no, is, inTry);
      case "loop":
      case "block":
        return someSafepoint(s.body, is, inTry);
      case "try":
        return someSafepoint(s.body, is, true);
      case "switch":
        return s.cases.some((c) => someSafepoint(c.body, is, inTry));
      default:
        return false;
    }
  });
}

/** Whether what a call throws after a suspension may be caught by the function itself. */
export function catchesCall(list: Stmt[]): boolean {
  return someSafepoint(list, (s, inTry) => s.t === "call" && inTry);
}

export function holdsCall(list: Stmt[]): boolean {
  return someSafepoint(list, (s) => s.t === "call");
}

export function holdsPoll(list: Stmt[]): boolean {
  return someSafepoint(list, (s) => s.t === "poll");
}

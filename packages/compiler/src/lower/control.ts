/** Jumps, `switch`, `try`, `using`: a `finally` becomes a completion record, because it must not run while unwinding. */
import { readsStack } from "../handler.ts";
import { eachChild, isFunction, type Node } from "../ast.ts";
import type { Cleanup, Stmt } from "../ir.ts";
import { type Binding } from "../binding.ts";
import { patternNames } from "../pattern.ts";
import { type Lowering, type Context, type Exit, type LoopExit } from "./lowering.ts";
import { binary, helper, literal, ref, undef } from "./node.ts";
import { bindPattern } from "./binding.ts";
import { lowerExpr } from "./expression.ts";
import { enterName, enterScope, lowerBlock, lowerStatementNode } from "./function.ts";
import { lowerLoop } from "./loop.ts";

export function lowerLabeled(l: Lowering, node: Node): void {
  const names = new Set<string>([node.label.name as string]);
  let body = node.body as Node;
  while (body.type === "LabeledStatement") {
    names.add(body.label.name as string);
    body = body.body as Node;
  }
  if (/^(For|While|DoWhile)/.test(body.type)) {
    lowerLoop(l, body, names);
    return;
  }
  if (body.type === "SwitchStatement") {
    lowerSwitch(l, body, names);
    return;
  }
  const label = l.label();
  l.push({
    t: "block",
    label,
    body: l.within({ kind: "target", labels: names, breakLabel: label, continueLabel: null, bare: false }, () =>
      lowerStatementNode(l, body),
    ),
  });
}

export function lowerReturn(l: Lowering, value: Node | null, at: number): void {
  leave(l, { jump: "return" }, value, at);
}

export function lowerJump(l: Lowering, node: Node): void {
  const isContinue = node.type === "ContinueStatement";
  const name = node.label === null ? null : (node.label.name as string);
  for (let i = l.contexts.length - 1; i >= 0; i--) {
    const c = l.contexts[i]!;
    if (c.kind !== "target") continue;
    if (name === null ? !isContinue && !c.bare : !c.labels.has(name)) continue;
    if (isContinue ? c.continueLabel === null : c.breakLabel === "") continue;
    leave(l, { jump: "break", target: c, label: isContinue ? c.continueLabel! : c.breakLabel }, null, node.start);
    return;
  }
}

/** Longer chains of `else if` and `a ? b : c ? d : e` stand side by side: the engine parses no blocks nested by the thousand. */
const LONGEST_CHAIN = 100;

/** `if` and `?:`: `f` lowers what is chosen. */
export function lowerChoice(l: Lowering, node: Node, f: (chosen: Node) => void): void {
  let length = 0;
  for (let n: Node | null = node; n !== null && n.type === node.type && length <= LONGEST_CHAIN; n = n.alternate)
    length++;
  if (length <= LONGEST_CHAIN) {
    l.push({
      t: "if",
      test: lowerTest(l, node),
      yes: l.nested(() => f(node.consequent as Node)),
      no: node.alternate === null ? [] : l.nested(() => f(node.alternate as Node)),
    });
    return;
  }
  const label = l.label();
  const body = l.nested(() => {
    let n: Node | null = node;
    for (; n !== null && n.type === node.type; n = n.alternate as Node | null) {
      const test = lowerTest(l, n);
      const yes = l.nested(() => {
        f(n!.consequent as Node);
        l.push({ t: "break", label });
      });
      l.push({ t: "if", test, yes, no: [] });
    }
    if (n !== null) f(n);
  });
  l.push({ t: "block", label, body });
}

function lowerTest(l: Lowering, node: Node): Node {
  const test = lowerExpr(l, node.test as Node);
  // What a call gave is asked here: coverage counts who goes on.
  return test.start === 0 && node.type === "IfStatement" ? { ...test, start: node.test.start } : test;
}

/** Leaves towards an exit, through every `finally` and open iterator on the way. */
export function leave(l: Lowering, exit: Exit, value: Node | null, at: number): void {
  let kept = value;
  let caught = false;
  const saved = l.contexts.slice();
  for (let i = l.contexts.length - 1; i >= 0; i--) {
    const c = l.contexts[i]!;
    if (exit.jump === "break" && c === exit.target) break;
    if (c.kind === "target") continue;
    if (c.kind === "catch") {
      caught = true;
      continue;
    }
    if (c.kind === "iterator" && caught) {
      // Closed behind the `try`: see lowerForOf.
      const out = loopExit(l, c, exit);
      if (out.value !== null) l.set(out.value, kept ?? undef);
      l.push({ t: "break", label: out.label });
      return;
    }
    if (c.kind === "iterator") {
      // Continuing this very loop does not close it: its own target stands inside the iterator context.
      if (kept !== null) kept = l.spill(kept);
      l.push({
        t: "if",
        test: binary("<", ref(c.index), literal(0)),
        yes: l.nested(() => {
          // An exception of closing itself does not close again.
          l.set(c.index, literal(-2));
          l.push({ t: "expr", e: helper("close", ref(c.iterator)) });
        }),
        no: [],
      });
      continue;
    }
    let k = c.exits.findIndex((e) => isSame(e, exit));
    if (k < 0) k = c.exits.push(exit) - 1;
    if (exit.jump === "return") l.set(c.value, kept ?? undef);
    l.set(c.completion, literal(k + 1));
    l.push({ t: "break", label: c.label, at });
    l.contexts.splice(0, l.contexts.length, ...saved);
    return;
  }
  if (exit.jump === "return" && kept !== null && l.result !== null) {
    l.result.used = true;
    l.set(l.result.value, kept);
    l.push({ t: "break", label: l.result.label, at });
  } else if (exit.jump === "return") l.push({ t: "return", e: kept, at });
  else l.push({ t: "break", label: exit.label, at });
}

function isSame(a: Exit, b: Exit): boolean {
  return a.jump === b.jump && (a.jump === "return" || (b.jump === "break" && a.label === b.label));
}

function loopExit(l: Lowering, c: Context & { kind: "iterator" }, exit: Exit): LoopExit {
  const known = c.exits.find((e) => isSame(e.exit, exit));
  if (known !== undefined) return known;
  const made = { exit, label: l.label(), value: exit.jump === "return" ? l.temp() : null };
  c.exits.push(made);
  return made;
}

export function lowerSwitch(l: Lowering, node: Node, labels: Set<string>): void {
  const cases = node.cases as Node[];
  let disc = lowerExpr(l, node.discriminant as Node);
  enterScope(
    l,
    cases.flatMap((c) => c.consequent as Node[]),
  );
  const label = l.label();
  const k = l.temp();
  const context: Context = { kind: "target", labels, breakLabel: label, continueLabel: null, bare: true };
  const calls = cases.some((c) => c.test?.$has === true);
  let tests: (Node | null)[] = cases.map((c) => c.test as Node | null);
  if (calls) {
    // Tests that suspend: find the case first, in order, then switch on its index.
    disc = l.spill(disc);
    const which = l.temp();
    l.set(which, literal(cases.findIndex((c) => c.test === null)));
    const found = l.label();
    l.push({
      t: "block",
      label: found,
      body: l.nested(() => {
        cases.forEach((c, i) => {
          if (c.test === null) return;
          const test = lowerExpr(l, c.test as Node);
          l.push({
            t: "if",
            test: binary("===", disc, test),
            yes: l.nested(() => {
              l.set(which, literal(i));
              l.push({ t: "break", label: found });
            }),
            no: [],
          });
        });
      }),
    });
    disc = ref(which);
    tests = cases.map((c, i) => (c.test === null ? null : literal(i)));
  }
  const lowered: { test: Node | null; body: Stmt[] }[] = [];
  l.contexts.push(context);
  cases.forEach((c, i) => {
    lowered.push({
      test: tests[i]!,
      body: l.nested(() => {
        for (const s of c.consequent as Node[]) lowerStatementNode(l, s);
      }),
    });
  });
  l.contexts.pop();
  l.push({ t: "switch", label, disc, cases: lowered, k });
}

export function lowerTry(l: Lowering, node: Node): void {
  const handler = node.handler as Node | null;
  if (node.finalizer === null) {
    lowerTryCatch(l, () => lowerBlock(l, node.block.body as Node[]), handler!);
    return;
  }
  lowerTryFinally(
    l,
    () => {
      if (handler === null) lowerBlock(l, node.block.body as Node[]);
      else lowerTryCatch(l, () => lowerBlock(l, node.block.body as Node[]), handler);
    },
    () => lowerBlock(l, node.finalizer.body as Node[]),
    node.$has === true ||
      (!l.fn.generator && crosses(l) && (jumpsOut(node.block as Node) || (handler !== null && jumpsOut(handler)))),
  );
}

export function lowerTryCatch(l: Lowering, inside: () => void, handler: Node): void {
  const body = (): void => {
    l.out.push(...l.within({ kind: "catch" }, inside));
  };
  const param = l.temp();
  const lower = (): void => {
    const pattern = handler.param as Node | null;
    if (pattern !== null) {
      patternNames(pattern, (id) => enterName(l, id.$b as Binding));
      bindPattern(l, pattern, ref(param));
      // `var e` in it is the same variable.
      patternNames(pattern, (id) => {
        (id.$b as Binding).early ||= (id.$b as Binding).boxed;
      });
    }
    lowerBlock(l, handler.body.body as Node[]);
  };
  const uses =
    handler.param !== null && (handler.body.$has === true || readsStack(handler.param as Node, handler.body as Node));
  if (handler.body.$has !== true && handler.param?.$has !== true) {
    l.push({ t: "try", body: l.region(body), param, handler: l.nested(lower), user: true, uses });
    return;
  }
  // A handler that may suspend moves out of the catch clause, where a clone could not enter it.
  const caught = l.temp();
  l.set(caught, literal(false));
  l.push({
    t: "try",
    body: l.region(body),
    param,
    handler: l.nested(() => l.set(caught, literal(true))),
    user: true,
    uses,
  });
  l.push({ t: "if", test: ref(caught), yes: l.nested(lower), no: [] });
}

/**
 * A completion record instead of `finally`, which would run while the stack unwinds: 0 normal, -1 thrown, k the k-th
 * way out.
 */
export function lowerTryFinally(
  l: Lowering,
  body: () => void,
  finalizer: (completion: Binding, value: Binding) => void,
  suspends: boolean,
): void {
  if (!suspends) {
    l.push({
      t: "finally",
      body: l.nested(body),
      finalizer: l.nested(() => finalizer(null as never, null as never)),
    });
    return;
  }
  const completion = l.temp();
  const value = l.temp();
  const label = l.label();
  const caught = l.temp();
  l.set(completion, literal(0));
  const context: Context & { kind: "finally" } = { kind: "finally", label, completion, value, exits: [] };
  const inner = l.within(context, () => l.out.push(...l.region(body)));
  const list = l.nested(() => finalizer(completion, value));
  // What tells a suspension from an end stands in functions that can suspend.
  const cleanup: Cleanup | null =
    l.fn.suspendable && isSmall(list) && !(context.exits.length > 0 && crosses(l))
      ? { completion, label, list, exits: [], rest: list.length + 1 }
      : null;
  l.push({
    t: "block",
    label,
    body: l.nested(() =>
      l.push({
        t: "try",
        body: inner,
        param: caught,
        handler: l.nested(() => {
          l.set(completion, literal(-1));
          l.set(value, ref(caught));
        }),
        user: false,
        uses: true,
        ...(cleanup === null ? {} : { cleanup }),
      }),
    ),
  });
  l.out.push(...list);
  l.push({
    t: "if",
    test: binary("===", ref(completion), literal(-1)),
    yes: l.nested(() => l.push({ t: "throw", e: ref(value), at: 0 })),
    no: [],
  });
  context.exits.forEach((exit, k) => {
    const yes = l.nested(() => leave(l, exit, exit.jump === "return" ? ref(value) : null, 0));
    l.push({ t: "if", test: binary("===", ref(completion), literal(k + 1)), yes, no: [] });
    cleanup?.exits.push(yes);
  });
  if (cleanup !== null) cleanup.rest += cleanup.exits.length;
}

/**
 * Whether a jump out of here closes an iterator, or sets a record, on its way: not before a `finally` that it passes has run, which may throw
 * or go another way. So such a `finally` has a record of its own.
 */
function crosses(l: Lowering): boolean {
  return l.contexts.some((c) => c.kind !== "target");
}

/** Whether a jump may leave a statement. One with a label is taken to do so. */
function jumpsOut(node: Node, inLoop = false, inSwitch = false): boolean {
  if (isFunction(node)) return false;
  if (node.type === "ReturnStatement") return true;
  if (node.type === "ContinueStatement") return node.label !== null || !inLoop;
  if (node.type === "BreakStatement") return node.label !== null || !(inLoop || inSwitch);
  const loop = inLoop || /^(?:For|While|DoWhile)/.test(node.type);
  const choice = inSwitch || node.type === "SwitchStatement";
  let found = false;
  eachChild(node, (child) => {
    found ||= jumpsOut(child, loop, choice);
  });
  return found;
}

/** A few plain statements, in which no function is made and which jump nowhere. */
function isSmall(list: Stmt[]): boolean {
  return (
    list.length <= 4 &&
    list.every((s) => {
      switch (s.t) {
        case "expr":
        case "set":
          return !makesFunction(s.e);
        case "if":
          return !makesFunction(s.test) && isSmall(s.yes) && isSmall(s.no);
        default:
          return false;
      }
    })
  );
}

function makesFunction(e: Node): boolean {
  if (isFunction(e) || e.type === "ClassExpression") return true;
  let found = false;
  eachChild(e, (child) => {
    found ||= makesFunction(child);
  });
  return found;
}

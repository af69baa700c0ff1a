/**
 * Tree to intermediate form, one function at a time.
 *
 * The order of evaluation is the point: when an operand holds a safepoint, everything evaluated before it is spilled
 * into a temporary first, because the caller's registers are gone after a suspension.
 */
import { isFunction, type Node } from "./ast.ts";
import type { NewStmt, Stmt } from "./ir.ts";
import { Binding, Fn, patternNames } from "./scope.ts";
import type { Source } from "./source.ts";

/** What a `break`, `continue` or `return` may have to cross. */
type Context =
  | { kind: "target"; labels: Set<string>; breakLabel: string; continueLabel: string | null; bare: boolean }
  | { kind: "finally"; label: string; completion: Binding; value: Binding; exits: Exit[] }
  | { kind: "iterator"; iterator: Binding; index: Binding; done: Binding };

type Exit = { jump: "return" } | { jump: "break"; target: Context & { kind: "target" }; label: string };

export interface Lowered {
  body: Stmt[];
  temps: Binding[];
  /** The parameter list both copies start from. */
  params: Node[];
}

const at0 = { start: 0, end: 0 };

/** A reference to a variable; raw = the box itself where it has one. */
export function ref(b: Binding, raw = false): Node {
  return { type: "Identifier", name: b.name, $b: b, $raw: raw, ...at0 };
}
function literal(value: unknown): Node {
  return { type: "Literal", value, raw: JSON.stringify(value) ?? "undefined", ...at0 };
}
const undef: Node = { type: "UnaryExpression", operator: "void", argument: literal(0), ...at0 };
function assign(left: Node, right: Node): Node {
  return { type: "AssignmentExpression", operator: "=", left, right, start: left.start, end: right.end };
}
function binary(operator: string, left: Node, right: Node): Node {
  return { type: "BinaryExpression", operator, left, right, start: left.start, end: right.end };
}
function not(argument: Node): Node {
  return { type: "UnaryExpression", operator: "!", argument, start: argument.start, end: argument.end };
}
/** A call of a helper of the runtime: `$R.name(args)`. */
export function helper(name: string, ...args: Node[]): Node {
  return { type: "$Helper", name, args, ...at0 };
}
export function rawHelper(name: string): Node {
  return { type: "$Field", name, ...at0 };
}
function member(object: Node, property: string, at = 0): Node {
  return {
    type: "MemberExpression",
    object,
    property: { type: "Identifier", name: property, start: at, end: at },
    computed: false,
    optional: false,
    start: at,
    end: at,
  };
}

/** `f.call`, where the object was evaluated before the arguments. */
function called(f: Node, at: number, text?: string): Node {
  return { ...member(text === undefined ? f : helper("callable", f, literal(text)), "call", at), $called: f };
}

export function lowerFunction(fn: Fn, source: Source, labels: { n: number }): Lowered {
  const l = new Lowerer(fn, source, labels);
  l.functionBody();
  return { body: l.out, temps: l.temps, params: l.params };
}

/** A statement at the top of the module whose variables closures capture. */
export function lowerStatement(node: Node, module: Fn, source: Source, labels: { n: number }): Lowered {
  const l = new Lowerer(module, source, labels);
  l.statement(node);
  return { body: l.out, temps: l.temps, params: l.params };
}

class Lowerer {
  out: Stmt[] = [];
  readonly temps: Binding[] = [];
  private readonly fn: Fn;
  private readonly source: Source;
  private readonly labels: { n: number };
  private readonly contexts: Context[] = [];

  constructor(fn: Fn, source: Source, labels: { n: number }) {
    this.fn = fn;
    this.source = source;
    this.labels = labels;
  }

  // --- output -------------------------------------------------------------------------------------------------------

  private push(s: NewStmt): void {
    (s as Stmt).lo = 0;
    (s as Stmt).hi = 0;
    this.out.push(s as Stmt);
  }

  /** Runs `f` with its statements going to a list of their own. */
  private nested(f: () => void): Stmt[] {
    const saved = this.out;
    this.out = [];
    f();
    const made = this.out;
    this.out = saved;
    return made;
  }

  private label(): string {
    return `$l${++this.labels.n}`;
  }

  temp(): Binding {
    const b = new Binding("", "let", this.fn, false, false);
    b.out = `$${++this.labels.n}`;
    this.temps.push(b);
    return b;
  }

  private set(v: Binding, e: Node): void {
    this.push({ t: "set", v, e });
  }

  private spill(e: Node): Node {
    if (isStable(e)) return e;
    const t = this.temp();
    this.set(t, e);
    return ref(t);
  }

  private effect(e: Node): void {
    if (e.type === "Identifier" && e.$b !== undefined && e.$tdz !== true && !(e.$b as Binding).module) return;
    if (e.type === "Literal") return;
    this.push({ t: "expr", e });
  }

  // --- function ---------------------------------------------------------------------------------------------------

  functionBody(): void {
    const { fn } = this;
    const node = fn.node;
    if (node.type === "PropertyDefinition") {
      this.push({ t: "return", e: this.expr(node.value as Node), at: node.value.start });
      return;
    }
    if (node.type === "StaticBlock") {
      this.vars();
      this.block(node.body as Node[]);
      return;
    }
    this.parameters();
    this.vars();
    if (fn.recursive) this.push({ t: "poll", pc: 0, at: node.start });
    if (node.body.type !== "BlockStatement") {
      const value = this.expr(node.body as Node);
      this.push({ t: "return", e: value, at: node.body.start });
      return;
    }
    this.block(node.body.body as Node[]);
  }

  /** `var`s that closures share get their box on entry. */
  private vars(): void {
    for (const b of this.fn.bindings) if (b.kind === "var" && b.boxed) this.set(b, boxOf(undef));
  }

  /** Defaults that suspend, and captured parameters, move into the body; the rest stays in the parameter list. */
  private parameters(): void {
    const params = this.fn.node.params as Node[];
    const plain: Node[] = [];
    // A closure in a default must find the box of a parameter, so the box is made before.
    let moved =
      params.some((p) => p.type !== "Identifier" && p.type !== "RestElement") &&
      this.fn.bindings.some((b) => b.kind === "param" && b.boxed);
    for (const p of params) {
      if (p.$has === true) moved = true;
      if (!moved) {
        plain.push(p);
        patternNames(p, (id) => {
          id.$header = true;
        });
        continue;
      }
      // From the first parameter with a safepoint on, all are bound in the body, in order.
      const t = this.temp();
      t.out = `$p${++this.labels.n}`;
      if (p.type === "RestElement") {
        plain.push({ ...p, argument: ref(t) });
        this.bind(p.argument as Node, ref(t));
      } else if (p.type === "AssignmentPattern") {
        plain.push({ ...p, left: ref(t), right: undef });
        const value = this.temp();
        this.set(value, ref(t));
        this.defaulted(value, p.right as Node);
        this.bind(p.left as Node, ref(value));
      } else {
        plain.push(ref(t));
        this.bind(p, ref(t));
      }
      this.temps.splice(this.temps.indexOf(t), 1);
    }
    this.params = plain;
    for (const p of plain)
      patternNames(p, (id) => {
        const b = id.$b as Binding | undefined;
        if (b !== undefined && b.boxed && b.kind === "param") this.set(b, boxOf(ref(b, true)));
      });
  }
  params: Node[] = [];

  private defaulted(value: Binding, init: Node): void {
    this.push({
      t: "if",
      test: binary("===", ref(value), undef),
      yes: this.nested(() => this.set(value, this.expr(init))),
      no: [],
    });
  }

  // --- blocks and declarations ------------------------------------------------------------------------------------

  private block(statements: Node[]): void {
    this.enter(statements);
    for (let i = 0; i < statements.length; i++) {
      const s = statements[i]!;
      if (s.type === "VariableDeclaration" && (s.kind === "using" || s.kind === "await using")) {
        this.using(s, statements.slice(i + 1));
        return;
      }
      this.statement(s);
    }
  }

  /** Makes the boxes, dead-zone marks and functions a scope has from its first statement on. */
  private enter(statements: Node[]): void {
    const functions: Node[] = [];
    for (const s of statements) {
      if (s.type === "VariableDeclaration" && s.kind !== "var")
        for (const d of s.declarations as Node[]) patternNames(d.id as Node, (id) => this.enterName(id.$b as Binding));
      else if (s.type === "ClassDeclaration") this.enterName(s.id.$b as Binding);
      else if (s.type === "FunctionDeclaration") {
        const b = s.id.$b as Binding;
        if (b.boxed) this.set(b, boxOf(undef));
        functions.push(s);
      }
    }
    for (const f of functions) this.effect(assign(ref(f.id.$b as Binding), { ...f, type: "FunctionExpression" }));
  }

  private enterName(b: Binding): void {
    if (b.boxed && b.early) this.set(b, boxOf(b.tdz ? rawHelper("T") : undef));
    else if (b.tdz) this.set(b, rawHelper("T"));
  }

  /** Initialises a declared variable. */
  private init(b: Binding, e: Node): void {
    if (!b.boxed) this.set(b, e);
    else if (b.early || b.kind === "var") this.push({ t: "expr", e: assign({ ...ref(b), $decl: true }, e) });
    else this.set(b, boxOf(e));
  }

  private declaration(node: Node): void {
    for (const d of node.declarations as Node[]) {
      const id = d.id as Node;
      if (d.init === null) {
        if (node.kind !== "var") this.init(id.$b as Binding, undef);
        continue;
      }
      const init = d.init as Node;
      if (id.type !== "Identifier") {
        this.bind(id, this.expr(init));
        continue;
      }
      const b = id.$b as Binding;
      if (b.module) {
        this.effect(assign(id, this.expr(init)));
        continue;
      }
      if (init.$sp === true && !b.boxed && !b.tdz && node.kind !== "var") {
        this.call(init, b);
        continue;
      }
      this.init(b, this.expr(init));
    }
  }

  /** Destructures `value` into declared names (or assignment targets). */
  private bind(pattern: Node, value: Node): void {
    if (pattern.type === "Identifier") {
      this.init(pattern.$b as Binding, value);
      return;
    }
    if (pattern.$has !== true) {
      patternNames(pattern, (id) => {
        const b = id.$b as Binding | undefined;
        if (b !== undefined && !b.module && b.boxed && !b.early && id.$decl === true && b.kind !== "var")
          this.set(b, boxOf(undef));
      });
      this.effect(assign(pattern, value));
      return;
    }
    if (pattern.type === "ArrayPattern") {
      this.bindArray(pattern, value);
      return;
    }
    const object = this.spill(value);
    this.push({ t: "expr", e: helper("object", object) });
    const seen: Node[] = [];
    for (const p of pattern.properties as Node[]) {
      if (p.type === "RestElement") {
        this.assignTo(p.argument as Node, helper("rest", object, { type: "ArrayExpression", elements: seen, ...at0 }));
        continue;
      }
      let key = p.key as Node;
      if (p.computed) key = this.spill(helper("key", this.expr(key)));
      seen.push(p.computed ? key : key.type === "Identifier" ? literal(key.name) : key);
      const read: Node = {
        type: "MemberExpression",
        object,
        property: key,
        computed: p.computed || key.type !== "Identifier",
        optional: false,
        start: p.start,
        end: p.end,
      };
      let target = p.value as Node;
      let v: Node = read;
      if (target.type === "AssignmentPattern") {
        const t = this.temp();
        this.set(t, read);
        this.defaulted(t, target.right as Node);
        v = ref(t);
        target = target.left as Node;
      }
      this.assignTo(target, v);
    }
  }

  /** Step by step, because a default may suspend between two steps; the iterator is closed however this ends. */
  private bindArray(pattern: Node, value: Node): void {
    const it = this.temp();
    const done = this.temp();
    const failed = this.temp();
    this.set(it, helper("elements", value));
    this.set(done, literal(false));
    const step = (rest: boolean): Node => {
      const t = this.temp();
      // While stepping, an exception is the iterator's own and does not close it.
      const was = this.temp();
      this.set(was, ref(done));
      this.set(done, literal(true));
      if (rest) {
        this.set(t, helper("remaining", ref(it), ref(was)));
        return ref(t);
      }
      this.set(t, helper("element", ref(it), ref(was)));
      this.set(done, binary("===", ref(t), rawHelper("END")));
      this.push({ t: "if", test: ref(done), yes: this.nested(() => this.set(t, undef)), no: [] });
      return ref(t);
    };
    const body = this.nested(() => {
      for (const e of pattern.elements as (Node | null)[]) {
        if (e === null) {
          step(false);
          continue;
        }
        if (e.type === "RestElement") {
          this.assignTo(e.argument as Node, step(true));
          continue;
        }
        const v = step(false);
        if (e.type === "AssignmentPattern") {
          this.defaulted(v.$b as Binding, e.right as Node);
          this.assignTo(e.left as Node, v);
        } else this.assignTo(e, v);
      }
    });
    this.push({
      t: "try",
      body,
      param: failed,
      handler: this.nested(() => {
        this.push({
          t: "if",
          test: not(ref(done)),
          yes: this.nested(() => this.push({ t: "expr", e: helper("closeQuietly", ref(it)) })),
          no: [],
        });
        this.push({ t: "throw", e: ref(failed), at: pattern.start });
      }),
      user: false,
      uses: true,
    });
    this.push({
      t: "if",
      test: not(ref(done)),
      yes: this.nested(() => this.push({ t: "expr", e: helper("close", ref(it)) })),
      no: [],
    });
  }

  private assignTo(target: Node, value: Node): void {
    if (target.type === "Identifier" && target.$decl === true) this.init(target.$b as Binding, value);
    else if (target.type === "ObjectPattern" || target.type === "ArrayPattern") this.bind(target, value);
    else if (target.$has === true)
      this.refuse(target, "a destructuring target that calls", "Assign in a statement of its own.");
    else this.effect(assign(target, value));
  }

  private using(node: Node, rest: Node[]): void {
    if (node.kind === "await using") this.refuse(node, "`await using`", "Dispose in a `finally`.");
    const d = (node.declarations as Node[])[0]!;
    const b = d.id.$b as Binding;
    this.init(b, this.expr(d.init as Node));
    const method = this.temp();
    const value = this.temp();
    this.set(value, ref(b));
    this.set(method, helper("disposer", ref(value)));
    const more = (node.declarations as Node[]).slice(1);
    this.tryFinally(
      () => {
        if (more.length > 0) this.using({ ...node, declarations: more }, rest);
        else
          for (let i = 0; i < rest.length; i++) {
            const s = rest[i]!;
            if (s.type === "VariableDeclaration" && s.kind === "using") {
              this.using(s, rest.slice(i + 1));
              return;
            }
            this.statement(s);
          }
      },
      (completion, thrown) => {
        const failed = this.temp();
        this.push({
          t: "try",
          body: this.nested(() => {
            const call: Node = {
              type: "CallExpression",
              callee: member(ref(method), "call", node.start),
              arguments: [ref(value)],
              optional: false,
              start: node.start,
              end: node.end,
              $at: node.start,
              $sp: this.fn.suspendable,
              $bar: !this.fn.suspendable,
            };
            this.push({
              t: "if",
              test: binary("!==", ref(method), undef),
              yes: this.nested(() => this.effect(this.expr(call))),
              no: [],
            });
          }),
          param: failed,
          handler: this.nested(() => {
            this.push({
              t: "if",
              test: binary("===", ref(completion), literal(-1)),
              yes: this.nested(() => this.set(thrown, helper("suppressed", ref(failed), ref(thrown)))),
              no: this.nested(() => {
                this.set(completion, literal(-1));
                this.set(thrown, ref(failed));
              }),
            });
          }),
          user: false,
          uses: true,
        });
      },
      true,
    );
  }

  // --- statements -------------------------------------------------------------------------------------------------

  statement(node: Node): void {
    switch (node.type) {
      case "ExpressionStatement": {
        const e = node.expression as Node;
        if (e.type === "CallExpression") e.$discard = true;
        if (e.$sp === true) this.call(e, null);
        else this.effect(this.expr(e));
        return;
      }
      case "VariableDeclaration":
        if (node.kind === "using" || node.kind === "await using") this.using(node, []);
        else this.declaration(node);
        return;
      case "FunctionDeclaration":
      case "EmptyStatement":
      case "DebuggerStatement":
        return;
      case "ClassDeclaration":
        this.init(node.id.$b as Binding, this.expr({ ...node, type: "ClassExpression", $declaration: true }));
        return;
      case "BlockStatement":
        this.block(node.body as Node[]);
        return;
      case "IfStatement": {
        const test = this.expr(node.test as Node);
        this.push({
          t: "if",
          test,
          yes: this.nested(() => this.statement(node.consequent as Node)),
          no: node.alternate === null ? [] : this.nested(() => this.statement(node.alternate as Node)),
        });
        return;
      }
      case "ReturnStatement":
        this.return(node.argument === null ? null : this.expr(node.argument as Node), node.start);
        return;
      case "ThrowStatement":
        this.push({ t: "throw", e: this.expr(node.argument as Node), at: node.start });
        return;
      case "BreakStatement":
      case "ContinueStatement":
        this.jump(node);
        return;
      case "LabeledStatement":
        this.labeled(node);
        return;
      case "ForStatement":
      case "WhileStatement":
      case "DoWhileStatement":
      case "ForInStatement":
      case "ForOfStatement":
        this.loop(node, new Set());
        return;
      case "SwitchStatement":
        this.switch(node, new Set());
        return;
      case "TryStatement":
        this.try(node);
        return;
      default:
        this.refuse(node, `\`${node.type}\` inside a function`, "Rewrite it with simpler statements.");
    }
  }

  private labeled(node: Node): void {
    const names = new Set<string>([node.label.name as string]);
    let body = node.body as Node;
    while (body.type === "LabeledStatement") {
      names.add(body.label.name as string);
      body = body.body as Node;
    }
    if (/^(For|While|DoWhile)/.test(body.type)) {
      this.loop(body, names);
      return;
    }
    if (body.type === "SwitchStatement") {
      this.switch(body, names);
      return;
    }
    const label = this.label();
    this.push({
      t: "block",
      label,
      body: this.within({ kind: "target", labels: names, breakLabel: label, continueLabel: null, bare: false }, () =>
        this.statement(body),
      ),
    });
  }

  private within(context: Context, f: () => void): Stmt[] {
    this.contexts.push(context);
    const made = this.nested(f);
    this.contexts.pop();
    return made;
  }

  private return(value: Node | null, at: number): void {
    this.leave({ jump: "return" }, value, at);
  }

  private jump(node: Node): void {
    const isContinue = node.type === "ContinueStatement";
    const name = node.label === null ? null : (node.label.name as string);
    for (let i = this.contexts.length - 1; i >= 0; i--) {
      const c = this.contexts[i]!;
      if (c.kind !== "target") continue;
      if (name === null ? !isContinue && !c.bare : !c.labels.has(name)) continue;
      if (isContinue ? c.continueLabel === null : c.breakLabel === "") continue;
      this.leave({ jump: "break", target: c, label: isContinue ? c.continueLabel! : c.breakLabel }, null, node.start);
      return;
    }
  }

  /** Leaves towards an exit, through every `finally` and open iterator on the way. */
  private leave(exit: Exit, value: Node | null, at: number): void {
    let kept = value;
    const saved = this.contexts.slice();
    for (let i = this.contexts.length - 1; i >= 0; i--) {
      const c = this.contexts[i]!;
      if (exit.jump === "break" && c === exit.target) break;
      if (c.kind === "target") continue;
      if (c.kind === "iterator") {
        // Continuing this very loop does not close it: its own target stands inside the iterator context.
        if (kept !== null) kept = this.spill(kept);
        this.push({
          t: "if",
          test: binary("<", ref(c.index), literal(0)),
          yes: this.nested(() => {
            // An exception of closing itself does not close again.
            this.set(c.done, literal(true));
            this.push({ t: "expr", e: helper("close", ref(c.iterator)) });
          }),
          no: [],
        });
        continue;
      }
      let k = c.exits.findIndex(
        (e) => e.jump === exit.jump && (e.jump === "return" || (exit.jump === "break" && e.label === exit.label)),
      );
      if (k < 0) k = c.exits.push(exit) - 1;
      if (exit.jump === "return") this.set(c.value, kept ?? undef);
      this.set(c.completion, literal(k + 1));
      this.push({ t: "break", label: c.label });
      this.contexts.splice(0, this.contexts.length, ...saved);
      return;
    }
    if (exit.jump === "return") this.push({ t: "return", e: kept, at });
    else this.push({ t: "break", label: exit.label });
  }

  private loop(node: Node, labels: Set<string>): void {
    const suspends = node.$has === true;
    if (node.type === "ForOfStatement") {
      if (suspends && !node.await) this.forOf(node, labels);
      else this.nativeFor(node, labels);
      return;
    }
    if (node.type === "ForInStatement") {
      if (suspends) this.forIn(node, labels);
      else this.nativeFor(node, labels);
      return;
    }
    let perIteration: Binding[] = [];
    if (node.type === "ForStatement" && node.init !== null) {
      if (node.init.type === "VariableDeclaration") {
        this.enter([node.init as Node]);
        this.statement(node.init as Node);
        if (node.init.kind === "let")
          perIteration = (node.init.declarations as Node[]).flatMap((d) => {
            const names: Binding[] = [];
            patternNames(d.id as Node, (id) => names.push(id.$b as Binding));
            return names.filter((b) => b.boxed);
          });
      } else this.effect(this.expr(node.init as Node));
    }
    const label = this.label();
    const next = this.label();
    const context: Context = { kind: "target", labels, breakLabel: label, continueLabel: next, bare: true };
    let test = (node.test as Node | null) ?? null;
    const body = this.within(context, () => {
      if (node.type !== "DoWhileStatement" && test?.$has === true) {
        this.exitUnless(test, label);
        test = null;
      }
      this.push({ t: "block", label: next, body: this.nested(() => this.statement(node.body as Node)) });
      for (const b of perIteration) this.set(b, boxOf(ref(b)));
      if (node.type === "ForStatement" && node.update !== null) {
        const update = node.update as Node;
        if (update.type === "CallExpression") update.$discard = true;
        this.effect(this.expr(update));
      }
      if (node.type === "DoWhileStatement") {
        this.exitUnless(test!, label);
        test = null;
      }
      if (suspends) this.push({ t: "poll", pc: 0, at: node.start });
    });
    this.push({ t: "loop", label, test, body, at: node.start });
  }

  private exitUnless(test: Node, label: string): void {
    const value = this.expr(test);
    this.push({ t: "if", test: not(value), yes: this.nested(() => this.push({ t: "break", label })), no: [] });
  }

  /** Binds the loop variable of for-of and for-in to this round's value. */
  private each(left: Node, value: Node): void {
    if (left.type === "VariableDeclaration") {
      const id = (left.declarations as Node[])[0]!.id as Node;
      this.enter([left]);
      if (id.type === "Identifier" && (id.$b as Binding).module) this.effect(assign(id, value));
      else this.bind(id, value);
    } else if (left.type === "ObjectPattern" || left.type === "ArrayPattern") this.bind(left, value);
    else this.effect(this.expr(assign(left, value)));
  }

  private forIn(node: Node, labels: Set<string>): void {
    const object = this.temp();
    const keys = this.temp();
    const i = this.temp();
    const key = this.temp();
    this.set(object, this.expr(node.right as Node));
    this.set(keys, helper("keys", ref(object)));
    this.set(i, literal(-1));
    const label = this.label();
    const next = this.label();
    const body = this.within({ kind: "target", labels, breakLabel: label, continueLabel: next, bare: true }, () => {
      this.push({
        t: "block",
        label: next,
        body: this.nested(() => {
          this.set(i, binary("+", ref(i), literal(1)));
          this.push({
            t: "if",
            test: binary(">=", ref(i), member(ref(keys), "length")),
            yes: this.nested(() => this.push({ t: "break", label })),
            no: [],
          });
          this.set(key, {
            type: "MemberExpression",
            object: ref(keys),
            property: ref(i),
            computed: true,
            optional: false,
            ...at0,
          });
          this.push({
            t: "if",
            test: not(helper("has", ref(object), ref(key))),
            yes: this.nested(() => this.push({ t: "break", label: next })),
            no: [],
          });
          this.each(node.left as Node, ref(key));
          this.statement(node.body as Node);
        }),
      });
      this.push({ t: "poll", pc: 0, at: node.start });
    });
    this.push({ t: "loop", label, test: null, body, at: node.start });
  }

  /**
   * Arrays by index; everything else by steps of an iterator that is closed on every early exit. A channel steps by
   * receiving.
   */
  private forOf(node: Node, labels: Set<string>): void {
    const it = this.temp();
    const i = this.temp();
    const value = this.temp();
    this.set(it, this.expr(node.right as Node));
    this.set(i, literal(0));
    this.push({
      t: "if",
      test: not(helper("plain", ref(it))),
      yes: this.nested(() => {
        this.set(i, literal(-1));
        const made = helper("iter", ref(it));
        made.$at = node.right.start;
        this.set(it, made);
      }),
      no: [],
    });
    const label = this.label();
    const next = this.label();
    const done = this.temp();
    this.contexts.push({ kind: "target", labels: new Set(), breakLabel: label, continueLabel: null, bare: false });
    const failed = this.temp();
    const exits = this.label();
    const inner = this.nested(() => {
      this.contexts.push({ kind: "target", labels, breakLabel: exits, continueLabel: null, bare: true });
      this.contexts.push({ kind: "iterator", iterator: it, index: i, done });
      const body = this.within({ kind: "target", labels, breakLabel: "", continueLabel: next, bare: false }, () => {
        this.push({
          t: "if",
          test: binary(">=", ref(i), literal(0)),
          yes: this.nested(() => {
            this.push({
              t: "if",
              test: binary(">=", ref(i), member(ref(it), "length")),
              yes: this.nested(() => this.push({ t: "break", label })),
              no: [],
            });
            this.set(value, {
              type: "MemberExpression",
              object: ref(it),
              property: ref(i),
              computed: true,
              optional: false,
              ...at0,
            });
            this.set(i, binary("+", ref(i), literal(1)));
          }),
          no: this.nested(() => {
            this.set(done, literal(true));
            const step: Node = {
              type: "CallExpression",
              callee: member(ref(it), "$step", node.right.start),
              arguments: [],
              optional: false,
              start: node.right.start,
              end: node.right.end,
              $at: node.right.start,
              $sp: true,
            };
            this.call(step, value);
            this.set(done, literal(false));
            this.push({
              t: "if",
              test: binary("===", ref(value), rawHelper("END")),
              yes: this.nested(() => this.push({ t: "break", label })),
              no: [],
            });
          }),
        });
        this.push({
          t: "block",
          label: next,
          body: this.nested(() => {
            this.each(node.left as Node, ref(value));
            this.statement(node.body as Node);
          }),
        });
        this.push({ t: "poll", pc: 0, at: node.start });
      });
      this.contexts.pop();
      this.contexts.pop();
      this.push({ t: "loop", label, test: null, body, at: node.start });
    });
    this.contexts.pop();
    this.set(done, literal(false));
    this.push({
      t: "block",
      label: exits,
      body: this.nested(() =>
        this.push({
          t: "try",
          body: inner,
          param: failed,
          handler: this.nested(() => {
            this.push({
              t: "if",
              test: {
                type: "LogicalExpression",
                operator: "&&",
                left: binary("<", ref(i), literal(0)),
                right: not(ref(done)),
                ...at0,
              },
              yes: this.nested(() => this.push({ t: "expr", e: helper("closeQuietly", ref(it)) })),
              no: [],
            });
            this.push({ t: "throw", e: ref(failed), at: node.start });
          }),
          user: false,
          uses: true,
        }),
      ),
    });
  }

  /** for-of and for-in where nothing can suspend: left to the engine. */
  private nativeFor(node: Node, labels: Set<string>): void {
    const right = this.expr(node.right as Node);
    const label = this.label();
    const next = this.label();
    const value = this.temp();
    const body = this.within({ kind: "target", labels, breakLabel: label, continueLabel: next, bare: true }, () =>
      this.push({
        t: "block",
        label: next,
        body: this.nested(() => {
          this.each(node.left as Node, ref(value));
          this.statement(node.body as Node);
        }),
      }),
    );
    if (node.type === "ForInStatement") this.push({ t: "forin", label, left: ref(value), right, body });
    else this.push({ t: "forof", label, left: ref(value), right, body, await: node.await === true });
  }

  private switch(node: Node, labels: Set<string>): void {
    const cases = node.cases as Node[];
    let disc = this.expr(node.discriminant as Node);
    this.enter(cases.flatMap((c) => c.consequent as Node[]));
    const label = this.label();
    const k = this.temp();
    const context: Context = { kind: "target", labels, breakLabel: label, continueLabel: null, bare: true };
    const calls = cases.some((c) => c.test?.$has === true);
    let tests: (Node | null)[] = cases.map((c) => c.test as Node | null);
    if (calls) {
      // Tests that suspend: find the case first, in order, then switch on its index.
      disc = this.spill(disc);
      const which = this.temp();
      this.set(which, literal(cases.findIndex((c) => c.test === null)));
      const found = this.label();
      this.push({
        t: "block",
        label: found,
        body: this.nested(() => {
          cases.forEach((c, i) => {
            if (c.test === null) return;
            const test = this.expr(c.test as Node);
            this.push({
              t: "if",
              test: binary("===", disc, test),
              yes: this.nested(() => {
                this.set(which, literal(i));
                this.push({ t: "break", label: found });
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
    this.contexts.push(context);
    cases.forEach((c, i) => {
      lowered.push({
        test: tests[i]!,
        body: this.nested(() => {
          for (const s of c.consequent as Node[]) this.statement(s);
        }),
      });
    });
    this.contexts.pop();
    this.push({ t: "switch", label, disc, cases: lowered, k });
  }

  private try(node: Node): void {
    const handler = node.handler as Node | null;
    if (node.finalizer === null) {
      this.tryCatch(() => this.block(node.block.body as Node[]), handler!);
      return;
    }
    this.tryFinally(
      () => {
        if (handler === null) this.block(node.block.body as Node[]);
        else this.tryCatch(() => this.block(node.block.body as Node[]), handler);
      },
      () => this.block(node.finalizer.body as Node[]),
      node.$has === true,
    );
  }

  private tryCatch(body: () => void, handler: Node): void {
    const param = this.temp();
    const lower = (): void => {
      const pattern = handler.param as Node | null;
      if (pattern !== null) {
        patternNames(pattern, (id) => this.enterName(id.$b as Binding));
        this.bind(pattern, ref(param));
      }
      this.block(handler.body.body as Node[]);
    };
    const uses = handler.param !== null;
    if (handler.body.$has !== true && handler.param?.$has !== true) {
      this.push({ t: "try", body: this.nested(body), param, handler: this.nested(lower), user: true, uses });
      return;
    }
    // A handler that may suspend moves out of the catch clause, where a clone could not enter it.
    const caught = this.temp();
    this.set(caught, literal(false));
    this.push({
      t: "try",
      body: this.nested(body),
      param,
      handler: this.nested(() => this.set(caught, literal(true))),
      user: true,
      uses,
    });
    this.push({ t: "if", test: ref(caught), yes: this.nested(lower), no: [] });
  }

  /**
   * A completion record instead of `finally`, which would run while the stack unwinds: 0 normal, -1 thrown, k the k-th
   * way out.
   */
  private tryFinally(
    body: () => void,
    finalizer: (completion: Binding, value: Binding) => void,
    suspends: boolean,
  ): void {
    if (!suspends) {
      this.push({
        t: "finally",
        body: this.nested(body),
        finalizer: this.nested(() => finalizer(null as never, null as never)),
      });
      return;
    }
    const completion = this.temp();
    const value = this.temp();
    const label = this.label();
    const caught = this.temp();
    this.set(completion, literal(0));
    const context: Context & { kind: "finally" } = { kind: "finally", label, completion, value, exits: [] };
    const inner = this.within(context, body);
    this.push({
      t: "block",
      label,
      body: this.nested(() =>
        this.push({
          t: "try",
          body: inner,
          param: caught,
          handler: this.nested(() => {
            this.set(completion, literal(-1));
            this.set(value, ref(caught));
          }),
          user: false,
          uses: true,
        }),
      ),
    });
    finalizer(completion, value);
    this.push({
      t: "if",
      test: binary("===", ref(completion), literal(-1)),
      yes: this.nested(() => this.push({ t: "throw", e: ref(value), at: 0 })),
      no: [],
    });
    context.exits.forEach((exit, k) => {
      this.push({
        t: "if",
        test: binary("===", ref(completion), literal(k + 1)),
        yes: this.nested(() => this.leave(exit, exit.jump === "return" ? ref(value) : null, 0)),
        no: [],
      });
    });
  }

  // --- expressions ------------------------------------------------------------------------------------------------

  /** Emits what `e` needs first, and returns an expression without safepoints for its value. */
  expr(e: Node): Node {
    if (e.$has !== true) return e;
    if (e.$sp === true) {
      const t = this.temp();
      this.call(e, t);
      return ref(t);
    }
    switch (e.type) {
      case "CallExpression": {
        const parts = this.callee(e);
        return parts;
      }
      case "NewExpression": {
        const [callee, ...args] = this.operands([e.callee as Node, ...(e.arguments as Node[])]);
        return { ...e, callee: callee!, arguments: args, $has: false };
      }
      case "TaggedTemplateExpression":
        return this.tagged(e);
      case "BinaryExpression": {
        if (e.left.type === "PrivateIdentifier") return { ...e, right: this.expr(e.right as Node), $has: false };
        const [left, right] = this.operands([e.left as Node, e.right as Node]);
        return { ...e, left: left!, right: right!, $has: false };
      }
      case "LogicalExpression": {
        const t = this.temp();
        this.set(t, this.expr(e.left as Node));
        const test =
          e.operator === "&&" ? ref(t) : e.operator === "||" ? not(ref(t)) : binary("==", ref(t), literal(null));
        this.push({ t: "if", test, yes: this.nested(() => this.set(t, this.expr(e.right as Node))), no: [] });
        return ref(t);
      }
      case "ConditionalExpression": {
        const t = this.temp();
        const test = this.expr(e.test as Node);
        this.push({
          t: "if",
          test,
          yes: this.nested(() => this.set(t, this.expr(e.consequent as Node))),
          no: this.nested(() => this.set(t, this.expr(e.alternate as Node))),
        });
        return ref(t);
      }
      case "SequenceExpression": {
        const list = e.expressions as Node[];
        for (const x of list.slice(0, -1)) {
          if (x.$sp === true) this.call(x, null);
          else this.effect(this.expr(x));
        }
        return this.expr(list[list.length - 1]!);
      }
      case "UnaryExpression":
        if (e.operator === "delete") return this.delete(e);
        return { ...e, argument: this.expr(e.argument as Node), $has: false };
      case "SpreadElement":
        return { ...e, argument: this.expr(e.argument as Node), $has: false };
      case "UpdateExpression":
        return { ...e, argument: this.target(e.argument as Node, false), $has: false };
      case "AssignmentExpression":
        return this.assignment(e);
      case "MemberExpression":
        return this.memberOf(e);
      case "ChainExpression":
        return this.chain(e);
      case "ArrayExpression":
        return { ...e, elements: this.operands(e.elements as (Node | null)[]), $has: false };
      case "ObjectExpression":
        return this.object(e);
      case "TemplateLiteral":
        return this.template(e);
      case "ClassExpression":
        return this.class(e);
      case "AwaitExpression":
      case "YieldExpression":
        return e;
      case "ImportExpression":
        return { ...e, source: this.expr(e.source as Node), $has: false };
      default:
        return this.refuse(e, `\`${e.type}\` with a call inside`, "Call first, in a statement of its own.");
    }
  }

  /** Lowers operands in order; those before a safepoint are spilled. */
  private operands(list: (Node | null)[]): Node[] {
    let last = -1;
    list.forEach((e, i) => {
      if (e?.$has === true) last = i;
    });
    return list.map((e, i) => {
      if (e === null) return e as never;
      if (e.type === "SpreadElement") {
        const inner = this.expr(e.argument as Node);
        if (i >= last) return { ...e, argument: inner, $has: false };
        // The iteration happens here, before what comes later.
        const all: Node = { type: "ArrayExpression", elements: [{ ...e, argument: inner, $has: false }], ...at0 };
        return { ...e, argument: this.spill(all), $has: false };
      }
      const value = this.expr(e);
      return i < last ? this.spill(value) : value;
    });
  }

  private memberOf(e: Node): Node {
    if (e.object.type === "Super") return { ...e, property: this.expr(e.property as Node), $has: false };
    if (!e.computed) return { ...e, object: this.expr(e.object as Node), $has: false };
    const [object, property] = this.operands([e.object as Node, e.property as Node]);
    return { ...e, object: object!, property: property!, $has: false };
  }

  /** An assignment target; `spilled` when more is evaluated before the write. */
  private target(e: Node, spilled: boolean): Node {
    if (e.type !== "MemberExpression") return e;
    const m = this.memberOf(e);
    if (!spilled) return m;
    return {
      ...m,
      object: m.object.type === "Super" ? m.object : this.spill(m.object as Node),
      property: m.computed ? this.spill(m.property as Node) : m.property,
      $has: false,
    };
  }

  private assignment(e: Node): Node {
    const left = e.left as Node;
    if (left.type === "ObjectPattern" || left.type === "ArrayPattern") {
      const value = this.spill(this.expr(e.right as Node));
      this.bind(left, value);
      return value;
    }
    const rightHas = e.right.$has === true;
    if (e.operator === "=") {
      const t = this.target(left, rightHas);
      return { ...e, left: t, right: this.expr(e.right as Node), $has: false };
    }
    const logical = /^(&&|\|\||\?\?)=$/.exec(e.operator as string);
    if (!rightHas) return { ...e, left: this.target(left, false), $has: false };
    // A computed key is converted twice, for the read and for the write, as engines do.
    const t = this.target(left, true);
    if (logical !== null) {
      const value = this.temp();
      this.set(value, t);
      const op = logical[1];
      const test = op === "&&" ? ref(value) : op === "||" ? not(ref(value)) : binary("==", ref(value), literal(null));
      this.push({
        t: "if",
        test,
        yes: this.nested(() => {
          this.set(value, this.expr(e.right as Node));
          this.effect(assign(t, ref(value)));
        }),
        no: [],
      });
      return ref(value);
    }
    const old = this.temp();
    this.set(old, t);
    const right = this.expr(e.right as Node);
    return assign(t, binary((e.operator as string).slice(0, -1), ref(old), right));
  }

  private delete(e: Node): Node {
    if (e.argument.type === "ChainExpression") {
      const result = this.temp();
      const label = this.label();
      this.set(result, literal(true));
      const body = this.nested(() =>
        this.set(result, { ...e, argument: this.link(e.argument.expression as Node, label), $has: false }),
      );
      this.push({ t: "block", label, body });
      return ref(result);
    }
    if (e.argument.type !== "MemberExpression") {
      this.effect(this.expr(e.argument as Node));
      return literal(true);
    }
    return { ...e, argument: this.memberOf(e.argument as Node), $has: false };
  }

  private template(e: Node): Node {
    const list = e.expressions as Node[];
    let last = -1;
    list.forEach((x, i) => {
      if (x.$has === true) last = i;
    });
    const parts = list.map((x, i) => {
      const v = this.expr(x);
      if (i >= last || isConstant(v)) return v;
      // ToString happens part by part.
      return this.spill({ ...e, quasis: [emptyQuasi(false), emptyQuasi(true)], expressions: [v], $has: false });
    });
    return { ...e, expressions: parts, $has: false };
  }

  private object(e: Node): Node {
    const properties = e.properties as Node[];
    const operands: (Node | null)[] = [];
    for (const p of properties) {
      if (p.type === "SpreadElement") operands.push(p);
      else {
        operands.push(p.computed ? (p.key as Node) : null);
        operands.push(isFunction(p.value as Node) ? null : (p.value as Node));
      }
    }
    let last = -1;
    operands.forEach((o, i) => {
      if (o?.$has === true) last = i;
    });
    let i = -1;
    const one = (o: Node | null, isKey: boolean): Node | null => {
      i++;
      if (o === null) return null;
      let v = this.expr(o);
      if (isKey && i <= last) v = helper("key", v);
      return i < last ? this.spill(v) : v;
    };
    const made = properties.map((p) => {
      if (p.type === "SpreadElement") {
        i++;
        const inner = this.expr(p.argument as Node);
        if (i >= last) return { ...p, argument: inner, $has: false };
        return {
          ...p,
          argument: this.spill({
            type: "ObjectExpression",
            properties: [{ ...p, argument: inner, $has: false }],
            ...at0,
          }),
          $has: false,
        };
      }
      const key = one(p.computed ? (p.key as Node) : null, true);
      const value = one(isFunction(p.value as Node) ? null : (p.value as Node), false);
      return { ...p, key: key ?? p.key, value: value ?? p.value, shorthand: false, $has: false };
    });
    return { ...e, properties: made, $has: false };
  }

  private class(e: Node): Node {
    const superClass = e.superClass === null ? null : this.spill(this.expr(e.superClass as Node));
    const members = (e.body.body as Node[]).map((m) =>
      m.computed === true ? { ...m, key: this.spill(helper("key", this.expr(m.key as Node))) } : m,
    );
    return { ...e, superClass, body: { ...e.body, body: members }, $has: false, $spilled: true };
  }

  private tagged(e: Node): Node {
    // The site object must be one and the same in both copies: the printer lifts it to the module.
    const site: Node = { type: "$Site", quasi: e.quasi, start: e.start, end: e.start };
    const call: Node = {
      type: "CallExpression",
      callee: e.tag,
      arguments: [site, ...(e.quasi.expressions as Node[])],
      optional: false,
      start: e.start,
      end: e.end,
      $at: e.start,
      $has: true,
    };
    return this.callee(call);
  }

  /** Callee and arguments in order; the result is a call without safepoints in its operands. */
  private callee(e: Node): Node {
    const args = e.arguments as Node[];
    const callee = e.callee as Node;
    const argsHave = args.some((a) => a.$has === true);
    if (callee.type === "Super") {
      return { ...e, arguments: this.operands(args), $has: false };
    }
    if (callee.type === "MemberExpression") {
      if (!argsHave) return { ...e, callee: this.memberOf(callee), $has: false };
      const at = callee.computed ? e.start : (callee.property.start as number);
      if (callee.object.type === "Super") {
        const f = this.spill(this.memberOf(callee));
        return {
          ...e,
          callee: called(f, at),
          arguments: [{ type: "ThisExpression", ...at0 }, ...this.operands(args)],
          $has: false,
          $at: at,
        };
      }
      const m = this.target(callee, true);
      const f = this.temp();
      this.set(f, m);
      const text = this.source.text
        .slice(callee.start, callee.end)
        .replace(/\((?:[^()]|\([^()]*\))*\)/g, "(...)")
        .replace(/[!?](?=\.)/g, "");
      return {
        ...e,
        callee: called(ref(f), at, text),
        arguments: [m.object as Node, ...this.operands(args)],
        $has: false,
        $at: at,
      };
    }
    if (callee.type === "ChainExpression" && callee.expression.type === "MemberExpression") {
      // (a?.b)(…): the chain ends at the parentheses, its object is still `this`.
      const m = callee.expression as Node;
      const object = this.temp();
      const f = this.temp();
      const label = this.label();
      this.set(object, undef);
      this.set(f, undef);
      const body = this.nested(() => {
        this.set(object, this.link(m.object as Node, label));
        if (m.optional) this.unlessNull(ref(object), label);
        this.set(f, {
          ...m,
          object: ref(object),
          property: m.computed ? this.expr(m.property as Node) : m.property,
          optional: false,
          $has: false,
        });
      });
      this.push({ t: "block", label, body });
      return {
        ...e,
        callee: called(ref(f), e.start),
        arguments: [ref(object), ...this.operands(args)],
        $has: false,
        $at: e.start,
      };
    }
    const [f, ...rest] = this.operands([callee, ...args]);
    return { ...e, callee: f!, arguments: rest, $has: false, $at: e.start };
  }

  /** A call that is a safepoint, its value to `v`. */
  private call(e: Node, v: Binding | null): void {
    let call: Node;
    if (e.type === "NewExpression") {
      const [callee, ...args] = this.operands([e.callee as Node, ...(e.arguments as Node[])]);
      call = { ...e, callee: callee!, arguments: args };
    } else if (e.type === "TaggedTemplateExpression") call = this.tagged(e);
    else call = this.callee(e);
    this.pushCall(call, v);
  }

  private pushCall(call: Node, v: Binding | null): void {
    const callback = (call.arguments as Node[]).some((a) => isFunction(a));
    let via: Node | null = null;
    let e: Node = { ...call, $sp: false, $has: false };
    if (callback) {
      // Who is called must be asked again if it suspends, so it is kept where asking costs nothing.
      const callee = e.callee as Node;
      if (
        callee.type === "MemberExpression" &&
        callee.$called === undefined &&
        callee.object.type !== "Super" &&
        !isStable(callee.object as Node)
      )
        e = {
          ...e,
          callee: {
            ...callee,
            object: this.spill(callee.object as Node),
            property: callee.computed ? this.spill(callee.property as Node) : callee.property,
          },
        };
      const now = e.callee as Node;
      via = now.type === "Super" ? null : now.$called !== undefined ? (now.$called as Node) : now;
    }
    this.push({ t: "call", v, e, via, fresh: isFresh(call), flagOnly: callback || isFresh(call), pc: 0 });
  }

  /** `a?.b(c)?.d`: a labelled block that is left when a link is null. */
  private chain(e: Node): Node {
    const result = this.temp();
    const label = this.label();
    this.set(result, undef);
    const body = this.nested(() => this.set(result, this.link(e.expression as Node, label)));
    this.push({ t: "block", label, body });
    return ref(result);
  }

  private link(e: Node, label: string): Node {
    if (e.type === "MemberExpression") {
      let object = e.object.type === "Super" ? (e.object as Node) : this.link(e.object as Node, label);
      if (e.optional) object = this.unlessNull(object, label);
      if (!e.computed) return { ...e, object, optional: false, $has: false };
      if (e.property.$has === true && object.type !== "Super") object = this.spill(object);
      return { ...e, object, property: this.expr(e.property as Node), optional: false, $has: false };
    }
    if (e.type === "CallExpression") {
      const callee = e.callee as Node;
      let call: Node;
      if (callee.type === "MemberExpression" && callee.object.type !== "Super") {
        let object = this.spill(this.link(callee.object as Node, label));
        if (callee.optional) object = this.unlessNull(object, label);
        const property = callee.computed ? this.spill(this.expr(callee.property as Node)) : callee.property;
        const m: Node = { ...callee, object, property, optional: false, $has: false };
        const at = callee.computed ? e.start : (callee.property.start as number);
        if (e.optional || (e.arguments as Node[]).some((a) => a.$has === true)) {
          let f = this.temp();
          this.set(f, m);
          if (e.optional) f = this.unlessNull(ref(f), label).$b as Binding;
          call = {
            ...e,
            callee: called(ref(f), at),
            arguments: [object, ...this.operands(e.arguments as Node[])],
            optional: false,
            $has: false,
            $at: at,
          };
        } else call = { ...e, callee: m, optional: false, $has: false, $at: at };
      } else {
        let f = this.link(callee, label);
        if (e.optional) f = this.unlessNull(f, label);
        else if ((e.arguments as Node[]).some((a) => a.$has === true)) f = this.spill(f);
        call = {
          ...e,
          callee: f,
          arguments: this.operands(e.arguments as Node[]),
          optional: false,
          $has: false,
          $at: e.start,
        };
      }
      if (e.$sp !== true) return call;
      const t = this.temp();
      this.pushCall(call, t);
      return ref(t);
    }
    return this.expr(e);
  }

  private unlessNull(e: Node, label: string): Node {
    const t = this.temp();
    this.set(t, e);
    this.push({
      t: "if",
      test: binary("==", ref(t), literal(null)),
      yes: this.nested(() => this.push({ t: "break", label })),
      no: [],
    });
    return ref(t);
  }

  private refuse(node: Node, what: string, hint: string): never {
    return this.source.refuse("GORT_UNSUPPORTED", node.start, what, hint);
  }
}

/** Whether a call makes an object even when its function has suspended: `new`, and Reflect.construct. */
function isFresh(call: Node): boolean {
  if (call.type === "NewExpression") return true;
  const c = call.callee as Node;
  return c.type === "MemberExpression" && c.object.name === "Reflect" && c.property.name === "construct";
}

function boxOf(value: Node): Node {
  return { type: "$Box", value, ...at0 };
}

function emptyQuasi(tail: boolean): Node {
  return { type: "TemplateElement", value: { raw: "", cooked: "" }, tail, ...at0 };
}

function isConstant(e: Node): boolean {
  return e.type === "Literal" && e.regex === undefined;
}

/** Whether reading `e` later gives the same. */
function isStable(e: Node): boolean {
  if (isConstant(e) || e.type === "ThisExpression" || e.type === "Super" || e.type === "$Site") return true;
  if (e.type !== "Identifier") return false;
  const b = e.$b as Binding | undefined;
  if (b === undefined) return e.name === "undefined";
  if (e.$tdz === true || b.boxed) return false;
  if (b.out.startsWith("$")) return b.name === "";
  if (b.module) return b.kind === "import" ? false : b.kind === "function" && b.writes === 0;
  return b.writes === 0 && b.kind !== "var";
}

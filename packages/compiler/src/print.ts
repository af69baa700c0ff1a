/**
 * Expressions and untouched statements, as text. Functions and classes go back to the emitter, which decides what
 * becomes of them; variables are printed as the analysis keeps them.
 */
import { gortImport } from "./analyze.ts";
import type { Node } from "./ast.ts";
import type { Output } from "./output.ts";
import type { Binding, Fn } from "./scope.ts";

/** Where printing happens: in which function, and in which of its copies. */
export interface Place {
  fn: Fn;
  clone: boolean;
  /** How `this`, `arguments` and `new.target` are spelled there. */
  self: string;
  args: string;
  target: string;
}

export interface Emitter {
  functionExpression(node: Node, place: Place, out: Output): void;
  functionDeclaration(node: Node, place: Place, out: Output): void;
  classExpression(node: Node, place: Place, out: Output): void;
  objectWithMethods(node: Node, place: Place, out: Output): boolean;
  templateSite(quasi: Node): string;
  /** The constant that says where a goroutine is created. */
  creation(fn: Fn, at: number): string;
}

const precedence: Record<string, number> = {
  "??": 1,
  "||": 2,
  "&&": 3,
  "|": 4,
  "^": 5,
  "&": 6,
  "==": 7,
  "!=": 7,
  "===": 7,
  "!==": 7,
  "<": 8,
  ">": 8,
  "<=": 8,
  ">=": 8,
  instanceof: 8,
  in: 8,
  "<<": 9,
  ">>": 9,
  ">>>": 9,
  "+": 10,
  "-": 10,
  "*": 11,
  "/": 11,
  "%": 11,
  "**": 12,
};

const COMMA = -2;
export const ASSIGN = -1;
const CONDITIONAL = 0;
const UNARY = 13;
const POSTFIX = 14;
const CALL = 15;
const PRIMARY = 17;

function rank(e: Node): number {
  switch (e.type) {
    case "SequenceExpression":
      return COMMA;
    case "AssignmentExpression":
    case "ArrowFunctionExpression":
    case "YieldExpression":
      return ASSIGN;
    case "ConditionalExpression":
      return CONDITIONAL;
    case "BinaryExpression":
    case "LogicalExpression":
      return precedence[e.operator as string]!;
    case "UnaryExpression":
    case "AwaitExpression":
      return UNARY;
    case "UpdateExpression":
      return e.prefix ? UNARY : POSTFIX;
    case "CallExpression":
    case "NewExpression":
    case "ImportExpression":
    case "TaggedTemplateExpression":
    case "MemberExpression":
    case "$Helper":
    case "$Field":
      return CALL;
    default:
      return PRIMARY;
  }
}

export class Printer {
  private readonly out: Output;
  private readonly place: Place;
  private readonly emit: Emitter;
  /** Where the engine will say the call printed last is. */
  lastCall = 0;

  constructor(out: Output, place: Place, emit: Emitter) {
    this.out = out;
    this.place = place;
    this.emit = emit;
  }

  /** Prints `e`, in parentheses where it binds looser than `least`. */
  expr(e: Node, least: number = COMMA): void {
    const parens =
      rank(e) < least ||
      (e.type === "ChainExpression" && least >= CALL) ||
      (e.type === "Literal" && typeof e.value === "number" && least > CALL) ||
      (least > CALL &&
        (e.type === "ObjectExpression" || e.type === "FunctionExpression" || e.type === "ClassExpression"));
    if (parens) this.out.write("(");
    this.bare(e);
    if (parens) this.out.write(")");
  }

  private list(items: (Node | null)[], open: string, close: string): void {
    this.out.write(open);
    items.forEach((e, i) => {
      if (i > 0) this.out.write(", ");
      if (e !== null) this.expr(e, ASSIGN);
      else if (i === items.length - 1) this.out.write(",");
    });
    this.out.write(close);
  }

  private bare(e: Node): void {
    const { out } = this;
    switch (e.type) {
      case "Identifier":
        this.name(e);
        return;
      case "PrivateIdentifier":
        out.write(`#${e.name}`);
        return;
      case "Literal":
        out.map(e.start);
        if (e.bigint) out.word(`${e.bigint}n`);
        else if (e.regex) out.word(`/${e.regex.pattern}/${e.regex.flags}`);
        else out.word(e.raw as string);
        return;
      case "ThisExpression":
        out.map(e.start);
        out.word(this.place.self);
        return;
      case "Super":
        out.map(e.start);
        out.word("super");
        return;
      case "TemplateLiteral":
        this.template(e);
        return;
      case "TaggedTemplateExpression":
        if (e.$bar === true) out.word("$R.b(");
        this.expr(e.tag as Node, CALL);
        this.template(e.quasi as Node);
        if (e.$bar === true) out.write(")");
        return;
      case "ArrayExpression":
      case "ArrayPattern":
        this.list(e.elements as Node[], "[", "]");
        return;
      case "ObjectExpression":
        if (this.emit.objectWithMethods(e, this.place, out)) return;
        this.object(e);
        return;
      case "ObjectPattern":
        this.object(e);
        return;
      case "AssignmentPattern":
        this.expr(e.left as Node, CALL);
        out.write(" = ");
        this.expr(e.right as Node, ASSIGN);
        return;
      case "SpreadElement":
      case "RestElement":
        out.write("...");
        this.expr(e.argument as Node, ASSIGN);
        return;
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.emit.functionExpression(e, this.place, out);
        return;
      case "ClassExpression":
        this.emit.classExpression(e, this.place, out);
        return;
      case "UnaryExpression":
        out.map(e.start);
        out.word(e.operator as string);
        if (/[a-z]$/.test(e.operator as string)) out.write(" ");
        this.expr(e.argument as Node, UNARY);
        return;
      case "AwaitExpression":
        out.map(e.start);
        out.word("await ");
        this.expr(e.argument as Node, UNARY);
        return;
      case "YieldExpression":
        out.word(e.delegate ? "yield*" : "yield");
        if (e.argument !== null) {
          out.write(" ");
          this.expr(e.argument as Node, ASSIGN);
        }
        return;
      case "UpdateExpression":
        if (isConstant(e.argument as Node)) {
          out.word("$R.constant(");
          this.expr(e.argument as Node);
          out.write(")");
          return;
        }
        if (isLate(e.argument as Node)) {
          out.word("(");
          this.expr(e.argument as Node);
          out.write(", ");
        }
        if (e.prefix) out.word(e.operator as string);
        this.target(e.argument as Node);
        if (!e.prefix) out.write(e.operator as string);
        if (isLate(e.argument as Node)) out.write(")");
        return;
      case "BinaryExpression":
      case "LogicalExpression": {
        const p = precedence[e.operator as string]!;
        const right = e.operator === "**";
        // `??` may not stand beside `||` and `&&` without parentheses.
        const mixed = (x: Node): boolean =>
          x.type === "LogicalExpression" &&
          (e.operator === "??") !== (x.operator === "??") &&
          e.type === "LogicalExpression";
        this.expr(e.left as Node, mixed(e.left as Node) ? PRIMARY : right ? POSTFIX : p);
        out.write(" ");
        out.word(e.operator as string);
        out.write(" ");
        this.expr(e.right as Node, mixed(e.right as Node) ? PRIMARY : right ? p : p + 1);
        return;
      }
      case "AssignmentExpression":
        if (e.left.type === "ObjectPattern") {
          out.write("(");
          this.assignment(e);
          out.write(")");
        } else this.assignment(e);
        return;
      case "ConditionalExpression":
        this.expr(e.test as Node, 1);
        out.write(" ? ");
        this.expr(e.consequent as Node, ASSIGN);
        out.write(" : ");
        this.expr(e.alternate as Node, ASSIGN);
        return;
      case "SequenceExpression":
        (e.expressions as Node[]).forEach((x, i) => {
          if (i > 0) out.write(", ");
          this.expr(x, ASSIGN);
        });
        return;
      case "MemberExpression":
        this.member(e);
        return;
      case "ChainExpression":
        this.expr(e.expression as Node);
        return;
      case "CallExpression":
        this.call(e);
        return;
      case "NewExpression":
        this.new(e);
        return;
      case "ImportExpression":
        out.map(e.start);
        out.word("import(");
        this.expr(e.source as Node, ASSIGN);
        if (e.options) {
          out.write(", ");
          this.expr(e.options as Node, ASSIGN);
        }
        out.write(")");
        return;
      case "MetaProperty":
        out.map(e.start);
        out.word(e.meta.name === "new" ? this.place.target : "import.meta");
        return;
      case "$Helper":
        if (e.$at !== undefined) out.map(e.$at as number);
        out.word(`$R.${e.name}`);
        this.list(e.args as Node[], "(", ")");
        return;
      case "$Field":
        out.word(`$R.${e.name}`);
        return;
      case "$Box":
        out.write("{ v: ");
        this.expr(e.value as Node, ASSIGN);
        out.write(" }");
        return;
      case "$Site":
        out.word(this.emit.templateSite(e.quasi as Node));
        return;
      default:
        throw new Error(`gort: cannot print ${e.type}`);
    }
  }

  private assignment(e: Node): void {
    const left = e.left as Node;
    if (isConstant(left)) {
      if (/^(&&|\|\||\?\?)=$/.test(e.operator as string)) {
        this.expr(
          {
            ...e,
            type: "LogicalExpression",
            operator: (e.operator as string).slice(0, -1),
            right: { type: "$Helper", name: "constant", args: [e.right], start: 0, end: 0 },
          },
          PRIMARY,
        );
        return;
      }
      this.out.word("$R.constant(");
      this.expr(e.right as Node, ASSIGN);
      this.out.write(")");
      return;
    }
    if (isLate(left) && e.operator !== "=") {
      this.out.word("(");
      this.expr(left);
      this.out.write(", ");
    }
    this.target(left);
    this.out.write(` ${e.operator} `);
    if (isLate(left) && e.operator === "=") {
      // The right side is evaluated before the write finds the variable uninitialised.
      this.out.write("$R.late(");
      this.expr(e.right as Node, ASSIGN);
      this.out.write(", ");
      this.target(left);
      this.out.write(`, ${JSON.stringify(left.name)})`);
    } else this.expr(e.right as Node, ASSIGN);
    if (isLate(left) && e.operator !== "=") this.out.write(")");
  }

  /** What is assigned to: a name without its dead-zone check. */
  private target(e: Node): void {
    if (isLate(e)) this.name({ ...e, $tdz: false });
    else this.expr(e, e.type === "ObjectPattern" || e.type === "ArrayPattern" ? COMMA : CALL);
  }

  name(e: Node): void {
    const b = e.$b as Binding | undefined;
    this.out.map(e.start);
    if (b === undefined) {
      this.out.word(e.$arguments === true ? this.place.args : (e.name as string));
      return;
    }
    if (b.module || e.$raw === true || e.$own === true || e.$header === true || !b.boxed) {
      if (e.$tdz === true && !b.boxed && !b.module && e.$decl !== true && e.$raw !== true)
        this.out.word(`$R.tdz(${b.out}, ${JSON.stringify(b.name)})`);
      else this.out.word(b.out === "" ? b.name : b.out);
      return;
    }
    this.out.word(e.$tdz === true ? `$R.tdz(${b.out}.v, ${JSON.stringify(b.name)})` : `${b.out}.v`);
  }

  private template(e: Node): void {
    const { out } = this;
    out.map(e.start);
    out.write("`");
    (e.quasis as Node[]).forEach((q, i) => {
      out.write(q.value.raw as string);
      if (i < e.expressions.length) {
        out.write("${");
        this.expr(e.expressions[i] as Node);
        out.write("}");
      }
    });
    out.write("`");
  }

  key(p: Node): void {
    if (p.computed) {
      this.out.write("[");
      this.expr(p.key as Node, ASSIGN);
      this.out.write("]");
      return;
    }
    const k = p.key as Node;
    if (k.type === "Identifier") this.out.word(k.name as string);
    else if (k.type === "PrivateIdentifier") this.out.word(`#${k.name}`);
    else this.out.word(k.bigint ? `${k.bigint}n` : (k.raw as string));
  }

  object(e: Node): void {
    const { out } = this;
    out.write("{ ");
    (e.properties as Node[]).forEach((p, i) => {
      if (i > 0) out.write(", ");
      if (p.type === "SpreadElement" || p.type === "RestElement") {
        this.expr(p);
        return;
      }
      if (p.method || p.kind === "get" || p.kind === "set") {
        this.emit.functionExpression({ ...(p.value as Node), $method: p }, this.place, out);
        return;
      }
      if (
        p.computed &&
        e.type === "ObjectExpression" &&
        this.place.fn.converted &&
        (p.$anonymous === true || isAnonymous(p.value as Node))
      ) {
        // A lifted function does not get its name from a computed key by itself.
        out.write("...$R.named(");
        this.expr(p.key as Node, ASSIGN);
        out.write(", ");
        this.expr(p.value as Node, ASSIGN);
        out.write(")");
        return;
      }
      this.key(p);
      out.write(": ");
      this.expr(p.value as Node, ASSIGN);
    });
    out.write(" }");
  }

  private member(e: Node): void {
    const { out } = this;
    if (e.object.type === "Super" && this.place.clone) {
      out.word("$R.superGet($home, ");
      if (e.computed) this.expr(e.property as Node, ASSIGN);
      else out.write(JSON.stringify(e.property.name));
      out.write(", $this)");
      return;
    }
    this.expr(e.object as Node, e.object.type === "NewExpression" || e.object.type === "Literal" ? CALL + 1 : CALL);
    if (e.computed) {
      out.write(e.optional ? "?.[" : "[");
      this.expr(e.property as Node);
      out.write("]");
    } else {
      out.write(e.optional ? "?." : ".");
      out.map(e.property.start as number);
      out.write(e.property.type === "PrivateIdentifier" ? `#${e.property.name}` : (e.property.name as string));
    }
  }

  private call(e: Node): void {
    const { out } = this;
    const bar = e.$bar === true && !this.place.fn.suspendable;
    if (bar) out.word("$R.b(");
    const callee = e.callee as Node;
    const imported = callee.type === "Identifier" ? gortImport(callee) : "";
    let args = e.arguments as Node[];
    if (imported === "go") {
      out.map(e.start);
      out.word(`$R.${e.$discard === true ? "goAt" : "goKept"}(${this.emit.creation(this.place.fn, e.start)}`);
      for (const a of args) {
        out.write(", ");
        this.expr(a, ASSIGN);
      }
      out.write(")");
      if (bar) out.write(")");
      return;
    }
    const creates =
      callee.type === "MemberExpression" && !callee.computed && callee.property.name === "go" && e.$at === undefined;
    if (creates) out.word(`($R.s = ${this.emit.creation(this.place.fn, e.start)}, `);
    if (callee.type === "MemberExpression" && callee.object.type === "Super" && this.place.clone) {
      this.expr(callee, CALL);
      out.write(".call");
      args = [{ type: "ThisExpression", start: 0, end: 0 }, ...args];
    } else this.expr(callee, callee.type === "NewExpression" ? CALL : CALL);
    if (e.optional) out.write("?.");
    out.map(
      e.$at !== undefined
        ? (e.$at as number)
        : callee.type === "MemberExpression" && !callee.computed
          ? (callee.property.start as number)
          : e.start,
    );
    const at = out.callPosition();
    this.list(args, "(", ")");
    this.lastCall = at;
    if (creates) out.write(")");
    if (bar) out.write(")");
  }

  private new(e: Node): void {
    const { out } = this;
    const bar = e.$bar === true && !this.place.fn.suspendable;
    if (bar) out.word("$R.b(");
    out.map(e.start);
    out.word("new ");
    const at = out.length - 4;
    const callee = e.callee as Node;
    // A call inside the callee would take the arguments.
    this.expr(callee, hasCall(callee) ? PRIMARY + 1 : CALL);
    this.list(e.arguments as Node[], "(", ")");
    this.lastCall = at;
    if (bar) out.write(")");
  }

  // --- statements the compiler leaves as they are --------------------------------------------------------------------

  statements(list: Node[]): void {
    for (const s of list) this.statement(s);
  }

  private block(s: Node): void {
    if (s.type === "BlockStatement") {
      this.out.write("{\n");
      this.statements(s.body as Node[]);
      this.out.write("}");
    } else {
      this.out.write("{\n");
      this.statement(s);
      this.out.write("}");
    }
  }

  declaration(s: Node): void {
    const { out } = this;
    out.map(s.start);
    out.word(`${s.kind} `);
    (s.declarations as Node[]).forEach((d, i) => {
      if (i > 0) out.write(", ");
      this.expr(d.id as Node, CALL);
      if (d.init !== null) {
        out.write(" = ");
        this.expr(d.init as Node, ASSIGN);
      }
    });
  }

  private head(left: Node): void {
    if (left.type === "VariableDeclaration") this.declaration(left);
    else this.expr(left, CALL);
  }

  statement(s: Node): void {
    const { out } = this;
    switch (s.type) {
      case "EmptyStatement":
        out.write(";\n");
        return;
      case "DebuggerStatement":
        out.write("debugger;\n");
        return;
      case "ExpressionStatement": {
        const e = s.expression as Node;
        if (e.type === "CallExpression") e.$discard = true;
        out.map(s.start);
        if (s.directive) out.write(`${e.raw}`);
        else this.expressionStatement(e);
        out.write(";\n");
        return;
      }
      case "BlockStatement":
        this.block(s);
        out.write("\n");
        return;
      case "VariableDeclaration":
        this.declaration(s);
        out.write(";\n");
        return;
      case "FunctionDeclaration":
        this.emit.functionDeclaration(s, this.place, out);
        out.write("\n");
        return;
      case "ClassDeclaration":
        this.emit.classExpression(s, this.place, out);
        out.write("\n");
        return;
      case "IfStatement":
        out.map(s.start);
        out.write("if (");
        this.expr(s.test as Node);
        out.write(") ");
        this.block(s.consequent as Node);
        if (s.alternate !== null) {
          out.write(" else ");
          this.block(s.alternate as Node);
        }
        out.write("\n");
        return;
      case "ReturnStatement":
      case "ThrowStatement":
        out.map(s.start);
        out.word(s.type === "ReturnStatement" ? "return" : "throw");
        if (s.argument !== null) {
          out.write(" ");
          this.expr(s.argument as Node);
        }
        out.write(";\n");
        return;
      case "BreakStatement":
      case "ContinueStatement":
        out.word(s.type === "BreakStatement" ? "break" : "continue");
        if (s.label !== null) out.write(` ${s.label.name}`);
        out.write(";\n");
        return;
      case "LabeledStatement":
        out.write(`${s.label.name}: `);
        this.statement(s.body as Node);
        return;
      case "ForStatement":
        out.map(s.start);
        out.write("for (");
        if (s.init !== null) this.head(s.init as Node);
        out.write("; ");
        if (s.test !== null) this.expr(s.test as Node);
        out.write("; ");
        if (s.update !== null) this.expr(s.update as Node);
        out.write(") ");
        this.block(s.body as Node);
        out.write("\n");
        return;
      case "ForInStatement":
      case "ForOfStatement":
        out.map(s.start);
        out.write(s.await ? "for await (" : "for (");
        this.head(s.left as Node);
        out.write(s.type === "ForInStatement" ? " in " : " of ");
        this.expr(s.right as Node, ASSIGN);
        out.write(") ");
        this.block(s.body as Node);
        out.write("\n");
        return;
      case "WhileStatement":
        out.map(s.start);
        out.write("while (");
        this.expr(s.test as Node);
        out.write(") ");
        this.block(s.body as Node);
        out.write("\n");
        return;
      case "DoWhileStatement":
        out.write("do ");
        this.block(s.body as Node);
        out.write(" while (");
        this.expr(s.test as Node);
        out.write(");\n");
        return;
      case "SwitchStatement":
        out.map(s.start);
        out.write("switch (");
        this.expr(s.discriminant as Node);
        out.write(") {\n");
        for (const c of s.cases as Node[]) {
          if (c.test === null) out.write("default:\n");
          else {
            out.write("case ");
            this.expr(c.test as Node);
            out.write(":\n");
          }
          this.statements(c.consequent as Node[]);
        }
        out.write("}\n");
        return;
      case "TryStatement":
        out.write("try ");
        this.block(s.block as Node);
        if (s.handler !== null) this.catch(s.handler as Node);
        if (s.finalizer !== null) {
          out.write(" finally ");
          this.block(s.finalizer as Node);
        }
        out.write("\n");
        return;
      default:
        throw new Error(`gort: cannot print ${s.type}`);
    }
  }

  private catch(h: Node): void {
    const { out } = this;
    const hook = this.place.fn.barrier !== "" || this.place.fn.kind === "module";
    out.write(" catch ");
    if (hook) {
      out.write("($e) {\n$e = $R.caught($e);\n");
      if (h.param !== null) {
        out.write("let ");
        this.expr(h.param as Node, CALL);
        out.write(" = $e;\n");
      }
      out.write("{\n");
      this.statements(h.body.body as Node[]);
      out.write("} }");
      return;
    }
    if (h.param !== null) {
      out.write("(");
      this.expr(h.param as Node, CALL);
      out.write(") ");
    }
    this.block(h.body as Node);
  }

  /** An expression as a statement: what starts like a block, a function or a class goes into parentheses. */
  expressionStatement(e: Node): void {
    if (startsLikeDeclaration(e)) {
      this.out.write("(");
      this.expr(e);
      this.out.write(")");
    } else this.expr(e);
  }
}

/** A function or class its place in the program would give a name. */
export function isAnonymous(e: Node): boolean {
  const can = e.type === "FunctionExpression" || e.type === "ArrowFunctionExpression" || e.type === "ClassExpression";
  return can && (e.id === null || e.id === undefined) && e.$name === undefined;
}

/** A constant the compiler keeps in a variable: assigning to it throws. */
function isConstant(e: Node): boolean {
  const b = e.type === "Identifier" && e.$decl !== true ? (e.$b as Binding | undefined) : undefined;
  return b !== undefined && b.kind === "const" && !b.module && b.fn.converted;
}

/** A use of a variable that may still be uninitialised. */
function isLate(e: Node): boolean {
  if (e.type !== "Identifier" || e.$tdz !== true || e.$decl === true || e.$raw === true || e.$own === true)
    return false;
  const b = e.$b as Binding;
  return !b.module;
}

function hasCall(e: Node): boolean {
  if (
    e.type === "CallExpression" ||
    e.type === "$Helper" ||
    e.type === "ImportExpression" ||
    e.type === "ChainExpression"
  )
    return true;
  if (e.type === "MemberExpression") return hasCall(e.object as Node) || e.object.type === "Super";
  if (e.type === "TaggedTemplateExpression") return hasCall(e.tag as Node);
  if (e.type === "FunctionExpression" || e.type === "ClassExpression") return true;
  return e.type === "Identifier" && e.$tdz === true;
}

/** Whether the text of `e` begins with `{`, `function`, `class` or `let [`. */
export function startsLikeDeclaration(e: Node): boolean {
  switch (e.type) {
    case "ObjectExpression":
    case "FunctionExpression":
    case "ClassExpression":
      return true;
    case "SequenceExpression":
      return startsLikeDeclaration(e.expressions[0] as Node);
    case "AssignmentExpression":
    case "BinaryExpression":
    case "LogicalExpression":
      return e.left.type !== "ObjectPattern" && startsLikeDeclaration(e.left as Node);
    case "ConditionalExpression":
      return startsLikeDeclaration(e.test as Node);
    case "CallExpression":
      return startsLikeDeclaration(e.callee as Node);
    case "TaggedTemplateExpression":
      return startsLikeDeclaration(e.tag as Node);
    case "MemberExpression":
      return startsLikeDeclaration(e.object as Node);
    case "ChainExpression":
      return startsLikeDeclaration(e.expression as Node);
    case "UpdateExpression":
      return !e.prefix && startsLikeDeclaration(e.argument as Node);
    default:
      return false;
  }
}

/**
 * Expressions as text. Functions and classes go back to the emitter, which decides what becomes of them.
 */
import { AssignmentPrinter, written } from "./assignment.ts";
import { discard, isAnonymous, type Node } from "../tree/ast.ts";
import type { Fn } from "../tree/binding.ts";
import { classCaptures } from "../ir/live.ts";
import { ASSIGN, CALL, COMMA, POSTFIX, PRIMARY, UNARY, precedence, rank } from "./rank.ts";
import { isLate } from "../tree/use.ts";

export class ExpressionPrinter extends AssignmentPrinter {
  /** Prints `e`, in parentheses where it binds looser than `least`. */
  expr(e: Node, least: number = COMMA): void {
    const parens =
      rank(e) < least ||
      e.$grouped === true ||
      (e.type === "ChainExpression" && least >= CALL) ||
      (e.type === "Literal" && typeof e.value === "number" && least > CALL) ||
      (least > CALL &&
        (e.type === "ObjectExpression" || e.type === "FunctionExpression" || e.type === "ClassExpression"));
    if (parens) this.out.write("(");
    this.bare(e);
    if (parens) this.out.write(")");
  }

  protected list(items: (Node | null)[], open: string, close: string): void {
    this.out.write(open);
    items.forEach((e, i) => {
      if (i > 0) this.out.write(",");
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
        else out.word(withoutSeparators(e.raw as string));
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
        this.template(e, false);
        return;
      case "TaggedTemplateExpression":
        this.isAsked(e);
        if (e.$top === true) {
          const site = { type: "$Site", quasi: e.quasi, start: e.start, end: e.start };
          const args = [site, ...(e.quasi.expressions as Node[])];
          this.call({ ...e, type: "CallExpression", callee: e.tag, arguments: args, optional: false });
          return;
        }
        if (e.$bar === true) out.word("$R.b(");
        if (e.tag.type === "ChainExpression") e.tag.$reference = true;
        this.function(e.tag as Node);
        this.template(e.quasi as Node, true);
        if (e.$bar === true) this.endBarrier();
        return;
      case "ArrayExpression":
        this.list(e.elements as Node[], "[", "]");
        return;
      case "ArrayPattern":
        this.list((e.elements as (Node | null)[]).map(written), "[", "]");
        return;
      case "ObjectExpression":
        if (this.emit.objectWithMethods(e, this.place, out)) return;
        this.object(e);
        return;
      case "ObjectPattern":
        this.object(e);
        return;
      case "AssignmentPattern":
        if (this.isUnnamed(e)) this.covered(written(e.left as Node)!);
        else this.expr(written(e.left as Node)!, CALL);
        out.write("=");
        this.expr(e.right as Node, ASSIGN);
        return;
      case "SpreadElement":
        out.write("...");
        this.expr(e.argument as Node, ASSIGN);
        return;
      case "RestElement":
        out.write("...");
        this.expr(written(e.argument as Node)!, ASSIGN);
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
        if (e.operator === "delete" && e.argument.object?.type === "Super" && this.place.home !== undefined) {
          this.deleteSuper(e.argument as Node);
          return;
        }
        if (e.operator === "delete" && this.isKept(e.argument as Node)) {
          out.word("false");
          return;
        }
        out.word(e.operator as string);
        if (e.operator === "void") discard(e.argument as Node);
        if (e.operator === "delete" && e.argument.type === "ChainExpression") e.argument.$reference = true;
        this.expr(e.argument as Node, UNARY);
        return;
      case "AwaitExpression":
        out.map(e.start);
        if (this.place.fn.awaits) {
          // The goroutine that called goes on while this waits.
          out.word("await $R.away($g,");
          this.expr(e.argument as Node, ASSIGN);
          out.write(",$g=null)");
          return;
        }
        out.word("await");
        this.expr(e.argument as Node, UNARY);
        return;
      case "YieldExpression":
        out.word(e.delegate ? "yield*" : "yield");
        if (e.argument !== null) this.expr(e.argument as Node, ASSIGN);
        return;
      case "UpdateExpression":
        this.update(e);
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
        out.word(e.operator as string);
        this.expr(e.right as Node, mixed(e.right as Node) ? PRIMARY : right ? p : p + 1);
        return;
      }
      case "AssignmentExpression":
        // Of an array pattern among arguments the engine can think that it is a parameter.
        if (e.left.type === "ObjectPattern" || e.left.type === "ArrayPattern") {
          out.write("(");
          this.assignment(e);
          out.write(")");
        } else this.assignment(e);
        return;
      case "ConditionalExpression":
        this.expr(e.test as Node, 1);
        out.write("?");
        this.expr(e.consequent as Node, ASSIGN);
        out.write(":");
        this.expr(e.alternate as Node, ASSIGN);
        return;
      case "SequenceExpression":
        (e.expressions as Node[]).forEach((x, i, { length }) => {
          if (i > 0) out.write(",");
          if (i < length - 1) discard(x);
          this.expr(x, ASSIGN);
        });
        return;
      case "MemberExpression":
        this.member(e);
        return;
      case "ChainExpression":
        this.chain(e);
        return;
      case "CallExpression":
        this.call(e);
        return;
      case "NewExpression":
        this.new(e);
        return;
      case "ImportExpression":
        out.map(e.start);
        // `import.source(…)`
        out.word(`import${e.phase ? `.${e.phase}` : ""}(`);
        this.expr(e.source as Node, ASSIGN);
        if (e.options) {
          out.write(",");
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
        if (
          e.name === "callable" &&
          !this.place.clone &&
          e.args[0].type === "Identifier" &&
          !isLate(e.args[0] as Node)
        ) {
          this.callable(e);
          return;
        }
        out.word(`${e.of ?? "$R"}.${e.name}`);
        this.list(e.args as Node[], "(", ")");
        return;
      case "$Field":
        out.word(`${e.of ?? "$R"}.${e.name}`);
        return;
      case "$Box":
        out.write(e.around === true ? "{get v(){return " : "{v:");
        this.expr(e.value as Node, ASSIGN);
        if (e.around === true) {
          out.write("},set v($v){");
          this.expr(e.value as Node, ASSIGN);
          out.write("=$v}");
        }
        out.write("}");
        return;
      case "$Site":
        out.word(this.emit.templateSite(e.quasi as Node));
        return;
      default:
        throw new Error(`gort: cannot print ${e.type}`);
    }
  }

  /** The question in place: the helper would ask it of all functions there are, which the engine cannot make fast. */
  private callable(e: Node): void {
    const [f, text] = e.args as Node[];
    this.out.write("(");
    this.name(f!);
    this.out.write("?.call===$R.call?");
    this.name(f!);
    this.out.write(":$R.callable(");
    this.name(f!);
    this.out.write(`,${text!.raw}))`);
  }

  private template(e: Node, tagged: boolean): void {
    const { out } = this;
    out.map(e.start);
    out.write("`");
    (e.quasis as Node[]).forEach((q, i) => {
      // A tag sees the text as it was written.
      out.write(tagged ? (q.value.raw as string) : withoutSeparators(q.value.raw as string));
      if (i < e.expressions.length) {
        out.write("${");
        this.expr(e.expressions[i] as Node);
        out.write("}");
      }
    });
    out.write("`");
  }

  /** In a converted function, and where a block at the top of the module is taken apart, what captures something is made elsewhere. */
  private mayBeLifted(e: Node): boolean {
    if (this.place.fn.converted) return true;
    const captures = e.type === "ClassExpression" ? classCaptures(e) : (e.$fn as Fn).captures;
    return [...captures].some((b) => b.apart);
  }

  key(p: Node): void {
    if (p.computed) {
      this.out.write("[");
      if (p.$member === true) this.emit.memberKey(() => this.expr(p.key as Node, ASSIGN));
      else this.expr(p.key as Node, ASSIGN);
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
    out.write("{");
    (e.properties as Node[]).forEach((p, i) => {
      if (i > 0) out.write(",");
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
        (p.$anonymous === true || (isAnonymous(p.value as Node) && this.mayBeLifted(p.value as Node)))
      ) {
        // A lifted function does not get its name from a computed key by itself.
        out.write("...$R.named(");
        this.expr(p.key as Node, ASSIGN);
        out.write(",");
        this.expr(p.value as Node, ASSIGN);
        out.write(")");
        return;
      }
      // Written out, a shorthand `__proto__` would set the prototype.
      if (p.shorthand === true && p.key.name === "__proto__") out.write('["__proto__"]');
      else this.key(p);
      out.write(":");
      this.expr(e.type === "ObjectPattern" ? written(p.value as Node)! : (p.value as Node), ASSIGN);
    });
    out.write("}");
  }
}

/** The separators that end a line for the engine, and for nobody else: tools behind us would miscount the lines. */
function withoutSeparators(raw: string): string {
  return raw.replace(/\\[^]|[\u2028\u2029]/g, (c) => {
    if (c.length === 1) return c === "\u2028" ? "\\u2028" : "\\u2029";
    // A line that goes on.
    return c === "\\\u2028" || c === "\\\u2029" ? "" : c;
  });
}

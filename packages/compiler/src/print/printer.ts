/** Statements the compiler leaves as they are, as text. */
import type { Node } from "../ast.ts";
import { ExpressionPrinter } from "./expression.ts";
import { ASSIGN, CALL } from "./rank.ts";
import { startsLikeDeclaration } from "./shape.ts";

export class Printer extends ExpressionPrinter {
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
        out.map(s.start);
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
      case "WithStatement":
        out.write("with (");
        this.expr(s.object as Node);
        out.write(") ");
        this.statement(s.body as Node);
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
    if (hook && h.param?.type === "Identifier") {
      // In its own name, which a `var` of the body may have too.
      out.write("(");
      this.expr(h.param as Node, CALL);
      out.write(") {\n");
      this.expr(h.param as Node, CALL);
      out.write(" = $R.caught(");
      this.expr(h.param as Node, CALL);
      out.write(");\n");
      this.statements(h.body.body as Node[]);
      out.write("}");
      return;
    }
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

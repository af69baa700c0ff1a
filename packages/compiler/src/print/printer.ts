/** Statements the compiler leaves as they are, as text. */
import { discard, eachChild, type Node } from "../tree/ast.ts";
import { ExpressionPrinter } from "./expression.ts";
import { ASSIGN, CALL } from "./rank.ts";
import { startsLikeDeclaration } from "./shape.ts";

export class Printer extends ExpressionPrinter {
  statements(list: Node[]): void {
    for (const s of list) this.statement(s);
  }

  private block(s: Node): void {
    this.out.write("{");
    if (s.type === "BlockStatement") this.statements(s.body as Node[]);
    else this.statement(s);
    this.out.close();
  }

  declaration(s: Node): void {
    const { out } = this;
    out.map(s.start);
    out.word(`${s.kind} `);
    (s.declarations as Node[]).forEach((d, i) => {
      if (i > 0) out.write(",");
      this.expr(d.id as Node, CALL);
      if (d.init !== null) {
        out.write("=");
        this.expr(d.init as Node, ASSIGN);
      }
    });
  }

  private head(left: Node): void {
    if (left.type === "VariableDeclaration") {
      for (const d of left.declarations as Node[])
        if (d.init !== null && holdsIn(d.init as Node)) d.init.$grouped = true;
      this.declaration(left);
    } else if (startsLikeDeclaration(left) || (left.type === "Identifier" && left.name === "async")) this.grouped(left);
    else this.expr(left, CALL);
  }

  statement(s: Node): void {
    const { out } = this;
    switch (s.type) {
      case "EmptyStatement":
        out.write("{}");
        return;
      case "DebuggerStatement":
        out.map(s.start);
        out.write("debugger;");
        return;
      case "ExpressionStatement": {
        const e = s.expression as Node;
        discard(e);
        out.map(s.start);
        if (s.directive) out.write(`${e.raw}`);
        else this.expressionStatement(e);
        out.write(";");
        return;
      }
      case "BlockStatement":
        this.block(s);
        return;
      case "VariableDeclaration":
        this.declaration(s);
        out.write(";");
        return;
      case "FunctionDeclaration":
        this.emit.functionDeclaration(s, this.place, out);
        return;
      case "ClassDeclaration":
        this.emit.classExpression(s, this.place, out);
        return;
      case "IfStatement":
        out.map(s.start);
        out.word("if(");
        this.expr(s.test as Node);
        out.write(")");
        this.block(s.consequent as Node);
        if (s.alternate !== null) {
          out.write("else");
          if (s.alternate.type === "IfStatement") this.statement(s.alternate as Node);
          else this.block(s.alternate as Node);
        }
        return;
      case "ReturnStatement":
      case "ThrowStatement":
        out.map(s.start);
        out.word(s.type === "ReturnStatement" ? "return" : "throw");
        if (s.argument !== null) this.expr(s.argument as Node);
        out.write(";");
        return;
      case "BreakStatement":
      case "ContinueStatement":
        out.word(s.type === "BreakStatement" ? "break" : "continue");
        out.write(s.label === null ? ";" : ` ${s.label.name};`);
        return;
      case "WithStatement":
        out.word("with(");
        this.expr(s.object as Node);
        out.write(")");
        this.statement(s.body as Node);
        return;
      case "LabeledStatement":
        out.word(`${s.label.name}:`);
        this.statement(s.body as Node);
        return;
      case "ForStatement":
        out.map(s.start);
        out.word("for(");
        if (s.init !== null) {
          discard(s.init as Node);
          this.head(s.init as Node);
        }
        out.write(";");
        if (s.test !== null) this.expr(s.test as Node);
        out.write(";");
        if (s.update !== null) {
          discard(s.update as Node);
          this.expr(s.update as Node);
        }
        out.write(")");
        this.block(s.body as Node);
        return;
      case "ForInStatement":
      case "ForOfStatement":
        out.map(s.start);
        out.word(s.await ? "for await(" : "for(");
        this.head(s.left as Node);
        out.word(s.type === "ForInStatement" ? "in" : "of");
        this.expr(s.right as Node, ASSIGN);
        out.write(")");
        this.block(s.body as Node);
        return;
      case "WhileStatement":
        out.map(s.start);
        out.word("while(");
        this.expr(s.test as Node);
        out.write(")");
        this.block(s.body as Node);
        return;
      case "DoWhileStatement":
        out.word("do");
        this.block(s.body as Node);
        out.write("while(");
        this.expr(s.test as Node);
        out.write(");");
        return;
      case "SwitchStatement":
        out.map(s.start);
        out.word("switch(");
        this.expr(s.discriminant as Node);
        out.write("){");
        for (const c of s.cases as Node[]) {
          out.word(c.test === null ? "default" : "case");
          if (c.test !== null) this.expr(c.test as Node);
          out.write(":");
          this.statements(c.consequent as Node[]);
        }
        out.close();
        return;
      case "TryStatement":
        out.word("try");
        this.block(s.block as Node);
        if (s.handler !== null) this.catch(s.handler as Node);
        if (s.finalizer !== null) {
          out.write("finally");
          this.block(s.finalizer as Node);
        }
        return;
      default:
        throw new Error(`gort: cannot print ${s.type}`);
    }
  }

  private catch(h: Node): void {
    const { out } = this;
    const hook = this.place.fn.barrier !== "" || this.place.fn.kind === "module";
    out.write("catch");
    if (hook && h.param?.type === "Identifier") {
      // In its own name, which a `var` of the body may have too.
      out.write("(");
      this.expr(h.param as Node, CALL);
      out.write("){");
      this.expr(h.param as Node, CALL);
      out.write("=$R.caught(");
      this.expr(h.param as Node, CALL);
      out.write(");");
      this.statements(h.body.body as Node[]);
      out.close();
      return;
    }
    if (hook) {
      out.write("($caught){$caught=$R.caught($caught);");
      if (h.param !== null) {
        out.write("let");
        this.expr(h.param as Node, CALL);
        out.write("=$caught;");
      }
      out.write("{");
      this.statements(h.body.body as Node[]);
      out.close();
      out.write("}");
      return;
    }
    if (h.param !== null) {
      out.write("(");
      this.expr(h.param as Node, CALL);
      out.write(")");
    }
    this.block(h.body as Node);
  }

  /** An expression as a statement: what starts like a block, a function or a class goes into parentheses, and what would be a directive. */
  expressionStatement(e: Node): void {
    if (startsLikeDeclaration(e) || (e.type === "Literal" && typeof e.value === "string")) this.grouped(e);
    else this.expr(e);
  }

  private grouped(e: Node): void {
    this.out.write("(");
    this.expr(e);
    this.out.write(")");
  }
}

/** In the head of a loop an `in` that is an operator stands in parentheses. */
function holdsIn(node: Node): boolean {
  if (node.type === "BinaryExpression" && node.operator === "in") return true;
  let found = false;
  eachChild(node, (child) => void (found ||= holdsIn(child)));
  return found;
}

/** Variables as text, read and written: as the analysis keeps them, and what the engine would say of one of its own is said here. */
import { isAnonymous, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { isConstant, isLate } from "../tree/use.ts";
import { CallPrinter } from "./call.ts";
import { ASSIGN, CALL, COMMA, PRIMARY, UNARY } from "./rank.ts";

export abstract class AssignmentPrinter extends CallPrinter {
  protected update(e: Node): void {
    if (isConstant(e.argument as Node)) {
      // Its old value is read and made a number all the same.
      this.out.word("$R.constant(-");
      this.expr(e.argument as Node, UNARY);
      this.out.write(")");
      return;
    }
    if (isLate(e.argument as Node)) {
      this.out.word("(");
      this.expr(e.argument as Node);
      this.out.write(",");
    }
    if (e.prefix) this.out.word(e.operator as string);
    this.target(e.argument as Node);
    if (!e.prefix) this.out.write(e.operator as string);
    if (isLate(e.argument as Node)) this.out.write(")");
  }

  protected assignment(e: Node): void {
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
      if (e.operator === "=") this.expr(e.right as Node, ASSIGN);
      else this.expr({ ...e, type: "BinaryExpression", operator: (e.operator as string).slice(0, -1) }, ASSIGN);
      if (isLate(left)) {
        this.out.write(",");
        this.expr(left);
      }
      this.out.write(")");
      return;
    }
    if (isLate(left) && e.operator !== "=") {
      this.out.word("(");
      this.expr(left);
      this.out.write(",");
    }
    if (this.isUnnamed(e)) this.covered(left);
    else this.target(left);
    this.out.write(e.operator as string);
    if (isLate(left) && e.operator === "=") {
      // The right side is evaluated before the write finds the variable uninitialised.
      this.out.write("$R.late(");
      this.expr(e.right as Node, ASSIGN);
      this.out.write(",");
      this.target(left);
      this.out.write(`,${JSON.stringify(left.name)})`);
    } else this.expr(e.right as Node, ASSIGN);
    if (isLate(left) && e.operator !== "=") this.out.write(")");
  }

  /** `(f) = function () {}`, printed where it stands: the brackets keep it from being named. */
  protected isUnnamed(e: Node): boolean {
    return e.left.type === "Identifier" && !this.place.fn.converted && isAnonymous(e.right as Node);
  }

  protected covered(e: Node): void {
    this.out.write("(");
    this.target(e);
    this.out.write(")");
  }

  /** What is assigned to: a name without its dead-zone check. */
  private target(e: Node): void {
    if (isLate(e)) this.name(written(e)!);
    else this.expr(e, e.type === "ObjectPattern" || e.type === "ArrayPattern" ? COMMA : CALL);
  }

  name(e: Node): void {
    const b = e.$b as Binding | undefined;
    this.out.map(e.start);
    if (b === undefined) {
      this.out.word(e.$arguments === true ? this.place.args : (e.name as string));
      return;
    }
    if (this.isBare(e, b)) {
      if (e.$tdz === true && !b.boxed && !b.module && e.$decl !== true && e.$raw !== true)
        this.out.word(`$R.tdz(${b.out},${JSON.stringify(b.name)})`);
      else this.out.word(b.out === "" ? b.name : b.out);
      return;
    }
    this.out.word(e.$tdz === true ? `$R.tdz(${b.out}.v,${JSON.stringify(b.name)})` : `${b.out}.v`);
  }

  /** Whether the name itself holds the value. */
  protected isBare(e: Node, b: Binding): boolean {
    return b.module || e.$raw === true || e.$own === true || e.$header === true || !b.boxed;
  }

  /** A variable that is not printed as its name alone: what stands there could be deleted, which variables cannot. */
  protected isKept(e: Node): boolean {
    const b = e.type === "Identifier" ? (e.$b as Binding | undefined) : undefined;
    return b !== undefined && (isLate(e) || !this.isBare(e, b));
  }
}

/** A name in a pattern is written to, not read: no check of its dead zone. */
export function written(e: Node | null): Node | null {
  return e !== null && isLate(e) ? { ...e, $tdz: false } : e;
}

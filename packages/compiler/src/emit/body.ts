/**
 * The statements of one copy of a function, from the intermediate form, structure as it is: the fast copy, and what stands in
 * a clone without safepoints. clone.ts prints the rest of a clone.
 *
 * The text has no spaces and lines between: half of what a program is compiled to would be those.
 */
import type { Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { holdsCall, mentions, type Cleanup, type Stmt } from "../ir/ir.ts";
import { ASSIGN } from "../print/rank.ts";
import { startsLikeDeclaration } from "../print/shape.ts";
import { SafepointPrinter } from "./safepoint.ts";

export class BodyPrinter extends SafepointPrinter {
  /** Cleanups whose bodies are being printed, and the way out that is taken next. */
  private readonly cleanups: Cleanup[] = [];
  private leaving = 0;

  plain(list: Stmt[]): void {
    for (let i = 0; i < list.length; i++) {
      const s = list[i]!;
      const next = this.cleanupOf(list[i + 1]);
      if (next !== undefined && s.t === "set" && s.v === next.completion) continue;
      this.one(s);
      i += this.cleanupOf(s)?.rest ?? 0;
    }
  }

  /** Of a block that is the whole `try` of one, in a fast copy. */
  private cleanupOf(s: Stmt | undefined): Cleanup | undefined {
    if (this.place.clone || s?.t !== "block" || s.body[0]?.t !== "try") return undefined;
    const { cleanup } = s.body[0];
    return cleanup?.label === s.label ? cleanup : undefined;
  }

  protected one(s: Stmt): void {
    const { out, printer } = this;
    switch (s.t) {
      case "expr":
        out.map(s.e.start);
        if (s.e.type === "DebuggerStatement") out.word("debugger");
        else if (startsLikeDeclaration(s.e)) {
          out.write("(");
          printer.expr(s.e);
          out.write(")");
        } else printer.expr(s.e);
        out.write(";");
        return;
      case "set":
        if (this.leaves(s)) return;
        // Temporaries that share a variable.
        if (s.e.type === "Identifier" && (s.e.$b as Binding | undefined)?.out === s.v.out && s.v.name === "") return;
        out.map(s.e.start);
        out.word(`${s.v.out}=`);
        printer.expr(s.e, ASSIGN);
        out.write(";");
        return;
      case "call":
        this.call(s);
        return;
      case "poll":
        this.poll(s);
        return;
      case "if":
        out.map(s.test.start);
        out.word("if(");
        printer.expr(s.test);
        out.write("){");
        this.plain(s.yes);
        out.close();
        this.otherwise(s.no, () => this.plain(s.no));
        return;
      case "loop":
        out.map(s.at);
        if (s.over !== undefined && !this.place.clone) {
          const [round, ...rest] = s.body as [Stmt & { t: "block" }, ...Stmt[]];
          out.word(`${s.label}:for(${s.over.key.out} in ${s.over.object.out}){`);
          this.plain([{ ...round, body: round.body.slice(s.over.heads) }, ...rest]);
        } else {
          this.loopHead(s.label, s.test);
          this.plain(s.body);
        }
        out.close();
        return;
      case "block":
        if (this.cleanupOf(s) !== undefined || !mentions(s.body, s.label)) {
          this.plain(s.body);
          return;
        }
        out.word(`${s.label}:{`);
        this.plain(s.body);
        out.close();
        return;
      case "break":
        if (s.at !== undefined) out.map(s.at);
        this.jump(s.label);
        return;
      case "return":
        out.map(s.at);
        this.return(s.e);
        return;
      case "throw":
        out.map(s.at);
        out.word("throw");
        printer.expr(s.e);
        out.write(";");
        return;
      case "try":
        out.word("try{");
        if (s.cleanup !== undefined && !this.place.clone) {
          this.cleanUp(s, s.cleanup);
          return;
        }
        this.plain(s.body);
        this.handler(s);
        return;
      case "finally":
        out.word("try{");
        this.plain(s.body);
        out.close();
        out.write("finally{");
        this.plain(s.finalizer);
        out.close();
        return;
      case "switch":
        out.map(s.disc.start);
        out.word(`${s.label}:switch(`);
        printer.expr(s.disc);
        out.write("){");
        for (const c of s.cases) {
          this.caseLabel(c.test);
          this.plain(c.body);
        }
        out.close();
        return;
      case "forof":
      case "forin":
        // It awaits by itself.
        if (s.t === "forof" && s.await && this.place.fn.awaits) out.word("$R.away($g,0,$g=null);");
        out.word(`${s.label}:for${s.t === "forof" && s.await ? " await" : ""}(`);
        printer.expr(s.left);
        out.word(s.t === "forof" ? "of" : "in");
        printer.expr(s.right, ASSIGN);
        out.write("){");
        this.plain(s.body);
        out.close();
        return;
    }
  }

  protected otherwise(no: Stmt[], print: () => void): void {
    if (no.length === 0) return;
    this.out.write("else{");
    print();
    this.out.close();
  }

  protected caseLabel(test: Node | null): void {
    if (test === null) this.out.word("default:");
    else {
      this.out.word("case");
      this.printer.expr(test);
      this.out.write(":");
    }
  }

  protected loopHead(label: string, test: Node | null): void {
    if (test === null) {
      this.out.word(`${label}:for(;;){`);
      return;
    }
    this.out.word(`${label}:while(`);
    this.printer.expr(test);
    this.out.write("){");
  }

  protected return(e: Node | null): void {
    const { out } = this;
    out.word("return");
    if (e !== null) this.printer.expr(e);
    out.write(";");
  }

  /** `finally` as the engine has it. A suspension comes by as well, and is nobody's end. */
  private cleanUp(s: Stmt & { t: "try" }, cleanup: Cleanup): void {
    const { out } = this;
    this.cleanups.push(cleanup);
    this.plain(s.body);
    this.cleanups.pop();
    out.close();
    // Where the only safepoint is elsewhere, none comes by.
    const guarded = this.only === null;
    out.write(`finally{${guarded ? "if(!$p){" : ""}if($R.u)$R.lost();`);
    this.plain(cleanup.list);
    if (guarded) out.close();
    out.close();
  }

  private jump(label: string): void {
    const cleanup = this.cleanups.at(-1);
    if (cleanup?.label !== label) {
      this.out.word(`break ${label};`);
      return;
    }
    this.cleanups.pop();
    this.plain(cleanup.exits[this.leaving - 1]!);
    this.cleanups.push(cleanup);
  }

  /** Whether `s` says by which way out the body of a cleanup is left: the jump behind it goes there. */
  private leaves(s: Stmt & { t: "set" }): boolean {
    if (this.cleanups.at(-1)?.completion !== s.v) return false;
    this.leaving = s.e.value as number;
    return true;
  }

  protected handler(s: Stmt & { t: "try" }): void {
    const { out } = this;
    // The fast copy has no record: what it saves there is anything.
    if (s.cleanup !== undefined && falls(s.body)) out.write(`${s.cleanup.completion.out}=0;`);
    out.close();
    out.write("catch($e){");
    // An exception taken over leaves the number of its safepoint.
    if (this.place.clone && holdsCall(s.body)) out.write("$p=0;");
    if (s.bare) {
      this.plain(s.handler);
      out.close();
      return;
    }
    if (s.user) out.write(`${s.param.out}=$R.${s.uses ? "caught" : "pass"}($e);`);
    else out.write(`${s.param.out}=$R.over($e);`);
    this.plain(s.handler);
    out.close();
  }

  /** The end of the body. */
  end(): void {
    this.return(null);
  }
}

/** Whether the end of a list is reached. */
function falls(list: Stmt[]): boolean {
  const last = list.at(-1);
  return last === undefined || !(last.t === "return" || last.t === "throw" || last.t === "break");
}

/**
 * The statements of one copy of a function, from the intermediate form, structure as it is: the fast copy, and what stands in
 * a clone without safepoints. clone.ts prints the rest of a clone.
 *
 * The text has no spaces and lines between: half of what a program is compiled to would be those.
 */
import type { Node } from "./ast.ts";
import type { Binding } from "./binding.ts";
import { holdsCall, type Cleanup, type Stmt } from "./ir.ts";
import { isFresh } from "./lower/node.ts";
import { Output } from "./output.ts";
import type { Emitter, Place } from "./print/place.ts";
import { Printer } from "./print/printer.ts";
import { ASSIGN } from "./print/rank.ts";
import { startsLikeDeclaration } from "./print/shape.ts";

export class BodyPrinter {
  protected readonly out: Output;
  protected readonly place: Place;
  protected readonly emit: Emitter;
  protected readonly printer: Printer;
  protected readonly force: boolean;
  /** Cleanups whose bodies are being printed, and the way out that is taken next. */
  private readonly cleanups: Cleanup[] = [];
  private leaving = 0;
  /** How a fast copy with one safepoint leaves there; any other notes which it was, and leaves at the end. */
  private readonly only: ((pc: number) => string) | null;
  /** Places the function leaves at so far. */
  exits = 0;

  constructor(out: Output, place: Place, emit: Emitter, force: boolean, only: ((pc: number) => string) | null = null) {
    this.out = out;
    this.place = place;
    this.emit = emit;
    this.force = force;
    this.only = only;
    this.printer = new Printer(out, place, emit);
  }

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

  /**
   * A call that may suspend: `undefined` and the flag say that it did; behind `new` and callbacks the flag alone. `taken`: its
   * value goes where the clone also finds what the call gave before a suspension.
   */
  protected call(s: Stmt & { t: "call" }, taken = false): void {
    const { out } = this;
    if (this.place.fn.awaits) {
      this.awaited(s);
      return;
    }
    this.exits++;
    const exit = `){${s.via === null ? "" : this.via(s.via)}${this.leave(s.pc)}}`;
    const to = taken && !s.fresh ? "$v" : (s.v?.out ?? "");
    const target = s.v?.out ?? "$v";
    out.map(s.e.start);
    if (this.force) {
      if (s.v === null) out.write("{let $v=");
      else out.word(`${target}=`);
      this.callExpression(s.e);
      const via = s.via === null ? "" : `if($R.u){${this.via(s.via)}}`;
      out.write(`;${via}if($R.u||$R.force(${target})){${this.leave(s.pc)}}${s.v === null ? "}" : ""}`);
      if (taken && !s.fresh && s.v !== null) out.write(`$v=${target};`);
      return;
    }
    if (s.flagOnly) {
      if (s.v !== null) out.word(`${to}=`);
      this.callExpression(s.e);
      out.write(";if($R.u");
      out.unmap();
      out.write(exit);
      return;
    }
    out.word("if(");
    if (s.v !== null) out.write(`(${to}=`);
    this.callExpression(s.e);
    out.write(`${s.v !== null ? ")" : ""}===void 0&&$R.u`);
    out.unmap();
    out.write(exit);
  }

  /** In an async body: what the call became is awaited. The caller's goroutine goes on meanwhile. */
  protected awaited(s: Stmt & { t: "call" }): void {
    const { out } = this;
    const target = s.v?.out ?? "$v";
    const became = "(await $R.became($g,$g=null)).v";
    const value = s.fresh && s.v !== null ? `$R.constructed(${became},${target})` : became;
    const via = s.via === null ? "" : this.via(s.via);
    out.map(s.e.start);
    if (s.flagOnly || this.force) {
      out.word(`${target}=`);
      this.callExpression(s.e, true);
      if (this.force && via !== "") out.write(`;if($R.u){${via}}`);
      const asked = this.force ? `$R.u||$R.forceHere(${target})` : "$R.u";
      out.write(`;if(${asked}){${this.force ? "" : via}${target}=${value}}`);
      return;
    }
    out.word("if(");
    if (s.v !== null) out.write(`(${target}=`);
    this.callExpression(s.e, true);
    out.write(`${s.v !== null ? ")" : ""}===void 0&&$R.u)${target}=${value};`);
  }

  /** The question whether the function that was given callbacks is one a suspension may pass through. */
  protected via(callee: Node): string {
    const out = new Output();
    out.write("$R.via(");
    new Printer(out, this.place, this.emit).expr(callee, ASSIGN);
    // A call into a package: the function it calls may be an operation of the runtime, which the package only hands on.
    out.write(callee.$foreign === true ? ",1);" : ");");
    return out.text;
  }

  protected callExpression(e: Node, awaited = false): void {
    this.printer.expr(e, ASSIGN);
    this.out.site(this.printer.lastCall, awaited, isFresh(e));
  }

  protected poll(s: Stmt & { t: "poll" }): void {
    this.out.unmap();
    if (s.test !== undefined && this.place.clone) return;
    this.exits++;
    if (s.test !== undefined) {
      this.out.word("if(");
      this.printer.expr(s.test);
      this.out.write(`){${this.leave(-s.pc)}}`);
      return;
    }
    const { fn, clone } = this.place;
    const counts = s.entry && !clone && fn.recursive && fn.suspendable;
    const words = fn.loops ? "$u" : "$U";
    const asked = counts ? `(${words}[12]-=${fn.frame})<${words}[0]&&$R.low()` : `${words}[0]`;
    const names = clone || s.dead === undefined ? "" : s.dead.map((name) => `${name}=`).join("");
    const dead = names === "" ? "" : `${names}void 0;`;
    this.out.word(`if(${this.force ? "$R.forcePoll()||" : ""}${asked}){${this.leave(-s.pc, dead)}}`);
  }

  /** Out of the function at a safepoint; `first`: what is done before. */
  private leave(pc: number, first = ""): string {
    return this.only === null ? `$p=${pc};${first}break o` : `${first}${this.only(pc)}`;
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

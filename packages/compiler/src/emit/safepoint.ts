/** Safepoints as text: calls that may suspend, polls, and the way out of the function there. */
import type { Node } from "../tree/ast.ts";
import type { Stmt } from "../ir/ir.ts";
import { isFresh } from "../tree/node.ts";
import { Output } from "../print/output.ts";
import type { Emitter, Place } from "../print/place.ts";
import { Printer } from "../print/printer.ts";
import { ASSIGN } from "../print/rank.ts";

export class SafepointPrinter {
  protected readonly out: Output;
  protected readonly place: Place;
  protected readonly emit: Emitter;
  protected readonly printer: Printer;
  protected readonly force: boolean;
  /** How a fast copy with one safepoint leaves there; any other notes which it was, and leaves at the end. */
  protected readonly only: ((pc: number) => string) | null;
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
}

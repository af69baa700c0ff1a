/**
 * The statements of one copy of a function, from the intermediate form.
 *
 * `plain` prints the structure as it is: the fast copy. `resumable` prints it so that it can be entered at any safepoint:
 * each list of statements that holds one is a fall-through `switch ($pc)`, entered at the statement that holds the
 * safepoint; once there, `$pc` is 0 and everything runs as in the fast copy. A list without safepoints, and a loop whose
 * only safepoint is its own poll, stay as they are.
 */
import type { Node } from "./ast.ts";
import type { Stmt } from "./ir.ts";
import { isFresh } from "./lower/node.ts";
import { Output } from "./output.ts";
import type { Emitter, Place } from "./print/place.ts";
import { Printer } from "./print/printer.ts";
import { ASSIGN } from "./print/rank.ts";
import { startsLikeDeclaration } from "./print/shape.ts";

export class BodyPrinter {
  private readonly out: Output;
  private readonly place: Place;
  private readonly emit: Emitter;
  private readonly printer: Printer;
  private readonly force: boolean;

  constructor(out: Output, place: Place, emit: Emitter, force: boolean) {
    this.out = out;
    this.place = place;
    this.emit = emit;
    this.force = force;
    this.printer = new Printer(out, place, emit);
  }

  plain(list: Stmt[]): void {
    for (const s of list) this.one(s);
  }

  private one(s: Stmt): void {
    const { out, printer } = this;
    switch (s.t) {
      case "expr":
        out.map(s.e.start);
        if (s.e.type === "DebuggerStatement") out.write("debugger");
        else if (startsLikeDeclaration(s.e)) {
          out.write("(");
          printer.expr(s.e);
          out.write(")");
        } else printer.expr(s.e);
        out.write(";\n");
        return;
      case "set":
        out.map(s.e.start);
        out.write(`${s.v.out} = `);
        printer.expr(s.e, ASSIGN);
        out.write(";\n");
        return;
      case "call":
        this.call(s);
        return;
      case "poll":
        this.poll(s);
        return;
      case "if":
        out.map(s.test.start);
        out.write("if (");
        printer.expr(s.test);
        out.write(") {\n");
        this.plain(s.yes);
        if (s.no.length > 0) {
          out.write("} else {\n");
          this.plain(s.no);
        }
        out.write("}\n");
        return;
      case "loop":
        out.map(s.at);
        this.loopHead(s.label, s.test);
        this.plain(s.body);
        out.write("}\n");
        return;
      case "block":
        if (!mentions(s.body, s.label)) {
          this.plain(s.body);
          return;
        }
        out.write(`${s.label}: {\n`);
        this.plain(s.body);
        out.write("}\n");
        return;
      case "break":
        out.write(`break ${s.label};\n`);
        return;
      case "return":
        out.map(s.at);
        this.return(s.e);
        return;
      case "throw":
        out.map(s.at);
        out.write("throw ");
        printer.expr(s.e);
        out.write(";\n");
        return;
      case "try":
        out.write("try {\n");
        this.plain(s.body);
        this.handler(s);
        return;
      case "finally":
        out.write("try {\n");
        this.plain(s.body);
        out.write("} finally {\n");
        this.plain(s.finalizer);
        out.write("}\n");
        return;
      case "switch":
        out.map(s.disc.start);
        out.write(`${s.label}: switch (`);
        printer.expr(s.disc);
        out.write(") {\n");
        for (const c of s.cases) {
          this.caseLabel(c.test);
          this.plain(c.body);
        }
        out.write("}\n");
        return;
      case "forof":
      case "forin":
        // It awaits by itself.
        if (s.t === "forof" && s.await && this.place.fn.awaits) out.write("$R.away($g, 0, $g = null);\n");
        out.write(`${s.label}: for ${s.t === "forof" && s.await ? "await " : ""}(`);
        printer.expr(s.left);
        out.write(s.t === "forof" ? " of " : " in ");
        printer.expr(s.right, ASSIGN);
        out.write(") {\n");
        this.plain(s.body);
        out.write("}\n");
        return;
    }
  }

  private caseLabel(test: Node | null): void {
    if (test === null) this.out.write("default:\n");
    else {
      this.out.write("case ");
      this.printer.expr(test);
      this.out.write(":\n");
    }
  }

  private loopHead(label: string, test: Node | null): void {
    if (test === null) {
      this.out.write(`${label}: for (;;) {\n`);
      return;
    }
    this.out.write(`${label}: while (`);
    this.printer.expr(test);
    this.out.write(") {\n");
  }

  private return(e: Node | null): void {
    const { out } = this;
    if (this.counts) out.write("$U[12] = $d;\n");
    out.write("return");
    if (e !== null) {
      out.write(" ");
      this.printer.expr(e);
    }
    out.write(";\n");
  }

  private handler(s: Stmt & { t: "try" }): void {
    const { out } = this;
    out.write("} catch ($e) {\n");
    if (s.user) out.write(`${s.param.out} = $R.${s.uses ? "caught" : "pass"}($e);\n`);
    else out.write(`${s.param.out} = $R.over($e);\n`);
    this.plain(s.handler);
    out.write("}\n");
  }

  /** A call that may suspend: `undefined` and the flag say that it did; behind `new` and callbacks the flag alone. */
  private call(s: Stmt & { t: "call" }): void {
    const { out } = this;
    if (this.place.fn.awaits) {
      this.awaited(s);
      return;
    }
    const exit = `${s.via === null ? "" : this.via(s.via)}$pc = ${s.pc}; break $o; }\n`;
    const target = s.v?.out ?? "$v";
    out.map(s.e.start);
    if (this.force) {
      if (s.v === null) out.write("{ let $v = ");
      else out.write(`${target} = `);
      this.callExpression(s.e);
      const via = s.via === null ? "" : `if ($R.u !== 0) ${this.via(s.via)}`;
      out.write(
        `; ${via}if ($R.u !== 0 || $R.force(${target})) { $pc = ${s.pc}; break $o; }${s.v === null ? " }" : ""}\n`,
      );
      return;
    }
    if (s.flagOnly) {
      if (s.v !== null) out.write(`${target} = `);
      this.callExpression(s.e);
      out.write(`;\nif ($R.u !== 0) { `);
      out.unmap();
      out.write(exit);
      return;
    }
    out.write("if (");
    if (s.v !== null) out.write(`(${target} = `);
    this.callExpression(s.e);
    out.write(`${s.v !== null ? ")" : ""} === undefined && $R.u !== 0) { `);
    out.unmap();
    out.write(exit);
  }

  /** In an async body: what the call became is awaited. The caller's goroutine goes on meanwhile. */
  private awaited(s: Stmt & { t: "call" }): void {
    const { out } = this;
    const target = s.v?.out ?? "$v";
    const became = "(await $R.became($g, $g = null)).v";
    const value = s.fresh && s.v !== null ? `$R.constructed(${became}, ${target})` : became;
    const via = s.via === null ? "" : this.via(s.via);
    out.map(s.e.start);
    if (s.flagOnly || this.force) {
      out.write(`${target} = `);
      this.callExpression(s.e, true);
      if (this.force && via !== "") out.write(`;\nif ($R.u !== 0) { ${via}}`);
      const asked = this.force ? `$R.u !== 0 || $R.forceHere(${target})` : "$R.u !== 0";
      out.write(`;\nif (${asked}) { ${this.force ? "" : via}${target} = ${value}; }\n`);
      return;
    }
    out.write("if (");
    if (s.v !== null) out.write(`(${target} = `);
    this.callExpression(s.e, true);
    out.write(`${s.v !== null ? ")" : ""} === undefined && $R.u !== 0) ${target} = ${value};\n`);
  }

  /** The question whether the function that was given callbacks is one a suspension may pass through. */
  private via(callee: Node): string {
    const out = new Output();
    out.write("$R.via(");
    new Printer(out, this.place, this.emit).expr(callee, ASSIGN);
    out.write("); ");
    return out.text;
  }

  private callExpression(e: Node, awaited = false): void {
    this.printer.expr(e, ASSIGN);
    this.out.site(this.printer.lastCall, awaited, isFresh(e));
  }

  private poll(s: Stmt & { t: "poll" }): void {
    this.out.unmap();
    const deep = s.entry && this.counts ? `($U[12] = $d - ${this.place.fn.frame}) < 0 || ` : "";
    this.out.write(`if (${this.force ? "$R.forcePoll() || " : ""}${deep}$U[0] !== 0) { $pc = ${-s.pc}; break $o; }\n`);
  }

  /** A fast copy of a recursive function: it gives back what it has taken of the native stack when it returns. */
  private get counts(): boolean {
    return !this.place.clone && this.place.fn.recursive && this.place.fn.suspendable;
  }

  /** The end of the body. */
  end(): void {
    this.return(null);
  }

  // --- the clone --------------------------------------------------------------------------------------------------

  /** Prints a list that is entered at a safepoint inside it, or, when `enterable`, also at its start. */
  resumable(list: Stmt[], enterable: boolean): void {
    const { out } = this;
    out.unmap();
    const first = list.findIndex((s) => s.lo > 0);
    if (first < 0) {
      if (enterable) this.plain(list);
      return;
    }
    const last = list.findLastIndex((s) => s.lo > 0);
    out.write("switch ($pc) {\n");
    if (enterable) {
      out.write("case 0:\n");
      for (const s of list.slice(0, first)) this.one(s);
    }
    for (let i = first; i <= last; i++) {
      const s = list[i]!;
      const reachable = enterable || i > first;
      if (s.lo === 0) this.one(s);
      else if (s.t === "call") {
        if (reachable) this.call(s);
        const value = "$R.x === 0 ? $R.v : $R.rethrow()";
        const taken =
          s.v === null
            ? value
            : s.fresh
              ? `${s.v.out} = $R.constructed(${value}, ${s.v.out})`
              : `${s.v.out} = ${value}`;
        out.unmap();
        out.write(`case ${s.pc}:\nif ($pc === ${s.pc}) { $pc = 0; ${taken}; }\n`);
      } else if (s.t === "poll") {
        if (reachable) this.poll(s);
        out.unmap();
        out.write(`case ${s.pc}:\n$pc = 0;\n`);
      } else {
        out.unmap();
        for (let pc = s.lo; pc <= s.hi; pc++) out.write(`case ${pc}:${pc === s.hi ? "\n" : " "}`);
        this.enter(s, reachable);
      }
    }
    out.write("}\n");
    for (const s of list.slice(last + 1)) this.one(s);
  }

  /** A compound statement entered at a safepoint inside it; `$pc` is 0 when it is reached from above. */
  private enter(s: Stmt, reachable: boolean): void {
    const { out, printer } = this;
    switch (s.t) {
      case "if": {
        const inThen = s.yes.some((x) => x.lo > 0);
        const inElse = s.no.some((x) => x.lo > 0);
        const split = s.yes.reduce((hi, x) => Math.max(hi, x.hi), 0);
        out.map(s.test.start);
        out.write("if (");
        if (inThen && inElse) {
          out.write("$pc === 0 ? ");
          printer.expr(s.test, 1);
          out.write(` : $pc <= ${split}`);
        } else {
          out.write(inThen ? "$pc !== 0 || " : "$pc === 0 && ");
          printer.expr(s.test, 4);
        }
        out.write(") {\n");
        this.resumable(s.yes, true);
        if (s.no.length > 0) {
          out.write("} else {\n");
          this.resumable(s.no, true);
        }
        out.write("}\n");
        return;
      }
      case "loop": {
        const poll = s.body[s.body.length - 1];
        if (s.lo === s.hi && poll?.t === "poll") {
          // Its own poll is the only safepoint: going on means testing again, so the loop stays a plain one.
          out.write("$pc = 0;\n");
          this.one(s);
          return;
        }
        out.write(`${s.label}: for (;;) {\n`);
        if (s.test !== null) {
          out.map(s.test.start);
          out.write("if ($pc === 0 && !");
          printer.expr(s.test, 14);
          out.write(`) break ${s.label};\n`);
        }
        this.resumable(s.body, true);
        out.write("}\n");
        return;
      }
      case "block":
        out.write(`${s.label}: {\n`);
        this.resumable(s.body, reachable);
        out.write("}\n");
        return;
      case "try":
        out.write("try {\n");
        this.resumable(s.body, reachable);
        this.handler(s);
        return;
      case "switch": {
        // The index of the case to go on in: by the discriminant from above, by the safepoint on a resume.
        const k = s.k.out;
        const otherwise = s.cases.findIndex((c) => c.test === null);
        out.map(s.disc.start);
        out.write("if ($pc === 0) switch (");
        printer.expr(s.disc);
        out.write(") {\n");
        s.cases.forEach((c, i) => {
          if (c.test === null) return;
          this.caseLabel(c.test);
          out.write(`${k} = ${i}; break;\n`);
        });
        out.write(`default: ${k} = ${otherwise < 0 ? s.cases.length : otherwise};\n}\nelse ${k} = `);
        s.cases.forEach((c, i) => {
          const hi = c.body.reduce((h, x) => Math.max(h, x.hi), 0);
          if (hi > 0) out.write(`$pc <= ${hi} ? ${i} : `);
        });
        out.write(`0;\n${s.label}: {\n`);
        s.cases.forEach((c, i) => {
          out.write(`if (${k} <= ${i}) {\n`);
          this.resumable(c.body, true);
          out.write("}\n");
        });
        out.write("}\n");
        return;
      }
      default:
        throw new Error(`gort: ${s.t} holds a safepoint`);
    }
  }
}

/** Whether a list jumps to `label`. */
function mentions(list: Stmt[], label: string): boolean {
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

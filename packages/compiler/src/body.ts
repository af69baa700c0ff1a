/**
 * The statements of one copy of a function, from the intermediate form.
 *
 * `plain` prints the structure as it is: the fast copy. `resumable` prints it so that it can be entered at any safepoint:
 * each list of statements that holds one is a fall-through `switch ($p)`, entered at the statement that holds the
 * safepoint; once there, `$p` is 0 and everything runs as in the fast copy. A list without safepoints, and a loop whose
 * only safepoint is its own poll, stay as they are.
 */
import type { Node } from "./ast.ts";
import { holdsCall, type Stmt, triesOf } from "./ir.ts";
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
  /** In a clone: what follows cannot be reached from above. */
  private left = false;

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
        if (s.e.type === "DebuggerStatement") out.word("debugger");
        else if (startsLikeDeclaration(s.e)) {
          out.write("(");
          printer.expr(s.e);
          out.write(")");
        } else printer.expr(s.e);
        out.write(";");
        return;
      case "set":
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
        out.word("if(");
        printer.expr(s.test);
        out.write("){");
        this.plain(s.yes);
        out.close();
        this.otherwise(s.no, () => this.plain(s.no));
        return;
      case "loop":
        out.map(s.at);
        this.loopHead(s.label, s.test);
        this.plain(s.body);
        out.close();
        return;
      case "block":
        if (!mentions(s.body, s.label)) {
          this.plain(s.body);
          return;
        }
        out.word(`${s.label}:{`);
        this.plain(s.body);
        out.close();
        return;
      case "break":
        out.word(`break ${s.label};`);
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

  private otherwise(no: Stmt[], print: () => void): void {
    if (no.length === 0) return;
    this.out.write("else{");
    print();
    this.out.close();
  }

  private caseLabel(test: Node | null): void {
    if (test === null) this.out.word("default:");
    else {
      this.out.word("case");
      this.printer.expr(test);
      this.out.write(":");
    }
  }

  private loopHead(label: string, test: Node | null): void {
    if (test === null) {
      this.out.word(`${label}:for(;;){`);
      return;
    }
    this.out.word(`${label}:while(`);
    this.printer.expr(test);
    this.out.write("){");
  }

  private return(e: Node | null): void {
    const { out } = this;
    if (this.counts) out.word("$U[12]=$d;");
    out.word("return");
    if (e !== null) this.printer.expr(e);
    out.write(";");
  }

  private handler(s: Stmt & { t: "try" }): void {
    const { out } = this;
    out.close();
    out.write("catch($e){");
    if (s.bare) {
      this.plain(s.handler);
      out.close();
      return;
    }
    // An exception taken over leaves the number of its safepoint.
    if (this.place.clone && holdsCall(s.body)) out.write("$p=0;");
    if (s.user) out.write(`${s.param.out}=$R.${s.uses ? "caught" : "pass"}($e);`);
    else out.write(`${s.param.out}=$R.over($e);`);
    this.plain(s.handler);
    out.close();
  }

  /**
   * A call that may suspend: `undefined` and the flag say that it did; behind `new` and callbacks the flag alone. `taken`: its
   * value goes where the clone also finds what the call gave before a suspension.
   */
  private call(s: Stmt & { t: "call" }, taken = false): void {
    const { out } = this;
    if (this.place.fn.awaits) {
      this.awaited(s);
      return;
    }
    const exit = `){${s.via === null ? "" : this.via(s.via)}$p=${s.pc};break o}`;
    const to = taken && !s.fresh ? "$v" : (s.v?.out ?? "");
    const target = s.v?.out ?? "$v";
    out.map(s.e.start);
    if (this.force) {
      if (s.v === null) out.write("{let $v=");
      else out.word(`${target}=`);
      this.callExpression(s.e);
      const via = s.via === null ? "" : `if($R.u){${this.via(s.via)}}`;
      out.write(`;${via}if($R.u||$R.force(${target})){$p=${s.pc};break o}${s.v === null ? "}" : ""}`);
      if (taken && !s.fresh && s.v !== null) out.write(`$v=${target};`);
      return;
    }
    if (s.flagOnly) {
      if (s.v !== null) out.word(`${to}=`);
      this.callExpression(s.e);
      out.write(`;if($R.u${exit}`);
      return;
    }
    out.word("if(");
    if (s.v !== null) out.write(`(${to}=`);
    this.callExpression(s.e);
    out.write(`${s.v !== null ? ")" : ""}===void 0&&$R.u${exit}`);
  }

  /** In an async body: what the call became is awaited. The caller's goroutine goes on meanwhile. */
  private awaited(s: Stmt & { t: "call" }): void {
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
  private via(callee: Node): string {
    const out = new Output();
    out.write("$R.via(");
    new Printer(out, this.place, this.emit).expr(callee, ASSIGN);
    out.write(");");
    return out.text;
  }

  private callExpression(e: Node, awaited = false): void {
    this.printer.expr(e, ASSIGN);
    this.out.site(this.printer.lastCall, awaited, isFresh(e));
  }

  private poll(s: Stmt & { t: "poll" }): void {
    const deep = s.entry && this.counts ? `($U[12]=$d-${this.place.fn.frame})<0||` : "";
    this.out.word(`if(${this.force ? "$R.forcePoll()||" : ""}${deep}$U[0]){$p=${-s.pc};break o}`);
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

  /** What follows the label of a call, where execution comes from above or after a suspension. */
  private taken(s: Stmt & { t: "call" }): void {
    const { out } = this;
    if (s.v === null) out.word("$p=0;");
    else if (s.fresh) out.word(`if($p){$p=0;${s.v.out}=$R.constructed($v,${s.v.out})}`);
    else out.word(`$p=0;${s.v.out}=$v;`);
  }

  /** Prints the body of a clone. */
  clone(body: Stmt[]): void {
    this.take(body, false);
    this.resumable(body, false);
  }

  /**
   * What the call gave at which the clone stopped is taken over where it would be caught if it is an exception: at the
   * beginning of the body of the innermost `try` around the call, or of the clone.
   */
  private take(body: Stmt[], reachable: boolean): void {
    if (!holdsCall(body)) return;
    const deeper = triesOf(body).map((t) => (t.lo === t.hi ? `$p!==${t.lo}` : `($p<${t.lo}||$p>${t.hi})`));
    const tests = [...(reachable ? ["$p"] : []), ...deeper];
    this.out.word(tests.length === 0 ? "$v=$R.taken();" : `if(${tests.join("&&")})$v=$R.taken();`);
  }

  /** Prints a list that is entered at a safepoint inside it, or, when `enterable`, also at its start. */
  private resumable(list: Stmt[], enterable: boolean): void {
    const { out } = this;
    this.left = false;
    const first = list.findIndex((s) => s.lo > 0);
    if (first < 0) {
      if (enterable) this.plain(list);
      return;
    }
    const last = list.findLastIndex((s) => s.lo > 0);
    const end = list[last]!;
    if (first === last) this.around(list, first, enterable);
    else if (end.t === "poll") {
      // The end of a loop's body.
      out.word(`if($p!==${end.pc}){`);
      this.resumable(list.slice(0, last), enterable);
      this.poll(end);
      out.close();
      out.write("$p=0;");
      this.left = false;
    } else this.dispatch(list, first, last, enterable);
    const { left } = this;
    if (!left) for (const s of list.slice(last + 1)) this.one(s);
    // A list that is entered at a safepoint only, and ends in a jump, has no end.
    this.left = left || (!enterable && leaves(list));
  }

  /** The only statement of a list with a safepoint, and what stands before it. */
  private around(list: Stmt[], at: number, enterable: boolean): void {
    const { out } = this;
    const s = list[at]!;
    const before = list.slice(0, at);
    if (s.t !== "call" && s.t !== "poll") {
      if (enterable && before.length > 0) {
        out.word("if(!$p){");
        this.plain(before);
        out.close();
      }
      this.enter(s, enterable);
      return;
    }
    if (enterable) {
      out.word("if(!$p){");
      this.plain(before);
      if (s.t === "call") this.call(s, true);
      else this.poll(s);
      out.close();
    }
    if (s.t === "call") this.taken(s);
    else out.word("$p=0;");
    this.left = false;
  }

  /** A list with several: a `switch` over the safepoints, which falls through. */
  private dispatch(list: Stmt[], first: number, last: number, enterable: boolean): void {
    const { out } = this;
    const width = (s: Stmt): number => s.hi - s.lo + 1;
    const compound = list.filter((s) => s.lo > 0 && width(s) > 1);
    // The widest is where everything goes that has no label; other wide ones are entered by their first number.
    const widest = compound.toSorted((a, b) => width(b) - width(a))[0];
    const wide = compound.filter((s) => s !== widest && width(s) > WIDE);
    const which = wide.reduce((rest, s) => `$p>=${s.lo}&&$p<=${s.hi}?${s.lo}:${rest}`, "$p");
    out.word(`switch(${which}){`);
    if (enterable) {
      out.write("case 0:");
      for (const s of list.slice(0, first)) this.one(s);
    }
    for (let i = first; i <= last; i++) {
      const s = list[i]!;
      const reachable = (enterable || i > first) && !this.left;
      if (s.lo === 0) {
        if (!this.left) this.one(s);
        continue;
      }
      this.left = false;
      if (s.t === "call") {
        if (reachable) this.call(s, true);
        out.word(`case ${s.pc}:`);
        this.taken(s);
      } else if (s.t === "poll") {
        if (reachable) this.poll(s);
        out.word(`case ${s.pc}:$p=0;`);
      } else {
        if (s === widest) out.word("default:");
        else for (let pc = s.lo; pc <= (wide.includes(s) ? s.lo : s.hi); pc++) out.word(`case ${pc}:`);
        this.enter(s, reachable);
      }
    }
    out.close();
  }

  /** A compound statement entered at a safepoint inside it; `$p` is 0 when it is reached from above. */
  private enter(s: Stmt, reachable: boolean): void {
    this.entered(s, reachable);
    // Only the branch of an `if` is followed: it may be all that is left of it.
    if (reachable || s.t !== "if" || s.yes.some((x) => x.lo > 0) === s.no.some((x) => x.lo > 0)) this.left = false;
  }

  private entered(s: Stmt, reachable: boolean): void {
    const { out, printer } = this;
    switch (s.t) {
      case "if": {
        const inThen = s.yes.some((x) => x.lo > 0);
        const inElse = s.no.some((x) => x.lo > 0);
        const split = s.yes.reduce((hi, x) => Math.max(hi, x.hi), 0);
        if (!reachable && inThen !== inElse) {
          this.resumable(inThen ? s.yes : s.no, false);
          return;
        }
        out.word("if(");
        if (!reachable) out.write(`$p<=${split}`);
        else if (inThen && inElse) {
          out.write("$p?");
          out.write(`$p<=${split}:`);
          printer.expr(s.test, ASSIGN);
        } else {
          out.write(inThen ? "$p||" : "!$p&&");
          printer.expr(s.test, 4);
        }
        out.write("){");
        this.resumable(s.yes, reachable);
        out.close();
        this.otherwise(s.no, () => this.resumable(s.no, reachable));
        return;
      }
      case "loop": {
        const poll = s.body[s.body.length - 1];
        if (s.lo === s.hi && poll?.t === "poll") {
          // Its own poll is the only safepoint: going on means testing again, so the loop stays a plain one.
          out.word("$p=0;");
          this.one(s);
          return;
        }
        if (isSmall(s)) {
          // What is left of the round, then a loop of its own that knows nothing of it: rounds are as fast as in the fast copy.
          out.word(`${s.label}:{`);
          if (reachable) out.write("if($p){");
          this.resumable(s.body, false);
          if (reachable) out.close();
          if (s.test === null) out.word("for(;;){");
          else {
            out.word("while(");
            printer.expr(s.test);
            out.write("){");
          }
          this.plain(s.body);
          out.close();
          out.write("}");
          return;
        }
        out.word(`${s.label}:for(;;){`);
        if (s.test !== null) {
          out.write("if(!$p&&!");
          printer.expr(s.test, 14);
          out.write(`)break ${s.label};`);
        }
        this.resumable(s.body, true);
        out.close();
        return;
      }
      case "block":
        if (!mentions(s.body, s.label)) {
          this.resumable(s.body, reachable);
          return;
        }
        out.word(`${s.label}:{`);
        this.resumable(s.body, reachable);
        out.close();
        return;
      case "try":
        out.word("try{");
        this.take(s.body, reachable);
        this.resumable(s.body, reachable);
        this.handler(s);
        return;
      case "switch":
        this.enterSwitch(s, reachable);
        return;
      default:
        throw new Error(`gort: ${s.t} holds a safepoint`);
    }
  }

  /**
   * A `switch` goes on in the case of the safepoint: by a value of that case where all of them are literals, else by the
   * index of the case, which the discriminant gives from above.
   */
  private enterSwitch(s: Stmt & { t: "switch" }, reachable: boolean): void {
    const { out, printer } = this;
    const named = distinctLiterals(s.cases.map((c) => c.test));
    const value = (i: number): string => {
      const { test } = s.cases[i]!;
      return !named ? String(i) : test === null ? "$R" : (test.raw as string);
    };
    const entered = s.cases.flatMap((c, i) => {
      const hi = c.body.reduce((h, x) => Math.max(h, x.hi), 0);
      return hi > 0 ? [{ hi, i }] : [];
    });
    const resumed = entered
      .map(({ hi, i }, n) => (n === entered.length - 1 ? value(i) : `$p<=${hi}?${value(i)}:`))
      .join("");
    const k = s.k.out;
    if (named) {
      out.word(`${s.label}:switch(`);
      if (reachable) {
        out.write(`$p?${resumed}:`);
        printer.expr(s.disc, ASSIGN);
      } else out.write(resumed);
      out.write("){");
    } else {
      const otherwise = s.cases.findIndex((c) => c.test === null);
      if (reachable) {
        out.word("if(!$p)switch(");
        printer.expr(s.disc);
        out.write("){");
        s.cases.forEach((c, i) => {
          if (c.test === null) return;
          this.caseLabel(c.test);
          out.write(`${k}=${i};break;`);
        });
        out.write(`default:${k}=${otherwise < 0 ? s.cases.length : otherwise}}else `);
      }
      out.word(`${k}=${resumed};${s.label}:switch(${k}){`);
    }
    s.cases.forEach((c, i) => {
      if (named) this.caseLabel(c.test);
      else out.word(`case ${i}:`);
      this.resumable(c.body, true);
    });
    out.close();
  }
}

/** Whether a loop has few safepoints, and no loop in it or nothing but loops, so that its body may stand in a clone twice. */
function isSmall(s: Stmt & { t: "loop" }): boolean {
  return s.hi - s.lo < SMALL && (!holdsLoop(s.body) || (!holdsCall(s.body) && triesOf(s.body).length === 0));
}

function holdsLoop(list: Stmt[]): boolean {
  return list.some((s) => {
    switch (s.t) {
      case "loop":
      case "forof":
      case "forin":
        return true;
      case "if":
        return holdsLoop(s.yes) || holdsLoop(s.no);
      case "block":
        return holdsLoop(s.body);
      case "try":
        return holdsLoop(s.body) || holdsLoop(s.handler);
      case "switch":
        return s.cases.some((c) => holdsLoop(c.body));
      default:
        return false;
    }
  });
}

/** Safepoints of a loop that is small. */
const SMALL = 4;

/** Whether a list ends in a jump. */
function leaves(list: Stmt[]): boolean {
  const last = list[list.length - 1];
  return last !== undefined && (last.t === "return" || last.t === "throw" || last.t === "break");
}

/** So many labels are worth a question instead. */
const WIDE = 4;

/** Whether all tests of a `switch` are literals, each another: each then means its case. */
function distinctLiterals(tests: (Node | null)[]): boolean {
  const seen = new Set<unknown>();
  for (const t of tests) {
    if (t === null) continue;
    if (t.type !== "Literal" || (typeof t.value !== "string" && typeof t.value !== "number")) return false;
    if (seen.has(t.value)) return false;
    seen.add(t.value);
  }
  return true;
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

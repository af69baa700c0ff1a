/**
 * The body of a resume clone, which can be entered at any safepoint. `$p` is the number of the safepoint until that is reached,
 * and 0 from there on, when everything runs as in the fast copy.
 *
 *     f(); if (c) { x = g() } h()       o:{$v=$R.taken();switch($p){
 *                                       case 1:$p=0;default:if($p||c){if(!$p){if(($v=g())===void 0&&$R.u){$p=2;break o}}$p=0;x=$v}
 *                                       if(h()===void 0&&$R.u){$p=3;break o}case 3:$p=0}return}
 *
 * A list with several safepoints is a `switch ($p)` that falls through; with one, an `if` is enough. What a call gives goes to
 * `$v`, where what it gave before a suspension is found too. A small loop finishes its round and goes on as a plain one:
 * a loop that might be entered in its middle is up to three times as slow as one that cannot, and servers stay in theirs.
 */
import type { Node } from "../tree/ast.ts";
import { BodyPrinter } from "./body.ts";
import { holdsCall, mentions, type Stmt, triesOf } from "../ir/ir.ts";
import { ASSIGN } from "../print/rank.ts";

export class ClonePrinter extends BodyPrinter {
  /** What follows cannot be reached from above. */
  private left = false;

  /** What follows the label of a call, where execution comes from above or after a suspension. */
  private taken(s: Stmt & { t: "call" }): void {
    const { out } = this;
    out.unmap();
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
    out.unmap();
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
        out.unmap();
        out.word(`case ${s.pc}:`);
        this.taken(s);
      } else if (s.t === "poll") {
        if (reachable) this.poll(s);
        out.unmap();
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

/** Calls, `new`, members and chains as text: where the engine says a call stands, and what is written around one that cannot suspend. */
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import { barrierText, type Binding } from "../tree/binding.ts";
import { gortImport } from "../calls/callee.ts";
import type { Output } from "./output.ts";
import type { Emitter, Place } from "./place.ts";
import { ASSIGN, CALL, PRIMARY } from "./rank.ts";
import { hasCall } from "./shape.ts";

export abstract class CallPrinter {
  protected readonly out: Output;
  protected readonly place: Place;
  protected readonly emit: Emitter;
  /** Where the engine will say the call printed last is. */
  lastCall = 0;

  constructor(out: Output, place: Place, emit: Emitter) {
    this.out = out;
    this.place = place;
    this.emit = emit;
  }

  /** Prints `e`, in parentheses where it binds looser than `least`. */
  abstract expr(e: Node, least?: number): void;
  protected abstract list(items: (Node | null)[], open: string, close: string): void;
  /** Whether `e` is printed as the plain name of `b`. */
  protected abstract isBare(e: Node, b: Binding): boolean;

  protected member(e: Node): void {
    const { out } = this;
    if (e.object.type === "Super" && this.place.home !== undefined) {
      this.superMember(e, "superRef");
      out.write(".v");
      return;
    }
    this.expr(e.object as Node, e.object.type === "NewExpression" || e.object.type === "Literal" ? CALL + 1 : CALL);
    if (e.computed) {
      out.write(e.optional ? "?.[" : "[");
      this.expr(e.property as Node);
      out.write("]");
    } else {
      out.write(e.optional ? "?." : ".");
      out.map(e.property.start as number);
      out.write(e.property.type === "PrivateIdentifier" ? `#${e.property.name}` : (e.property.name as string));
    }
  }

  /** Behind `superRef`, `.v` can be read and written, anywhere. */
  protected superMember(e: Node, how: string): void {
    this.out.word(`$R.${how}(${this.place.home},`);
    if (e.computed) this.expr(e.property as Node, ASSIGN);
    else this.out.write(JSON.stringify(e.property.name));
    this.out.write(how === "superRef" && !this.place.fn.strict ? ",$this,true)" : ",$this)");
  }

  /** An error, behind what the key does. */
  protected deleteSuper(e: Node): void {
    this.out.write("({d(k){return delete super[k]}}).d(");
    if (e.computed) this.expr(e.property as Node, ASSIGN);
    this.out.write(")");
  }

  /**
   * Behind `a?.m()` a check would end the chain that a missing `a` leaves as a whole: `a?.m().n`. So there the check is
   * around the chain.
   */
  protected chain(e: Node): void {
    const whole = e.expression as Node;
    const inner = checkedInside(whole);
    if (inner.length === 0) {
      this.expr(whole);
      return;
    }
    for (const call of [whole, ...inner]) call.$unchecked = true;
    const { out } = this;
    const reference = e.$reference === true;
    const gives = waits(whole);
    if (!reference) out.word(gives ? "$R.b(" : "$R.chain(()=>(");
    this.expr(whole, ASSIGN);
    if (reference) return;
    if (!gives) out.write(")");
    this.endBarrier();
  }

  /** A safepoint is a statement of its own by now: what is called in place is asked by nobody whether it has suspended. */
  protected isAsked(e: Node): void {
    if (e.$sp === true) throw new Error("gort: a call that may suspend was not lowered");
  }

  protected call(e: Node): void {
    this.isAsked(e);
    const { out } = this;
    const unchecked = e.$unchecked === true;
    const bar = e.$bar === true && !unchecked;
    if ((e.callee as Node).type === "ChainExpression") e.callee.$reference = true;
    if (e.$top === true && !unchecked) out.word("(($v=");
    else if (bar) out.word("$R.b(");
    const callee = e.callee as Node;
    let args = e.arguments as Node[];
    if (gortImport(callee) === "go") {
      out.map(e.start);
      out.word(`$R.${e.$discard === true ? "goAt" : "goKept"}(${this.emit.creation(this.place.fn, e.start, args[0])}`);
      for (const a of args) {
        out.write(",");
        this.expr(a, ASSIGN);
      }
      out.write(")");
      if (bar) this.endBarrier();
      return;
    }
    const isMethod = callee.type === "MemberExpression" && !callee.computed && callee.property.name === "go";
    const creates = !unchecked && (isMethod ? e.$at === undefined : /^(?:run|blocking)$/.test(gortImport(callee)));
    if (creates)
      out.word(`($R.s=${this.emit.creation(this.place.fn, (e.$at as number | undefined) ?? e.start, args[0])},`);
    if (callee.type === "MemberExpression" && callee.object.type === "Super" && this.place.home !== undefined) {
      this.superMember(callee, "superGet");
      out.write(".call");
      args = [{ type: "ThisExpression", start: 0, end: 0 }, ...args];
    } else if (e.$checked === true && isNamedMethod(callee)) {
      // In brackets, so that a getter of the method is read at another place than it is called: only the call is a safepoint.
      this.expr(
        callee.object as Node,
        callee.object.type === "NewExpression" || callee.object.type === "Literal" ? CALL + 1 : CALL,
      );
      out.map(callee.property.start as number);
      out.write(`[${JSON.stringify(callee.property.name)}]`);
    } else this.function(callee);
    if (e.optional) out.write("?.");
    out.map(
      e.$at !== undefined
        ? (e.$at as number)
        : callee.type === "MemberExpression" && !callee.computed
          ? (callee.property.start as number)
          : e.start,
    );
    const at = out.callPosition();
    this.list(args, "(", ")");
    this.lastCall = at;
    if (creates) out.write(")");
    if (e.$top === true && !unchecked) {
      out.site(at, true);
      out.write(")===void 0&&$R.u?(await $R.became(null)).v:$v)");
    } else if (bar) this.endBarrier();
  }

  /** A callee: a variable in a box must not be called as the box's method. */
  protected function(callee: Node): void {
    const b = callee.type === "Identifier" ? (callee.$b as Binding | undefined) : undefined;
    const inBox = b !== undefined && b.boxed && callee.$tdz !== true && !this.isBare(callee, b);
    if (inBox) this.out.word("(0,");
    this.expr(callee, CALL);
    if (inBox) this.out.write(")");
  }

  protected new(e: Node): void {
    this.isAsked(e);
    const { out } = this;
    const bar = e.$bar === true;
    if (e.$top === true) out.word("($v=");
    else if (bar) out.word("$R.b(");
    out.map(e.start);
    out.word("new ");
    const at = out.length - 4;
    const callee = e.callee as Node;
    // A call inside the callee would take the arguments.
    this.expr(callee, hasCall(callee) ? PRIMARY + 1 : CALL);
    this.list(e.arguments as Node[], "(", ")");
    this.lastCall = at;
    if (e.$top === true) {
      out.site(at, true);
      out.write(",$R.u?$R.constructed((await $R.became(null)).v,$v):$v)");
    } else if (bar) this.endBarrier();
  }

  /** Ends `$R.b(`: the error names the function that cannot be suspended. */
  protected endBarrier(): void {
    this.out.write(`,${JSON.stringify(barrierText(this.place.fn))})`);
  }
}

function isNamedMethod(callee: Node): boolean {
  return (
    callee.type === "MemberExpression" &&
    !callee.computed &&
    callee.$called === undefined &&
    callee.object.type !== "Super" &&
    callee.property.type !== "PrivateIdentifier"
  );
}

/** The calls of a chain that are checked, and that a link before them may skip; without the chain itself. */
function checkedInside(whole: Node): Node[] {
  const found: Node[] = [];
  const spine: Node[] = [];
  for (let e = whole; e.type === "CallExpression" || e.type === "MemberExpression";) {
    spine.push(e);
    e = (e.type === "CallExpression" ? e.callee : e.object) as Node;
  }
  let optional = false;
  for (const e of spine.reverse()) {
    optional ||= e.optional === true;
    const checked =
      e.$bar === true || e.$top === true || (e.type === "CallExpression" && e.callee.property?.name === "go");
    if (optional && checked && e !== whole) found.push(e);
  }
  return found;
}

/** Whether `yield` or `await` stands in it, outside of functions. */
function waits(node: Node): boolean {
  if (node.type === "YieldExpression" || node.type === "AwaitExpression") return true;
  if (node.$top === true && node.$unchecked !== true) return true;
  if (isFunction(node)) return false;
  let found = false;
  eachChild(node, (child) => void (found ||= waits(child)));
  return found;
}

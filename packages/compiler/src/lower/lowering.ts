/** What lowering one function keeps: the list being written, temporaries, and what a jump may have to cross. */
import type { Node } from "../tree/ast.ts";
import type { NewStmt, Stmt } from "../ir/ir.ts";
import { Binding, type Fn } from "../tree/binding.ts";
import type { Source } from "../read/source.ts";
import { helper, ref } from "../tree/node.ts";
import { isStable } from "./operands.ts";

/** What a `break`, `continue` or `return` may have to cross. */
export type Context =
  | { kind: "target"; labels: Set<string>; breakLabel: string; continueLabel: string | null; bare: boolean }
  | { kind: "finally"; label: string; completion: Binding; value: Binding; exits: Exit[] }
  /** The body of a `try` with a handler, and that of a `for await`: iterators outside it are closed behind it. */
  | { kind: "catch" }
  | { kind: "iterator"; iterator: Binding; index: Binding; exits: LoopExit[] };

/** A way out of a loop that begins inside a `try` of its body, which must not catch what closing the iterator throws, or inside a `for await`. */
export interface LoopExit {
  exit: Exit;
  label: string;
  /** What is returned. */
  value: Binding | null;
}

export type Exit = { jump: "return" } | { jump: "break"; target: Context & { kind: "target" }; label: string };

export interface Lowered {
  body: Stmt[];
  temps: Binding[];
  /** The parameter list both copies start from. */
  params: Node[];
}

export class Lowering {
  out: Stmt[] = [];
  readonly temps: Binding[] = [];
  readonly fn: Fn;
  readonly source: Source;
  readonly contexts: Context[] = [];

  /** In a derived constructor: where a `return` with a value goes, see `lowerDerived`. */
  result: { label: string; value: Binding; used: boolean } | null = null;

  /** Names given so far: temporaries and labels are the function's own. */
  private names = 0;

  constructor(fn: Fn, source: Source) {
    this.fn = fn;
    this.source = source;
  }

  push(s: NewStmt): void {
    (s as Stmt).lo = 0;
    (s as Stmt).hi = 0;
    this.out.push(s as Stmt);
  }

  /** Iterators and indices of the loops lowered so far in this region, innermost first. */
  private iterators: Binding[] = [];

  /** Of a `for … of` in this region; the index is -1 while the iterator must be closed. */
  iterates(iterator: Binding, index: Binding): void {
    this.iterators.unshift(iterator, index);
  }

  /** What `f` lowers, between which no exception is caught: one that leaves it closes the iterators of its loops. */
  region(f: () => void): Stmt[] {
    const saved = this.iterators;
    this.iterators = [];
    const body = this.nested(f);
    const { iterators } = this;
    this.iterators = saved;
    if (iterators.length === 0) return body;
    const param = new Binding("", "let", this.fn, false, false);
    param.out = "$e";
    const failed = helper("failed", ref(param), ...iterators.map((b) => ref(b)));
    return this.nested(() =>
      this.push({
        t: "try",
        body,
        param,
        handler: this.nested(() => this.push({ t: "throw", e: failed, at: 0 })),
        user: false,
        uses: true,
        bare: true,
      }),
    );
  }

  /** Runs `f` with its statements going to a list of their own. */
  nested(f: () => void): Stmt[] {
    const saved = this.out;
    this.out = [];
    f();
    const made = this.out;
    this.out = saved;
    return made;
  }

  label(): string {
    // Labels meet no names of the user's, whose own labels are gone.
    return `l${this.names++}`;
  }

  temp(): Binding {
    const b = new Binding("", "let", this.fn, false, false);
    b.out = this.name("");
    this.temps.push(b);
    return b;
  }

  name(kind: string): string {
    return `$${kind}${this.names++}`;
  }

  set(v: Binding, e: Node): void {
    this.push({ t: "set", v, e });
  }

  spill(e: Node): Node {
    if (isStable(e)) return e;
    const t = this.temp();
    this.set(t, e);
    return ref(t);
  }

  /** The back-edge of a loop, or the entry of a recursive function. An async body is never preempted. */
  poll(at: number, entry = false): void {
    if (!this.fn.awaits) this.push({ t: "poll", pc: 0, at, entry });
  }

  effect(e: Node): void {
    if (e.type === "Identifier" && e.$b !== undefined && e.$tdz !== true && !(e.$b as Binding).module) return;
    if (e.type === "Literal" && e.regex === undefined) return;
    this.push({ t: "expr", e });
  }
  params: Node[] = [];

  within(context: Context, f: () => void): Stmt[] {
    this.contexts.push(context);
    const made = this.nested(f);
    this.contexts.pop();
    return made;
  }

  refuse(node: Node, what: string, hint: string): never {
    return this.source.refuse("GORT_UNSUPPORTED", node.start, what, hint);
  }
}

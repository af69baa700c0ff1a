/**
 * Temporaries of one function that are never needed at the same time share a variable: fewer to declare, to save and to load.
 *
 * A temporary is needed from its first place in the text to its last, and all through a loop if it is mentioned inside and
 * outside. That holds because the lowering sets each before it reads it, in the same round of all loops around; one that is
 * read first, or by a handler that may run before it was set, keeps a variable of its own.
 */
import type { Binding } from "../tree/binding.ts";
import type { Node } from "../tree/ast.ts";
import type { Stmt } from "./ir.ts";
import { collectUses } from "./live.ts";

interface Span {
  from: number;
  to: number;
  alone: boolean;
  /** The innermost loop around its first place. */
  loop: Loop | null;
}

interface Loop {
  from: number;
  to: number;
  readonly around: Loop | null;
  /** What is mentioned in it. */
  readonly spans: Set<Span>;
}

/** Names the temporaries of `body`, by numbers from `first` on. */
export function shareVariables(body: Stmt[], temps: readonly Binding[], first: number): void {
  const spans = new Map<Binding, Span | null>(temps.map((t) => [t, null]));
  let at = 0;
  let inside: Loop | null = null;
  const mention = (b: Binding, place: number, isSet: boolean): void => {
    const span = spans.get(b);
    if (span === undefined) return;
    if (span === null) {
      const begun = { from: place, to: place, alone: !isSet, loop: inside };
      spans.set(b, begun);
      inside?.spans.add(begun);
    } else {
      span.to = place;
      inside?.spans.add(span);
    }
  };
  const use = (e: Node | null | undefined, place: number): void => {
    if (e !== null && e !== undefined) collectUses(e, (b) => mention(b, place, false));
  };
  const set = (b: Binding | null): void => {
    if (b !== null) mention(b, at + 1, true);
  };
  /** Whatever is mentioned on both sides of one end of the loop is needed in all of it. */
  const loop = (from: number, f: () => void): void => {
    const around: Loop | null = inside;
    const own: Loop = { from, to: from, around, spans: new Set() };
    inside = own;
    f();
    inside = around;
    own.to = at;
    for (const span of own.spans) {
      if (span.from < from) span.to = at;
      around?.spans.add(span);
    }
  };
  const list = (stmts: Stmt[]): void => {
    for (const s of stmts) one(s);
  };
  const one = (s: Stmt): void => {
    // A statement reads at `at`, writes behind that, and asks whom it called behind that.
    at += 3;
    switch (s.t) {
      case "expr":
      case "throw":
      case "return":
        use(s.e, at);
        return;
      case "set":
        use(s.e, at);
        set(s.v);
        return;
      case "call":
        use(s.e, at);
        set(s.v);
        use(s.via, at + 2);
        return;
      case "poll":
        use(s.test ?? null, at);
        return;
      case "if":
        use(s.test, at);
        list(s.yes);
        list(s.no);
        return;
      case "loop":
        loop(at, () => {
          use(s.test, at);
          list(s.body);
          at += 3;
          use(s.test, at);
        });
        return;
      case "block":
        list(s.body);
        return;
      case "try":
        list(s.body);
        at += 3;
        set(s.param);
        if (s.bare === true) for (const h of s.handler) alone(h);
        list(s.handler);
        return;
      case "finally":
        list(s.body);
        list(s.finalizer);
        return;
      case "switch":
        use(s.disc, at);
        set(s.k);
        for (const c of s.cases) use(c.test, at);
        for (const c of s.cases) list(c.body);
        // A clone that goes on in a case sets it anew.
        mention(s.k, at, false);
        return;
      case "forof":
      case "forin":
        use(s.right, at);
        loop(at + 1, () => {
          at += 3;
          collectUses(s.left, (b) => mention(b, at, true));
          list(s.body);
          at += 3;
        });
        return;
    }
  };
  const alone = (s: Stmt): void => {
    if (s.t === "throw")
      collectUses(s.e, (b) => {
        const span = spans.get(b);
        if (span !== null && span !== undefined) span.alone = true;
      });
  };
  list(body);
  // Mentioned in a loop and behind it: needed from the loop's beginning.
  for (const span of spans.values())
    for (let l = span?.loop ?? null; l !== null && span!.to > l.to; l = l.around) span!.from = l.from;
  name(spans, first);
}

/** The variable that has been free longest goes to whoever begins next. */
function name(spans: Map<Binding, Span | null>, number: number): void {
  let names = number;
  const free: string[] = [];
  const busy: { to: number; out: string }[] = [];
  /** Nobody of them ends before. */
  let first = Number.POSITIVE_INFINITY;
  const begun = [...spans].filter((x): x is [Binding, Span] => x[1] !== null).toSorted((a, b) => a[1].from - b[1].from);
  for (const [b, span] of begun) {
    if (first < span.from) {
      for (let i = busy.length - 1; i >= 0; i--)
        if (busy[i]!.to < span.from) free.push(...busy.splice(i, 1).map((x) => x.out));
      first = busy.reduce((least, x) => Math.min(least, x.to), Number.POSITIVE_INFINITY);
    }
    b.out = (span.alone ? undefined : free.pop()) ?? `$${names++}`;
    if (span.alone) continue;
    busy.push({ to: span.to, out: b.out });
    first = Math.min(first, span.to);
  }
  // Never mentioned; declared all the same.
  for (const [b, span] of spans) if (span === null) b.out = "";
}

/** Classes: as they stand, or made by a factory from what they capture. */
import { isAnonymous, type Node } from "../tree/ast.ts";
import { BodyPrinter } from "./body.ts";
import { isForBox } from "../scope/inferred.ts";
import { classCaptures } from "../ir/live.ts";
import { isReserved } from "../scope/names.ts";
import { Output } from "../print/output.ts";
import type { Place } from "../print/place.ts";
import { Printer } from "../print/printer.ts";
import { ASSIGN } from "../print/rank.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { areOfEngine } from "./factories.ts";
import { FunctionEmitter } from "./functions.ts";
import { inOrder } from "../lower/operands.ts";
import { clean, declareLocals, nameKey, ownRuntime } from "./text.ts";

export abstract class ClassEmitter extends FunctionEmitter {
  classExpression(node: Node, place: Place, out: Output): void {
    const members = node.body.body as Node[];
    const converted = members.some(
      (m) => ((m.type === "MethodDefinition" ? m.value.$fn : m.$fn) as Fn | undefined)?.converted === true,
    );
    const keyed = node.$keyed === true;
    const captures = [...classCaptures(node)];
    const inPlace = place.fn.kind === "module" ? areOfEngine(captures) : !converted;
    if (inPlace || keyed) {
      // Its name comes from the user's text, not from what holds it in ours.
      const name = (node.$name as string | undefined) ?? "";
      const unnamed =
        !keyed &&
        node.id === null &&
        node.type === "ClassExpression" &&
        (place.fn.converted || isReserved(name) || isForBox(node));
      const key = JSON.stringify(name);
      if (unnamed) out.write(key === '""' ? "(0," : `{${nameKey(name)}:`);
      const inside = this.classText(node, place, out, node.superClass as Node | null, null);
      if (unnamed) out.write(key === '""' ? ")" : `}[${key}]`);
      if (inside.length > 0) {
        const names = new Output();
        names.write(`var ${inside.join(",")};`);
        this.declared.push(names);
      }
      return;
    }
    const token = node.$token as { factory: string };
    const keys = members.filter((m) => m.computed === true);
    if (token.factory === "") {
      token.factory = `$c${++this.ids}${clean((node.id?.name as string | undefined) ?? "")}`;
      const made = new Output();
      const params = [
        ...captures.map((b) => b.out),
        ...(node.superClass === null ? [] : ["$super"]),
        ...keys.map((_, i) => `$k${i}`),
      ];
      made.write(`function ${token.factory}(${params.join(",")}){`);
      if (place.fn.early) made.write(ownRuntime(this.scopes.swaps));
      const body = new Output();
      const superClass: Node | null =
        node.superClass === null ? null : { type: "Identifier", name: "$super", start: 0, end: 0 };
      const name = node.id === null ? ((node.$name as string | undefined) ?? "") : "";
      const inside = this.classText(
        node,
        { ...place, self: "undefined" },
        body,
        superClass,
        keys.map((_, i) => `$k${i}`),
      );
      if (inside.length > 0) made.write(`var ${inside.join(",")};`);
      made.write(name === "" ? "return " : `return{${nameKey(name)}:`);
      made.append(body);
      if (name !== "") made.write(`}[${JSON.stringify(name)}]`);
      made.write("}");
      this.tail.push({ name: token.factory, out: made });
    }
    const p = new Printer(out, place, this);
    out.word(`${token.factory}(`);
    let first = true;
    const comma = (): void => {
      if (!first) out.write(",");
      first = false;
    };
    for (const a of this.captureArguments(captures, null, place)) {
      comma();
      out.write(a);
    }
    if (node.superClass !== null) {
      comma();
      p.expr(node.superClass as Node, ASSIGN);
    }
    for (const key of inOrder(keys.map((k) => ({ kind: k.static ? "static" : "key", node: k.key as Node })))) {
      comma();
      p.expr(key, ASSIGN);
    }
    out.write(")");
  }

  /** A function or class without a name is called what its key is: where that is computed, only if it stands in place. */
  private fieldValue(m: Node, place: Place, out: Output): void {
    const value = m.value as Node;
    const isNamedByKey = m.computed === true && isAnonymous(value);
    if (isNamedByKey && value.type !== "ClassExpression") this.functionText(value.$fn as Fn, value, out, "", false);
    else if (isNamedByKey && !isHeld(value)) this.classExpression({ ...value, $keyed: true }, place, out);
    else if (value.$has === true) {
      out.write("(()=>{");
      this.initText(place, out);
      out.close();
      out.write(")()");
    } else new Printer(out, place, this).expr(value, ASSIGN);
  }

  /** What initialises a class, taken apart. */
  private initText(place: Place, out: Output): void {
    const low = this.prepare(place.fn);
    declareLocals(this.locals(place.fn, low), out);
    new BodyPrinter(out, place, this, false).plain(low.body);
  }

  /** A computed key is evaluated before the static block that sets the functions of the class: its own stand outside. */
  memberKey(print: () => void): void {
    const { tail } = this;
    if (this.around !== null) this.tail = this.around;
    print();
    this.tail = tail;
  }

  /** Returns the names of functions its static block sets, which the text around it declares. */
  protected classText(
    node: Node,
    place: Place,
    whole: Output,
    superClass: Node | null,
    keys: string[] | null,
  ): string[] {
    const { tail: saved, around } = this;
    const isPrivate = (node.body.body as Node[]).some((m) => m.key?.type === "PrivateIdentifier");
    const head = new Printer(whole, place, this);
    const out = new Output();
    const p = new Printer(out, place, this);
    whole.map(node.start);
    const own = (node.id?.$b as Binding | undefined) ?? (node.$self as Binding | undefined);
    whole.word(node.id === null ? "class" : `class ${own === undefined ? node.id.name : own.out}`);
    if (superClass !== null) {
      whole.word("extends");
      head.expr(superClass, 15);
    }
    this.around = isPrivate ? saved : null;
    if (isPrivate) this.tail = [];
    whole.write("{");
    if (own !== undefined && own.out !== own.name) whole.write(`static{$R.rename(this,"${own.out}","${own.name}")}`);
    let k = 0;
    for (const m of node.body.body as Node[]) {
      const key: Node =
        m.computed === true && keys !== null
          ? { ...m, key: { type: "Identifier", name: keys[k++], start: 0, end: 0 } }
          : { ...m, $member: true };
      if (m.type === "MethodDefinition") {
        this.functionText(m.value.$fn as Fn, { ...(m.value as Node), $method: key }, out, "", false);
        continue;
      }
      const fn = m.$fn as Fn | undefined;
      if (m.type === "PropertyDefinition") {
        if (m.static) out.word("static ");
        p.key(key);
        if (m.value !== null) {
          out.write("=");
          const inside: Place = { fn: fn!, clone: false, self: "this", args: "arguments", target: "undefined" };
          this.fieldValue(m, inside, out);
        }
        out.write(";");
        continue;
      }
      out.word("static{");
      const inner: Place = { fn: fn!, clone: false, self: "this", args: "arguments", target: "undefined" };
      if (fn!.converted) this.initText(inner, out);
      else new Printer(out, inner, this).statements(m.body as Node[]);
      out.close();
    }
    const names: string[] = [];
    // The functions know the class as it was written; this may be a copy with another parent.
    const held = (node.body.body as Node[])
      // Of a field whose value is a function it is the initialiser that knows the class.
      .flatMap((m) => [m.value?.$fn, m.$fn] as (Fn | undefined)[])
      .map((fn) => fn?.classNode?.$held as string | undefined)
      .find((name) => name !== undefined);
    if (held !== undefined) {
      names.push(held);
      whole.write(`static{${held}=this}`);
    }
    if (isPrivate) {
      // Private names end at the class's braces, so what uses them stays inside, in a static block that runs first.
      if (this.tail.length > 0) whole.write("static{");
      for (const c of this.tail) {
        names.push(c.name);
        whole.write(`${c.name}=`);
        whole.append(c.out);
        whole.write(";");
      }
      if (this.tail.length > 0) whole.write("}");
      this.tail = saved;
    }
    this.around = around;
    whole.append(out);
    whole.write("}");
    return names;
  }
}

/** Its functions outside know the class, or its private names: each time it is evaluated it needs its own. */
function isHeld(node: Node): boolean {
  return (node.body.body as Node[]).some(
    (m) => m.key?.type === "PrivateIdentifier" || (m.value?.$fn as Fn | undefined)?.usesSuper === true,
  );
}

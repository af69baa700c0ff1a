/** Object literals with methods inside converted functions. */
import { isAnonymous, type Node } from "../tree/ast.ts";
import { Output } from "../print/output.ts";
import type { Place } from "../print/place.ts";
import { Printer } from "../print/printer.ts";
import { ASSIGN } from "../print/rank.ts";
import type { Fn } from "../tree/binding.ts";
import { isReserved } from "../scope/names.ts";
import { ClassEmitter } from "./classes.ts";
import { areOfEngine } from "./factories.ts";
import { inOrder, type Operand } from "../lower/operands.ts";

export abstract class ObjectEmitter extends ClassEmitter {
  /** An object with methods or accessors inside a converted function: made by a factory, from its values. */
  objectWithMethods(node: Node, place: Place, out: Output): boolean {
    const properties = node.properties as Node[];
    const methods = properties.filter((p) => p.method === true || p.kind === "get" || p.kind === "set");
    const first = methods[0]?.value.$fn as Fn | undefined;
    if (first === undefined) return false;
    const captures = [...new Set(methods.flatMap((m) => [...(m.value.$fn as Fn).captures]))];
    const home = methods.some((m) => (m.value.$fn as Fn).usesSuper && (m.value.$fn as Fn).converted);
    const inPlace =
      first.parent!.kind === "module"
        ? areOfEngine(captures) && !home
        : !methods.some((m) => (m.value.$fn as Fn).converted);
    if (inPlace) return false;
    const operands = inOrder(
      properties.flatMap((p): Operand[] => {
        if (p.type === "SpreadElement") return [{ kind: "spread", node: p.argument as Node }];
        const key: Operand[] = p.computed ? [{ kind: "key", node: p.key as Node }] : [];
        return methods.includes(p) ? key : [...key, { kind: "value", node: p.value as Node }];
      }),
    );
    let id = this.objects.get(first);
    if (id === undefined) {
      id = `$o${++this.ids}`;
      this.objects.set(first, id);
      const made = new Output();
      let n = 0;
      const next = (): Node => ({ type: "Identifier", name: `$p${n++}`, start: 0, end: 0 });
      const list = properties.map((p): Node => {
        if (p.type === "SpreadElement") return { ...p, argument: next() };
        const key = p.computed ? next() : p.key;
        return methods.includes(p)
          ? { ...p, key }
          : { ...p, key, value: next(), $anonymous: p.$anonymous === true || isAnonymous(p.value as Node) };
      });
      const params = operands.map((_, i) => `$p${i}`);
      made.write(
        `function ${id}(${[...params, ...captures.map((b) => b.out)].join(",")}){${this.directive(place.fn)}${home ? "const $home=" : "return"}`,
      );
      new Printer(made, { ...place, self: "undefined" }, this).object({ ...node, properties: list });
      made.write(home ? ";return $home}" : "}");
      this.tail.push({ name: id, out: made });
    }
    const p = new Printer(out, place, this);
    out.word(`${id}(`);
    operands.forEach((o, i) => {
      if (i > 0) out.write(",");
      this.named(this.keyName(o, place), "", () => p.expr(o, ASSIGN), out);
    });
    const more = this.captureArguments(captures, null, place);
    out.write(`${operands.length > 0 && more.length > 0 ? "," : ""}${more.join(",")})`);
    return true;
  }

  /** The name `e` has from its key, where its own text will not say it: an argument is named after nothing. */
  private keyName(e: Node, place: Place): string {
    const name = (e.$name as string | undefined) ?? "";
    if ((e.id !== null && e.id !== undefined) || isReserved(name)) return "";
    if (e.type === "ClassExpression") return place.fn.converted ? "" : name;
    const isFunction = e.type === "FunctionExpression" || e.type === "ArrowFunctionExpression";
    return isFunction && !this.needsFactory(e.$fn as Fn) ? name : "";
  }
}

/** Small pieces of emitted text. */
import type { Node } from "../tree/ast.ts";
import type { Stmt } from "../ir/ir.ts";
import type { Output } from "../print/output.ts";
import type { Binding } from "../tree/binding.ts";

export function declareLocals(names: string[], out: Output): void {
  const once = [...new Set(names)];
  if (once.length > 0) out.word(`let${once[0]!.startsWith("{") ? "" : " "}${once.join(",")};`);
}

export function namesOf(pattern: Node): string[] {
  if (pattern.type === "Identifier")
    return [((pattern.$b as Binding | undefined)?.out ?? (pattern.name as string)) as string];
  if (pattern.type === "AssignmentPattern") return namesOf(pattern.left as Node);
  if (pattern.type === "RestElement") return namesOf(pattern.argument as Node);
  if (pattern.type === "ArrayPattern")
    return (pattern.elements as (Node | null)[]).flatMap((e) => (e === null ? [] : namesOf(e)));
  if (pattern.type === "ObjectPattern")
    return (pattern.properties as Node[]).flatMap((p) =>
      namesOf((p.type === "RestElement" ? p.argument : p.value) as Node),
    );
  return [];
}

/**
 * The call a fast copy leaves through; `pc`: the safepoint, or the variable that says which. Frames come in three sizes, so that the scheduler meets few shapes: a frame a
 * function would make every load in its inner loop a megamorphic one.
 */
export function exit(pc: string, clone: string, values: string[]): string {
  const size = [4, 8, 16].find((n) => values.length <= n);
  if (size !== undefined) return `$R.leave${size}(${[pc, clone, ...values].join(",")})`;
  const fields = values.map((v, i) => `,a${i}:${v}`).join("");
  return `$R.leave(${pc},{r:${clone},pc:${pc === "$p" ? "$p<0?-$p:$p" : pc.replace("-", "")},next:null${fields}})`;
}

export function endsInJump(body: Stmt[]): boolean {
  const last = body[body.length - 1];
  if (last?.t === "try" && last.bare) return endsInJump(last.body);
  return last !== undefined && (last.t === "return" || last.t === "throw");
}

/** A function's name as an identifier; stack.ts of the runtime reads it back. */
export function cloneStem(name: string): string {
  const stem = name
    .replaceAll(".", "$_")
    .replaceAll(" ", "$s")
    .replaceAll("#", "$p")
    .replace(/[^A-Za-z0-9_$]/g, "_");
  return /^[A-Za-z_$]/.test(stem) ? stem : `_${stem}`;
}

export function clean(name: string): string {
  const c = name.replace(/[^A-Za-z0-9_$]/g, "_");
  return c === "" ? "" : `_${c}`;
}

export function text(node: Node): string {
  return node.type === "Literal" ? (node.raw as string) : (node.name as string);
}

export function attributes(s: Node): string {
  const list = (s.attributes as Node[] | null) ?? [];
  if (list.length === 0) return "";
  return ` with{${list.map((a) => `${text(a.key as Node)}:${a.value.raw}`).join(",")}}`;
}

/** In a function that may run before the module's constants are there: the imports themselves. */
export function ownRuntime(swaps: boolean): string {
  return `const $R=$R0,$U=$U0${swaps ? ",$N=$N0" : ""};`;
}

/**
 * Places of a function's safepoints as text, each told from the one before: `12:5 1:7 9` is 12:5, 13:7 and 13:9. The runtime's
 * scheduler/frames.ts reads it back.
 */
export function positions(places: readonly { line: number; column: number }[]): string {
  let before = 0;
  return places
    .map(({ line, column }) => {
      const text = line === before ? `${column}` : `${line - before}:${column}`;
      before = line;
      return text;
    })
    .join(" ");
}

/** A property's key that names a function or class in place; `__proto__:` would name none. */
export function nameKey(name: string): string {
  const key = JSON.stringify(name);
  return name === "__proto__" ? `[${key}]` : key;
}

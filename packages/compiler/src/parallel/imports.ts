/** The imports and exports of a slice. */
import { isOwnName } from "../files/files.ts";
import type { Node } from "../tree/ast.ts";
import { at0, literal } from "../tree/node.ts";
import { ALL, CHANGED, sliceUrl } from "./address.ts";

/** A specifier that may name a module of the application, as the names of tsconfig.json do. */
const own = /^(?:\.{0,2}\/|file:|#)/;

function identifier(name: string): Node {
  return { type: "Identifier", name, ...at0 };
}

/** The source of an import, for the slice of `name` where it is a module of the application. */
export function sourceOf(file: string, source: Node, name: string): Node {
  const value = source.value as string;
  return own.test(value) || isOwnName(file, value)
    ? { ...source, ...literal(sliceUrl(value.replace(/[?#].*$/, ""), name)) }
    : source;
}

/** One name of an import. */
export function importOf(file: string, statement: Node, s: Node): Node {
  const name =
    s.type === "ImportSpecifier"
      ? ((s.imported.name ?? s.imported.value) as string)
      : s.type === "ImportDefaultSpecifier"
        ? "default"
        : ALL;
  return { ...statement, specifiers: [s], source: sourceOf(file, statement.source as Node, name) };
}

export function importFrom(source: Node, name: string): Node {
  return {
    type: "ImportDeclaration",
    specifiers: [{ type: "ImportSpecifier", imported: identifier(name), local: identifier(name), ...at0 }],
    source,
    attributes: [],
    ...at0,
  };
}

/** `source`: null where the name is the slice's own. */
export function exportFrom(source: Node | null, name: string, as: string): Node {
  return {
    type: "ExportNamedDeclaration",
    declaration: null,
    source,
    specifiers: [{ type: "ExportSpecifier", local: identifier(name), exported: identifier(as), ...at0 }],
    attributes: [],
    ...at0,
  };
}

/** Asks whether what is done to an import changes it, if it is from a module of the application. */
export function importChanged(file: string, { source, attributes }: Node, what: string): Node {
  const asked = sourceOf(file, source as Node, CHANGED + what);
  return { type: "ImportDeclaration", specifiers: [], source: asked, attributes: attributes ?? [], ...at0 };
}

/** Text to tree: parses JavaScript or TypeScript, and takes the types out. */
import { parseSync } from "oxc-parser";
import { eachChild, fieldsOf, isFunction, isNode, type Node } from "../tree/ast.ts";
import type { Format } from "../files/module-text.ts";
import type { Source } from "./source.ts";

/** Parses a module; without a format, what the text looks like. Throws a CompileError at the first mistake. */
export function parse(source: Source, format: Format | undefined): Node {
  const { file, text, syntax } = source;
  // In TypeScript a CommonJS module may be written with `import` and `export`; without, its code is sloppy.
  const isModule = source.typescript && (format !== "commonjs" || /^[ \t]*(?:import|export)\b/m.test(text));
  const sourceType = isModule ? "module" : (format ?? "unambiguous");
  const result = parseSync(file, text, {
    lang: syntax,
    sourceType,
    preserveParens: false,
    showSemanticErrors: true,
  } as never);
  const program = result.program as unknown as Node;
  const error = result.errors.find(
    (e) =>
      e.severity === "Error" &&
      !(
        /already been declared/.test(e.message) &&
        ((source.typescript && isSecondMember(program, e.labels[0]?.start)) ||
          isNoClash(
            program,
            e.labels.map(({ start }) => start),
          ))
      ),
  );
  if (error !== undefined) {
    const at = error.labels[0]?.start ?? 0;
    const hint = error.message.startsWith("`await` is only allowed")
      ? "Where a goroutine runs, `wait(promise)` of gort waits for it and gives its value; the function need not be async."
      : "Correct the syntax.";
    source.refuse("GORT_PARSE", at, error.message.replace(/\.$/, ""), hint);
  }
  if (format === "commonjs" && !(program.body as Node[]).some(makesModule)) program.sourceType = "commonjs";
  return program;
}

/** Whether a statement makes a module of its file, for TypeScript too: its code is strict, whatever it becomes. */
function makesModule(s: Node): boolean {
  return (
    isModuleSyntax(s) || s.type === "TSExportAssignment" || s.moduleReference?.type === "TSExternalModuleReference"
  );
}

export function isModuleSyntax({ type }: Node): boolean {
  return type.startsWith("Import") || type.startsWith("Export");
}

/** TypeScript's checker refuses a second member of one name; the language takes the last, of those that are not private. */
function isSecondMember(node: Node, at: number | undefined): boolean {
  const isSecond = (m: Node): boolean => m.key?.start === at && m.key.type !== "PrivateIdentifier";
  if (node.type === "ClassBody" && (node.body as Node[]).some(isSecond)) return true;
  let found = false;
  eachChild(node, (child) => {
    found ||= isSecondMember(child, at);
  });
  return found;
}

/**
 * The parser takes for a clash what the language has side by side: a function that is the whole of an `if` has a block of its own, and what
 * stands behind the block that a function is declared in does not clash with it; nor does a `var` with a function of the function around.
 */
function isNoClash(program: Node, [first, second]: readonly number[]): boolean {
  const isVar = (node: Node): boolean =>
    node.type === "VariableDeclaration" &&
    node.kind === "var" &&
    (node.declarations as Node[]).some((d) => d.start === second);
  const isBeside = (node: Node, around: Node): boolean => {
    if (node.type !== "FunctionDeclaration" || (node.id?.start !== first && node.id?.start !== second)) return false;
    if (around.type === "IfStatement") return true;
    if (node.id.start !== first) return false;
    const within = around.start <= second! && second! < around.end;
    return isBlock(around) ? !within : some(program, isVar);
  };
  return some(program, isBeside);
}

/** Whether functions declared in it are its own, and no variables of the function around. */
function isBlock(node: Node): boolean {
  return node.type === "BlockStatement" || node.type === "SwitchStatement" || node.sourceType === "module";
}

/** Asks of each node, and of what it is declared in: a block, `switch` or `if`, or else a function, a class or the program. */
function some(node: Node, is: (node: Node, around: Node) => boolean, around: Node = node): boolean {
  if (is(node, around)) return true;
  let inner = /^(?:Labeled|Export|SwitchCase)/.test(node.type) ? around : node;
  if (node.type === "BlockStatement" && isFunction(around) && node === around.body) inner = around;
  let found = false;
  eachChild(node, (child) => {
    found ||= some(child, is, inner);
  });
  return found;
}

const wrappers = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

const typeFields = new Set([
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "superTypeArguments",
  "implements",
]);

/** Statements and class members that exist for the type checker only. */
function isTypeOnly(node: Node): boolean {
  // A decorator runs, whatever it decorates.
  if (node.decorators !== undefined && node.decorators !== null && node.decorators.length > 0) return false;
  switch (node.type) {
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSDeclareFunction":
    case "TSAbstractMethodDefinition":
    case "TSAbstractPropertyDefinition":
    case "TSAbstractAccessorProperty":
    case "TSIndexSignature":
    case "TSEmptyBodyFunctionExpression":
    case "TSNamespaceExportDeclaration":
      return true;
    case "MethodDefinition":
      return node.value.type === "TSEmptyBodyFunctionExpression" || node.value.body === null;
    case "ExportDefaultDeclaration":
      return isTypeOnly(node.declaration as Node);
    case "ExportNamedDeclaration":
      return node.exportKind === "type" || (node.declaration !== null && isTypeOnly(node.declaration as Node));
    case "ExportAllDeclaration":
      return node.exportKind === "type";
    case "ImportDeclaration":
    case "TSImportEqualsDeclaration":
      return node.importKind === "type";
    case "ImportSpecifier":
      return node.importKind === "type";
    case "ExportSpecifier":
      return node.exportKind === "type";
    default:
      return node.declare === true;
  }
}

/** Whether it is not what stays: a type, or an expression with one around it. */
function isTyped(value: unknown): boolean {
  return isNode(value) && (wrappers.has(value.type) || isTypeOnly(value));
}

/** Constructs that are more than types: JavaScript must be made of them first. */
const rewritten = new Set([
  "TSEnumDeclaration",
  "TSModuleDeclaration",
  "TSParameterProperty",
  "TSExportAssignment",
  "TSImportEqualsDeclaration",
  "Decorator",
  "JSXElement",
  "JSXFragment",
  "AccessorProperty",
]);

/** Names that a module declares as types, and not as values too. */
function typeNames(body: Node[]): Set<string> {
  const types = new Set<string>();
  const values = new Set<string>();
  for (const s of body) {
    if (s.type === "ImportDeclaration") {
      const only = isTypeOnly(s);
      for (const specifier of s.specifiers as Node[])
        (only || isTypeOnly(specifier) ? types : values).add(specifier.local.name as string);
      continue;
    }
    const declared = (s.type === "ExportNamedDeclaration" ? s.declaration : s) as Node | null;
    if (declared === null) continue;
    const names: Node[] = declared.type === "VariableDeclaration" ? declared.declarations : [declared];
    // A pattern declares values; no type can share a name with it.
    for (const { id } of names) if (id?.type === "Identifier") (isTypeOnly(s) ? types : values).add(id.name as string);
  }
  for (const name of values) types.delete(name);
  return types;
}

/**
 * Takes the types out of a tree.
 * @param fields Whether class fields of TypeScript must be rewritten too.
 * @param runsHere Whether this engine will run it: it knows which regular expressions are none.
 * @returns The constructs that are not types and not JavaScript; the tree is then of no use.
 */
export function strip(program: Node, source: Source, fields: boolean, runsHere: boolean): Node[] {
  const found: Node[] = [];
  const types = typeNames(program.body as Node[]);
  // `export default T` of a type exports nothing.
  for (const s of program.body as Node[])
    if (
      s.type === "ExportDefaultDeclaration" &&
      s.declaration.type === "Identifier" &&
      types.has(s.declaration.name as string)
    )
      s.$type = true;
  visit(program);
  return found;

  function visit(node: Node): void {
    if (rewritten.has(node.type) || (fields && node.type === "PropertyDefinition")) found.push(node);
    // `import {} from "x"` names no values; `import "x"` wants none.
    if (
      (node.type === "ImportDeclaration" || (node.type === "ExportNamedDeclaration" && node.source !== null)) &&
      source.text.slice(node.start, node.source.start as number).includes("{")
    )
      node.$types = (node.specifiers as Node[]).every(isTypeOnly);
    // The parser has asked the engine.
    if (runsHere && node.regex !== undefined && node.value === null)
      source.refuse("GORT_PARSE", node.start, "Invalid regular expression", "Correct the syntax.");
    if (node.params !== undefined && node.params[0]?.name === "this") node.params.shift();
    for (const key of fieldsOf(node)) {
      const value = node[key];
      if (value === null || typeof value !== "object") continue;
      if (typeFields.has(key)) node[key] = null;
      else if (Array.isArray(value)) {
        const items = value.some(isTyped)
          ? value.filter((item) => !isNode(item) || !isTypeOnly(item)).map(unwrap)
          : value;
        node[key] = items;
        for (const item of items) if (isNode(item)) visit(item);
      } else if (isNode(value)) {
        const inner = isTypeOnly(value) ? null : unwrap(value);
        node[key] = inner;
        if (inner !== null) visit(inner);
      }
    }
  }
}

// oxlint-disable-next-line typescript/no-explicit-any
function unwrap(node: any): any {
  while (node !== null && typeof node === "object" && wrappers.has(node.type)) node = node.expression;
  return node;
}

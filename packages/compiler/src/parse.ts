/** Text to tree: parses JavaScript or TypeScript, and takes the types out. */
import { parseSync } from "oxc-parser";
import { eachChild, type Node } from "./ast.ts";
import type { Source } from "./source.ts";

/** Parses a module or script. Throws a CompileError at the first mistake. */
export function parse(source: Source): Node {
  const lang = /\.[cm]?tsx$/.test(source.file)
    ? "tsx"
    : /\.[cm]?ts$/.test(source.file)
      ? "ts"
      : source.file.endsWith(".jsx")
        ? "jsx"
        : "js";
  const sourceType = /\.c[tj]s$/.test(source.file) ? "script" : "unambiguous";
  const result = parseSync(source.file, source.text, {
    lang,
    sourceType: lang === "ts" || lang === "tsx" ? "module" : sourceType,
    preserveParens: false,
    showSemanticErrors: true,
  } as never);
  const error = result.errors.find((e) => e.severity === "Error");
  if (error !== undefined) {
    const at = error.labels[0]?.start ?? 0;
    source.refuse("GORT_PARSE", at, error.message.replace(/\.$/, ""), "Correct the syntax.");
  }
  const program = result.program as unknown as Node;
  strip(program, source);
  return program;
}

const wrappers = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

const typeFields = [
  "typeAnnotation",
  "typeParameters",
  "typeArguments",
  "returnType",
  "superTypeArguments",
  "implements",
];

/** Statements and class members that exist for the type checker only. */
function isTypeOnly(node: Node): boolean {
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
      return node.importKind === "type";
    case "ImportSpecifier":
      return node.importKind === "type";
    case "ExportSpecifier":
      return node.exportKind === "type";
    default:
      return node.declare === true;
  }
}

const refused: Record<string, [what: string, hint: string]> = {
  TSEnumDeclaration: ["enum", "Write a const object: `const Color = { Red: 0, Green: 1 } as const`."],
  TSModuleDeclaration: ["namespace", "Write a module, or a const object."],
  TSParameterProperty: ["a parameter property", "Declare the field, and assign it in the constructor."],
  TSExportAssignment: ["`export =`", "Write `export default`."],
  TSImportEqualsDeclaration: ["`import x = require()`", "Write `import x from`."],
  Decorator: ["a decorator", "Call the decorating function yourself."],
  JSXElement: ["JSX", "Compile JSX before, or keep it in a file Gort does not compile."],
  JSXFragment: ["JSX", "Compile JSX before, or keep it in a file Gort does not compile."],
  AccessorProperty: ["an `accessor` field", "Write a getter and a setter."],
  WithStatement: ["`with`", "Name the object."],
};

function strip(node: Node, source: Source): void {
  const no = refused[node.type];
  if (no !== undefined) source.refuse("GORT_UNSUPPORTED", node.start, no[0], no[1]);
  for (const field of typeFields) if (node[field] !== undefined) node[field] = null;
  if (node.decorators !== undefined) {
    if (node.decorators.length > 0) strip(node.decorators[0] as Node, source);
    node.decorators = null;
  }
  if (node.params !== undefined && node.params[0]?.name === "this") node.params.shift();
  for (const key in node) {
    const value = node[key];
    if (value === null || typeof value !== "object") continue;
    if (Array.isArray(value)) {
      node[key] = value
        .filter((item) => item === null || typeof item !== "object" || item.type === undefined || !isTypeOnly(item))
        .map((item) => unwrap(item));
    } else if (typeof value.type === "string") {
      node[key] = isTypeOnly(value) ? null : unwrap(value);
    }
  }
  eachChild(node, (child) => strip(child, source));
}

// oxlint-disable-next-line typescript/no-explicit-any
function unwrap(node: any): any {
  while (node !== null && typeof node === "object" && wrappers.has(node.type)) node = node.expression;
  return node;
}

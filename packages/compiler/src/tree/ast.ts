/** The tree the phases work on: ESTree as the parser gives it, with TypeScript's types taken out. */

/** An ESTree node. Loosely typed on purpose: the phases switch on `type` and read what the specification puts there. */
export interface Node {
  type: string;
  start: number;
  end: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  [key: string]: any;
}

/** The fields of a node that hold others, in the order they are evaluated in. What is not here (TypeScript's own nodes) is gone through field by field. */
const fields: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    DebuggerStatement: [],
    EmptyStatement: [],
    Literal: [],
    PrivateIdentifier: [],
    Super: [],
    TemplateElement: [],
    ThisExpression: [],
    JSXClosingFragment: [],
    JSXEmptyExpression: [],
    JSXIdentifier: [],
    JSXOpeningFragment: [],
    JSXText: [],
    AccessorProperty: ["decorators", "key", "typeAnnotation", "value"],
    ArrayExpression: ["elements"],
    ArrayPattern: ["decorators", "elements", "typeAnnotation"],
    ArrowFunctionExpression: ["typeParameters", "params", "returnType", "body"],
    AssignmentExpression: ["left", "right"],
    AssignmentPattern: ["decorators", "left", "right", "typeAnnotation"],
    AwaitExpression: ["argument"],
    BinaryExpression: ["left", "right"],
    BlockStatement: ["body"],
    BreakStatement: ["label"],
    CallExpression: ["callee", "typeArguments", "arguments"],
    CatchClause: ["param", "body"],
    ChainExpression: ["expression"],
    ClassBody: ["body"],
    ClassDeclaration: ["decorators", "id", "typeParameters", "superClass", "superTypeArguments", "implements", "body"],
    ClassExpression: ["decorators", "id", "typeParameters", "superClass", "superTypeArguments", "implements", "body"],
    ConditionalExpression: ["test", "consequent", "alternate"],
    ContinueStatement: ["label"],
    Decorator: ["expression"],
    DoWhileStatement: ["body", "test"],
    ExportAllDeclaration: ["exported", "source", "attributes"],
    ExportDefaultDeclaration: ["declaration"],
    ExportNamedDeclaration: ["declaration", "specifiers", "source", "attributes"],
    ExportSpecifier: ["local", "exported"],
    ExpressionStatement: ["expression"],
    ForInStatement: ["left", "right", "body"],
    ForOfStatement: ["left", "right", "body"],
    ForStatement: ["init", "test", "update", "body"],
    FunctionDeclaration: ["id", "typeParameters", "params", "returnType", "body"],
    FunctionExpression: ["id", "typeParameters", "params", "returnType", "body"],
    Identifier: ["decorators", "typeAnnotation"],
    IfStatement: ["test", "consequent", "alternate"],
    ImportAttribute: ["key", "value"],
    ImportDeclaration: ["specifiers", "source", "attributes"],
    ImportDefaultSpecifier: ["local"],
    ImportExpression: ["source", "options"],
    ImportNamespaceSpecifier: ["local"],
    ImportSpecifier: ["imported", "local"],
    LabeledStatement: ["label", "body"],
    LogicalExpression: ["left", "right"],
    MemberExpression: ["object", "property"],
    MetaProperty: ["meta", "property"],
    MethodDefinition: ["decorators", "key", "value"],
    NewExpression: ["callee", "typeArguments", "arguments"],
    ObjectExpression: ["properties"],
    ObjectPattern: ["decorators", "properties", "typeAnnotation"],
    ParenthesizedExpression: ["expression"],
    Program: ["body"],
    Property: ["key", "value"],
    PropertyDefinition: ["decorators", "key", "typeAnnotation", "value"],
    RestElement: ["decorators", "argument", "typeAnnotation"],
    ReturnStatement: ["argument"],
    SequenceExpression: ["expressions"],
    SpreadElement: ["argument"],
    StaticBlock: ["body"],
    SwitchCase: ["test", "consequent"],
    SwitchStatement: ["discriminant", "cases"],
    TaggedTemplateExpression: ["tag", "typeArguments", "quasi"],
    TemplateLiteral: ["quasis", "expressions"],
    ThrowStatement: ["argument"],
    TryStatement: ["block", "handler", "finalizer"],
    UnaryExpression: ["argument"],
    UpdateExpression: ["argument"],
    VariableDeclaration: ["declarations"],
    VariableDeclarator: ["id", "init"],
    WhileStatement: ["test", "body"],
    WithStatement: ["object", "body"],
    YieldExpression: ["argument"],
    JSXAttribute: ["name", "value"],
    JSXClosingElement: ["name"],
    JSXElement: ["openingElement", "children", "closingElement"],
    JSXExpressionContainer: ["expression"],
    JSXFragment: ["openingFragment", "children", "closingFragment"],
    JSXMemberExpression: ["object", "property"],
    JSXNamespacedName: ["namespace", "name"],
    JSXOpeningElement: ["name", "typeArguments", "attributes"],
    JSXSpreadAttribute: ["argument"],
    JSXSpreadChild: ["expression"],
  }),
);

const skipped = new Set(["type", "start", "end", "loc", "range", "parent"]);

/**
 * Calls `visit` for each child node, in source order of the fields. What a walk hands down goes along as `also`: a function made for each node would
 * be most of what a compilation allocates.
 */
export function eachChild<T = undefined>(
  node: Node,
  visit: (child: Node, also: T, key: string) => void,
  also?: T,
): void {
  const known = fields.get(node.type);
  if (known === undefined) {
    eachField(node, visit, also as T);
    return;
  }
  for (let i = 0; i < known.length; i++) {
    const key = known[i]!;
    const value: Node | (Node | null)[] | null | undefined = node[key];
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) {
      for (let k = 0; k < value.length; k++) {
        const item = value[k];
        if (item !== null && item !== undefined) visit(item, also as T, key);
      }
    } else visit(value, also as T, key);
  }
}

function eachField<T>(node: Node, visit: (child: Node, also: T, key: string) => void, also: T): void {
  for (const key in node) {
    if (skipped.has(key) || key.charCodeAt(0) === 36 /* $: our own marks */) continue;
    const value: unknown = node[key];
    if (value === null || typeof value !== "object") continue;
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item, also, key);
    } else if (isNode(value)) visit(value, also, key);
  }
}

/** The fields of a node that may hold others. */
export function fieldsOf(node: Node): readonly string[] {
  return fields.get(node.type) ?? Object.keys(node);
}

export function isNode(value: unknown): value is Node {
  return value !== null && typeof value === "object" && typeof (value as Node).type === "string";
}

export const loops: ReadonlySet<string> = new Set([
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
]);

export function isFunction(node: Node): boolean {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

/** A function or class its place in the program would give a name. */
export function isAnonymous(e: Node): boolean {
  const can = e.type === "FunctionExpression" || e.type === "ArrowFunctionExpression" || e.type === "ClassExpression";
  return can && (e.id === null || e.id === undefined) && e.$name === undefined;
}

/** Nobody wants the value of `e`: a goroutine that is started there has no handle, and what it throws is fatal at once. */
export function discard(e: Node): void {
  switch (e.type) {
    case "CallExpression":
      e.$discard = true;
      return;
    case "UnaryExpression":
      if (e.operator === "void") discard(e.argument as Node);
      return;
    case "SequenceExpression":
      for (const x of e.expressions as Node[]) discard(x);
      return;
    case "LogicalExpression":
      discard(e.right as Node);
      return;
    case "ConditionalExpression":
      discard(e.consequent as Node);
      discard(e.alternate as Node);
  }
}

/**
 * Legacy decorators with `design:type` and its like. oxc-transform makes calls of them, because esbuild does not look at types; the
 * rest of what is more than types is left to esbuild. Only downlevel.ts calls this.
 */
import type * as oxc from "oxc-transform";
import { decode, type SourceMapMappings } from "@jridgewell/sourcemap-codec";
import { eachChild, type Node } from "../tree/ast.ts";
import type { Language } from "./language.ts";
import { parse } from "./parse.ts";
import { Source } from "./source.ts";

/** Decorators with `design:type` and its like: TypeScript's helpers, by TypeScript's rules. Hoisted, so behind the text. */
const helpers = `
function babelHelpers$decorate(decorators, target, key, kind) {
  const member = arguments.length > 2;
  let result = member ? (kind === null ? Object.getOwnPropertyDescriptor(target, key) : undefined) : target;
  for (let i = decorators.length - 1; i >= 0; i--) {
    const decorator = decorators[i];
    if (decorator) result = (member ? decorator(target, key, result) : decorator(result)) || result;
  }
  if (member && result) Object.defineProperty(target, key, result);
  return result;
}
function babelHelpers$decorateParam(index, decorator) {
  return (target, key) => decorator(target, key, index);
}
function babelHelpers$decorateMetadata(key, value) {
  if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(key, value);
}
`;

/** Decorators and metadata as calls. What stands in the way of esbuild, which goes on with it, is put right. */
export function withMetadata(source: Source, tool: typeof oxc, language: Language): Source {
  const result = tool.transformSync(source.file, source.text, {
    lang: source.syntax,
    sourceType: "module",
    sourcemap: true,
    target: "esnext",
    jsx: "preserve",
    helpers: { mode: "External" as oxc.HelperMode },
    decorator: { legacy: true, emitDecoratorMetadata: true, strictNullChecks: language.strictNullChecks },
    typescript: {
      onlyRemoveTypeImports: language.verbatimModuleSyntax,
      removeClassFieldsWithoutInitializer: !language.useDefineForClassFields,
    },
  });
  const error = result.errors.find((e) => e.severity === "Error");
  if (error !== undefined)
    source.refuse("GORT_PARSE", error.labels[0]?.start ?? 0, error.message, "Correct the syntax.");
  // As long as before, so that the map fits.
  const code = result.code.replace(/\bbabelHelpers\.(?=decorate)/g, "babelHelpers$");
  let map = decode(mappings(result.map));
  const edits = new Edits(code, source);
  const tree = parse(new Source(code, source.file, source.syntax), "module");
  const lost = withoutTypes(tree);
  if (lost !== null)
    source
      .rewritten(code, map, source.syntax)
      .refuse(
        "GORT_UNSUPPORTED",
        lost.start,
        "a class in a decorated method, whose types are lost there (emitDecoratorMetadata)",
        "Move the class out of the method.",
      );
  unnameClasses(tree, edits);
  if (!language.useDefineForClassFields) restoreProperties(parse(source, "module"), tree, edits);
  map = edits.applyTo(map);
  const [ordered, lines] = instanceFirst(new Source(edits.text, source.file, source.syntax), map);
  return source.rewritten(ordered + helpers, lines, source.syntax);
}

/**
 * TypeScript decorates the members of instances before the static ones, oxc-transform in the order they stand. Each call
 * has lines of its own, so lines are moved, and their places in the map with them.
 */
function instanceFirst(rewritten: Source, map: SourceMapMappings): [code: string, map: SourceMapMappings] {
  const lines = rewritten.text.split("\n");
  const order = lines.map((_, i) => i);
  const line = (offset: number): number => rewritten.position(offset).line - 1;
  const visit = (node: Node): void => {
    eachChild(node, visit);
    const list: unknown = node.body ?? node.consequent;
    if (!Array.isArray(list)) return;
    for (let i = 0; i < list.length;) {
      const from = i;
      while (i < list.length && decoratedKind(list[i] as Node) !== "") i++;
      const run = list.slice(from, i) as Node[];
      if (run.length === 0) {
        i++;
        continue;
      }
      const moved = [
        ...run.filter((s) => decoratedKind(s) === "instance"),
        ...run.filter((s) => decoratedKind(s) === "static"),
      ];
      const next = moved.flatMap((s) => order.slice(line(s.start), line(s.end) + 1));
      order.splice(line(run[0]!.start), next.length, ...next);
    }
  };
  visit(parse(rewritten, "module"));
  return [order.map((n) => lines[n]!).join("\n"), order.map((n) => map[n] ?? [])];
}

/**
 * The first decorator of a method or accessor that nobody is told the types of: oxc-transform forgets them over a class with
 * methods that stands in the body.
 */
function withoutTypes(node: Node): Node | null {
  if (node.type === "CallExpression" && node.callee.name === "babelHelpers$decorate" && node.arguments.length === 4) {
    const [list, , , kind] = node.arguments as [Node, Node, Node, Node];
    const decorators = list.elements as Node[];
    const isType = (e: Node): boolean =>
      e.type === "CallExpression" && e.callee.name === "babelHelpers$decorateMetadata";
    if (kind.raw === "null" && !decorators.some(isType)) return decorators[0]!;
  }
  let found: Node | null = null;
  eachChild(node, (child) => {
    found ??= withoutTypes(child);
  });
  return found;
}

/** What a statement decorates: a member of instances, a static one, or nothing of the kind. */
function decoratedKind(statement: Node): "instance" | "static" | "" {
  const call = statement.type === "ExpressionStatement" ? (statement.expression as Node) : statement;
  if (call.type !== "CallExpression" || call.callee.name !== "babelHelpers$decorate" || call.arguments.length < 4)
    return "";
  return call.arguments[1].type === "MemberExpression" ? "instance" : "static";
}

export function mappings(map: unknown): string {
  const read = typeof map === "string" ? (JSON.parse(map) as { mappings: string }) : (map as { mappings: string });
  return read.mappings;
}

/**
 * `let A = class A {`: esbuild would call the inner one `A2`. What is in it says `_A` already, so it needs no name of its own. Of
 * `let A = _A = class A {` the engine would call it `_A` then, so that is written in its body.
 */
function unnameClasses(tree: Node, edits: Edits): void {
  const visit = (node: Node): void => {
    const init = node.type === "VariableDeclarator" ? (node.init as Node | null) : null;
    const made = init?.type === "AssignmentExpression" ? (init.right as Node) : init;
    if (made?.type === "ClassExpression" && made.id !== null && (node.id as Node).name === (made.id as Node).name) {
      const { name, start, end } = made.id as Node;
      const body = made.body as Node;
      if (!mentions(body, name as string)) {
        edits.blank(start, end);
        if (init !== made) {
          edits.blank(init!.start, made.start);
          edits.insert(body.start + 1, `static{${(init!.left as Node).name}=this}`);
        }
      }
    }
    eachChild(node, visit);
  };
  visit(tree);
}

function mentions(node: Node, name: string): boolean {
  if (node.type === "Identifier" && node.name === name) return true;
  let found = false;
  eachChild(node, (child, _, key) => {
    const isName = (key === "property" || key === "key") && node.computed !== true && node.shorthand !== true;
    if (!isName) found ||= mentions(child, name);
  });
  return found;
}

/**
 * Fields that are assigned are so after parameter properties. oxc-transform has made these statements of the constructor, and
 * esbuild would put the fields in front of them: so they become parameter properties again.
 */
function restoreProperties(before: Node, after: Node, edits: Edits): void {
  const written = constructors(before);
  const made = constructors(after);
  if (written.length !== made.length) throw new Error("gort: oxc-transform has made constructors"); // invariant
  written.forEach(({ value }, i) => {
    const function_ = made[i]!.value as Node;
    (value.params as Node[]).forEach((param, n) => {
      if (param.type !== "TSParameterProperty") return;
      const name = nameOf(param.parameter as Node);
      const statement = ((function_.body as Node).body as Node[]).find((s) => assigns(s, name));
      if (statement === undefined) return;
      edits.insert(((function_.params as Node[])[n] as Node).start, "public ");
      edits.blank(statement.start, statement.end);
    });
  });
}

function constructors(tree: Node): Node[] {
  const found: Node[] = [];
  const visit = (node: Node): void => {
    if (node.type === "MethodDefinition" && node.kind === "constructor" && (node.value as Node).body !== null)
      found.push(node);
    eachChild(node, visit);
  };
  visit(tree);
  return found;
}

function nameOf(param: Node): string {
  return (param.type === "AssignmentPattern" ? (param.left as Node).name : param.name) as string;
}

/** `this.name = name;` */
function assigns(statement: Node, name: string): boolean {
  const e = statement.type === "ExpressionStatement" ? (statement.expression as Node) : statement;
  if (e.type !== "AssignmentExpression" || (e.right as Node).name !== name) return false;
  const left = e.left as Node;
  return left.type === "MemberExpression" && left.object.type === "ThisExpression" && left.property.name === name;
}

/** Changes of a text, and of a map that tells where its columns come from. */
class Edits {
  text: string;
  private readonly source: Source;
  private readonly inserted: { at: number; what: string }[] = [];

  constructor(text: string, source: Source) {
    this.text = text;
    this.source = new Source(text, source.file, source.syntax);
  }

  /** Spaces in its place: nothing moves. */
  blank(start: number, end: number): void {
    this.text = this.text.slice(0, start) + this.text.slice(start, end).replace(/\S/g, " ") + this.text.slice(end);
  }

  insert(at: number, what: string): void {
    this.inserted.push({ at, what });
  }

  /** Makes the insertions, in the text and in the map, which is changed in place. */
  applyTo(map: SourceMapMappings): SourceMapMappings {
    for (const { at, what } of this.inserted.sort((a, b) => b.at - a.at)) {
      this.text = this.text.slice(0, at) + what + this.text.slice(at);
      const { line, column } = this.source.position(at);
      for (const segment of map[line - 1] ?? []) if (segment[0] >= column - 1) segment[0] += what.length;
    }
    return map;
  }
}

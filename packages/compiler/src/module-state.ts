/**
 * What a module's names are on a thread that loads their declarations alone: the same thing, or another one. Another one is what is
 * assigned, what statements or functions of the module change, and what of gort is one thing only where it is passed.
 *
 * A declaration is sometimes completed by statements: TypeScript's namespaces, enums in several parts, decorators. Those belong to it,
 * and a slice has them (slice.ts).
 */
import { eachChild, isFunction, type Node } from "./ast.ts";
import { gortImport } from "./callee.ts";
import type { Binding } from "./binding.ts";
import { patternNames } from "./pattern.ts";
import type { Source } from "./source.ts";

/** Methods that change what they are called on. */
const mutating = new Set(
  "add append clear copyWithin delete fill pop push reverse set shift sort splice unshift".split(" "),
);
/** Functions of `Object` and `Reflect` that change what they are given first. */
const mutators = new Set("assign defineProperties defineProperty deleteProperty set setPrototypeOf".split(" "));

/** What of gort is one thing for all threads only where it is passed. */
const passed = new Set(
  "chan nilChan Mutex RWMutex WaitGroup Semaphore Cond Once AtomicInt after withCancel withTimeout withDeadline".split(
    " ",
  ),
);

/** Why a name is another thing on another thread, and what to write instead. */
export interface Reason {
  why: string;
  hint: string;
  /** Where. */
  at: number;
}

/** The function of gort whose result an initialiser is: `chan(…)`, `new Mutex()`. */
export function madeBy(init: Node | null): string {
  return init?.type === "CallExpression" || init?.type === "NewExpression" ? gortImport(init.callee as Node) : "";
}

/** The names whose objects `node` itself changes: the identifiers. */
export function changedBy(node: Node): Node[] {
  switch (node.type) {
    case "AssignmentExpression":
      return targets(node.left as Node);
    case "UpdateExpression":
      return targets(node.argument as Node);
    case "UnaryExpression":
      return node.operator === "delete" ? targets(node.argument as Node) : [];
    case "CallExpression": {
      const callee = node.callee as Node;
      if (callee.type !== "MemberExpression" || callee.computed) return [];
      const { object, property } = callee;
      const first = (node.arguments as Node[])[0];
      const global = object.type === "Identifier" && object.$b === undefined;
      if (global && (object.name === "Object" || object.name === "Reflect"))
        return mutators.has(property.name as string) && first !== undefined ? rootOf(first) : [];
      return mutating.has(property.name as string) ? rootOf(object as Node) : [];
    }
    default:
      return [];
  }
}

function rootOf(node: Node): Node[] {
  while (node.type === "MemberExpression") node = node.object as Node;
  return node.type === "Identifier" ? [node] : [];
}

function targets(left: Node): Node[] {
  if (left.type === "MemberExpression") return rootOf(left);
  if (left.type !== "ArrayPattern" && left.type !== "ObjectPattern") return [];
  const found: Node[] = [];
  const visit = (n: Node): void => {
    if (n.type === "MemberExpression") found.push(...rootOf(n));
    else eachChild(n, visit);
  };
  visit(left);
  return found;
}

/** The name that a statement completes, `(N => { … })(N || (N = {}))`; null for any other statement. */
function namespaceOf(statement: Node): string | null {
  const call = statement.type === "ExpressionStatement" ? bare(statement.expression as Node) : null;
  if (call?.type !== "CallExpression" || call.arguments.length !== 1 || !isFunction(bare(call.callee as Node)))
    return null;
  const or = bare(call.arguments[0] as Node);
  if (or.type !== "LogicalExpression" || or.operator !== "||" || or.left.type !== "Identifier") return null;
  const made = bare(or.right as Node);
  const name = or.left.name as string;
  return made.type === "AssignmentExpression" && made.left.type === "Identifier" && made.left.name === name
    ? name
    : null;
}

/** The function or class that a statement gives a member: `F.prototype.run = function () { … }`, `C.limit = 5`. One that does more is left alone. */
function memberOf(statement: Node): Binding | null {
  const set = statement.expression as Node;
  if (set.type !== "AssignmentExpression" || set.operator !== "=" || set.left.type !== "MemberExpression") return null;
  const id = rootOf(set.left as Node)[0];
  const b = id?.$b as Binding | undefined;
  if (b?.module !== true || !(b.kind === "function" || b.kind === "class" || isMade(b.init))) return null;
  const inherits = set.left.property.name === "prototype";
  return inherits || isCalm(set.right as Node) ? b : null;
}

/** A function or class expression. */
function isMade(init: Node | null): boolean {
  return init !== null && (isFunction(init) || init.type === "ClassExpression");
}

/** Calls nothing. */
function isCalm(node: Node): boolean {
  if (isMade(node)) return true;
  if (/^(?:CallExpression|NewExpression|AwaitExpression|ImportExpression|TaggedTemplateExpression)$/.test(node.type))
    return false;
  let calm = true;
  eachChild(node, (child) => {
    calm &&= isCalm(child);
  });
  return calm;
}

/** `(E => { … })(E || {})`: a part of an enum. */
function isEnum(init: Node): boolean {
  const call = bare(init);
  if (call.type !== "CallExpression" || call.arguments.length !== 1 || !isFunction(bare(call.callee as Node)))
    return false;
  const or = bare(call.arguments[0] as Node);
  return or.type === "LogicalExpression" && or.operator === "||" && bare(or.right as Node).type === "ObjectExpression";
}

function bare(node: Node): Node {
  while (node.type === "ParenthesizedExpression") node = node.expression as Node;
  return node;
}

export class ModuleState {
  readonly #source: Source;
  /** Where objects of the module's names are changed outside their declarations. */
  readonly #changes: Map<Binding, Node> = new Map();
  /** The `var` declarators of a name at the top of the module, and statements that complete it. */
  readonly #declared: Map<string, Node[]> = new Map();
  readonly #completing: Map<string, Node[]> = new Map();
  readonly #generated: Map<string, boolean> = new Map();

  /** `body`: of a tree whose names have been resolved. */
  constructor(body: readonly Node[], source: Source) {
    this.#source = source;
    for (const s of body) this.#declare(s);
    for (const s of body) this.#complete(s);
    for (const s of body) if (!this.isCompleting(s)) this.#walk(s);
  }

  #declare(s: Node): void {
    const d = (s.type === "ExportNamedDeclaration" ? s.declaration : s) as Node | null;
    if (d?.type !== "VariableDeclaration" || d.kind !== "var") return;
    for (const v of d.declarations as Node[])
      if (v.init !== null) patternNames(v.id as Node, (id) => push(this.#declared, id.name as string, v));
  }

  #complete(s: Node): void {
    if (s.type !== "ExpressionStatement") return;
    const name = namespaceOf(s);
    if (name !== null) push(this.#completing, name, s);
    else if (memberOf(s) !== null) push(this.#completing, memberOf(s)!.name, s);
    else for (const b of this.#madeIn(s)) push(this.#completing, b.name, s);
  }

  /** Whom a statement that the user has not written completes: the names it made up, and what it gives to a function it made up. */
  #madeIn(s: Node): Set<Binding> {
    const found = new Set<Binding>();
    for (const b of names(s)) if (this.isGenerated(b) && !isHelper(b, this.#declared)) found.add(b);
    let call = bare(s.expression as Node);
    if (call.type === "AssignmentExpression") call = bare(call.right as Node);
    const callee = call.type === "CallExpression" ? (call.callee.$b as Binding | undefined) : undefined;
    if (callee?.module !== true || !this.isGenerated(callee)) return found;
    for (const a of call.arguments as Node[])
      for (const id of rootOf(a)) {
        const b = id.$b as Binding | undefined;
        if (b?.module === true && b.kind !== "import" && b.kind !== "function") found.add(b);
      }
    return found;
  }

  /** Statements that belong to the declaration of `name`. */
  completing(name: string): readonly Node[] {
    return this.#completing.get(name) ?? [];
  }

  isCompleting(s: Node): boolean {
    for (const all of this.#completing.values()) if (all.includes(s)) return true;
    return false;
  }

  /** A name that the user has not written: what enums, decorators and the like become has some. */
  isGenerated(b: Binding): boolean {
    let known = this.#generated.get(b.name);
    if (known === undefined) this.#generated.set(b.name, (known = !this.#source.hasWord(b.name)));
    return known;
  }

  #walk(node: Node): void {
    for (const id of changedBy(node)) {
      const b = id.$b as Binding | undefined;
      if (b?.module === true && b.kind !== "import" && !this.#changes.has(b) && !this.isOwn(b, id))
        this.#changes.set(b, id);
    }
    eachChild(node, (child) => this.#walk(child));
  }

  /** Whether what stands at `id` is a part of making `b`: its initialiser, a static block of the class. */
  isOwn(b: Binding, id: Node): boolean {
    const within = (n: Node | null): boolean => n !== null && id.start >= n.start && id.end <= n.end;
    if (b.kind === "class")
      return ((b.node?.body.body ?? []) as Node[]).some((m) => m.type === "StaticBlock" && within(m));
    return within(b.init) || (this.#declared.get(b.name) ?? []).some(within);
  }

  #assigned(b: Binding): boolean {
    if (b.kind === "function" || b.kind === "class") return false;
    const declared = this.#declared.get(b.name) ?? [];
    const made = declared.length > 1 && !declared.slice(1).every((v) => isEnum(v.init as Node)) ? 1 : declared.length;
    return b.writes > made + this.completing(b.name).length;
  }

  /** Why `b` is another thing on another thread; null if it is not. */
  reasonOf(b: Binding): Reason | null {
    if (!b.module || b.kind === "import" || this.isGenerated(b)) return null;
    const own = `Pass it as an argument, or say that each thread has its own: \`const ${b.name} = perThread(() => …)\`.`;
    const at = b.init?.start ?? b.refs[0]?.node.start ?? 0;
    if (this.#assigned(b))
      return { why: "which is assigned: each thread has its own, and would not see it change", hint: own, at };
    const made = madeBy(b.init);
    if (passed.has(made))
      return {
        why: "which each thread would make for itself",
        hint: "Pass it as an argument: then all threads have the same one.",
        at,
      };
    const change = this.#changes.get(b);
    if (change === undefined || made === "perThread") return null;
    const { line } = this.#source.position(change.start);
    return {
      why: `which is changed in line ${line}: each thread has its own, as it is declared, and would not see the change`,
      hint: `Make it whole where it is declared, \`const ${b.name} = (() => { …; return … })()\`; pass it as an argument; or say that each thread has its own: \`const ${b.name} = perThread(() => …)\`.`,
      at: change.start,
    };
  }
}

function names(node: Node, into: Set<Binding> = new Set()): Set<Binding> {
  const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
  if (b?.module === true) into.add(b);
  eachChild(node, (child) => names(child, into));
  return into;
}

/** A function that what is generated calls: it has no state. */
function isHelper(b: Binding, declared: ReadonlyMap<string, Node[]>): boolean {
  return (declared.get(b.name) ?? []).some((v) => v.init !== null) || (b.init !== null && isFunction(b.init));
}

function push<K>(map: Map<K, Node[]>, key: K, node: Node): void {
  const all = map.get(key);
  if (all === undefined) map.set(key, [node]);
  else all.push(node);
}

/**
 * What the names at the top of a module are declared with. A declaration is sometimes completed by statements: TypeScript's namespaces, enums in
 * several parts, decorators. Those belong to it, and a slice has them (slice.ts).
 */
import type { Source } from "../read/source.ts";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { patternNames } from "../tree/pattern.ts";
import { bare, isEnum, memberOf, namespaceOf, rootOf } from "./completion.ts";
import { memberOfValue } from "./members.ts";
import { madeBy } from "./passed.ts";

export class Declarations {
  readonly #source: Source;
  /** What names are declared with, the whole where it is taken apart. */
  readonly inits: Map<Binding, Node> = new Map();
  /** Functions whose `this` is what a name of the module holds. */
  readonly selves: Map<Node, Binding> = new Map();
  /** Functions whose `this` is an instance of a class of the module. */
  readonly instances: Map<Node, Binding> = new Map();
  /** The `var` declarators of a name at the top of the module, and statements that complete it. */
  readonly #declared: Map<string, Node[]> = new Map();
  readonly #completing: Map<string, Node[]> = new Map();
  readonly #generated: Map<string, boolean> = new Map();

  constructor(body: readonly Node[], source: Source) {
    this.#source = source;
    for (const s of body) this.#declare(s);
    for (const s of body) this.#complete(s);
  }

  #declare(s: Node): void {
    const d = (/^Export(?:Named|Default)Declaration$/.test(s.type) ? s.declaration : s) as Node | null;
    if (d?.type === "ClassDeclaration" && d.id) this.#own(d.id.$b as Binding, d);
    if (d?.type !== "VariableDeclaration") return;
    for (const v of d.declarations as Node[]) {
      if (v.init === null) continue;
      patternNames(v.id as Node, (id) => {
        this.inits.set(id.$b as Binding, v.init as Node);
        if (d.kind === "var") push(this.#declared, id.name as string, v);
      });
      if (v.id.type === "Identifier") this.#own(v.id.$b as Binding, v.init as Node);
    }
  }

  /** The methods in `value`, which `b` holds. */
  #own(b: Binding, value: Node): void {
    if (value.type === "ObjectExpression") {
      for (const p of value.properties as Node[])
        if (p.type === "Property" && p.value.type !== "ArrowFunctionExpression") {
          if (isFunction(p.value as Node)) this.selves.set(p.value as Node, b);
          else this.#own(b, p.value as Node);
        }
    } else if (value.type === "ClassDeclaration" || value.type === "ClassExpression") {
      for (const m of value.body.body as Node[])
        if (m.value && isFunction(m.value as Node))
          (m.static === true ? this.selves : this.instances).set(m.value as Node, b);
    }
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
    for (const b of namesIn(s)) if (this.isGenerated(b) && !isHelper(b, this.#declared)) found.add(b);
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

  /** What stands in the declaration of `b` at the end of `path`; null if that cannot be seen. */
  valueAt(b: Binding, path: readonly string[]): Node | null {
    let value = this.#valueOf(b);
    for (const key of path) value = value === null ? null : this.#followed(memberOfValue(value, key));
    return value;
  }

  #valueOf(b: Binding): Node | null {
    if (b.kind === "class" || b.kind === "function") return b.node;
    return b.init === null ? ((this.#declared.get(b.name) ?? []).at(-1)?.init ?? null) : b.init;
  }

  /** `{ list }` has what `list` holds. */
  #followed(value: Node | null): Node | null {
    const b = value?.type === "Identifier" ? (value.$b as Binding | undefined) : undefined;
    return b?.module === true && b.kind !== "import" && b.kind !== "let" ? this.#valueOf(b) : value;
  }

  isPerThread(b: Binding): boolean {
    return madeBy(this.inits.get(b) ?? null) === "perThread";
  }

  /** Whether what stands at `at` is a part of making `b`: in its initialiser, but not in what that makes to be called later; in a static block of the class. */
  isOwn(b: Binding, at: Node): boolean {
    if (b.kind === "class")
      return ((b.node?.body.body ?? []) as Node[]).some((m) => m.type === "StaticBlock" && isWithin(at, m));
    return [b.init, ...(this.#declared.get(b.name) ?? []).map((d) => d.init as Node)].some(
      (init) => init !== null && isWithin(at, init) && !isLater(at, init),
    );
  }

  isAssigned(b: Binding): boolean {
    if (b.kind === "function" || b.kind === "class") return false;
    const declared = this.#declared.get(b.name) ?? [];
    const made = declared.length > 1 && !declared.slice(1).every((v) => isEnum(v.init as Node)) ? 1 : declared.length;
    return b.writes > made + this.completing(b.name).length;
  }
}

function isWithin(at: Node, node: Node): boolean {
  return at.start >= node.start && at.end <= node.end;
}

/** In a function in `init` that is not called there and then. */
function isLater(at: Node, init: Node): boolean {
  let later = false;
  const visit = (node: Node): void => {
    if (later || !isWithin(at, node)) return;
    if (isFunction(node)) later = true;
    else if (node.type === "CallExpression" && isFunction(bare(node.callee as Node))) {
      eachChild(bare(node.callee as Node), visit);
      for (const a of node.arguments as Node[]) visit(a);
    } else eachChild(node, visit);
  };
  visit(init);
  return later;
}

/** The names of the module itself that stand in `node`. */
export function namesIn(node: Node, into: Set<Binding> = new Set()): Set<Binding> {
  const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
  if (b?.module === true) into.add(b);
  eachChild(node, (child) => namesIn(child, into));
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

/**
 * What a module's names are on a thread that loads their declarations alone: the same thing, or another one. Another one is what is
 * assigned, what statements or functions of the module change, and what of gort is one thing only where it is passed.
 */
import { Aliases, keyOf, type Part } from "./aliases.ts";
import { eachChild, isFunction, type Node } from "../tree/ast.ts";
import type { Binding, Fn } from "../tree/binding.ts";
import { certain, changedBy, changesThis, mutating } from "./changes.ts";
import { bare, namespaceOf } from "./completion.ts";
import { Declarations } from "./declarations.ts";
import { globalName, isNamed, memberOfValue } from "./members.ts";
import { madeBy, sharedIn } from "./passed.ts";
import { patternNames } from "../tree/pattern.ts";
import type { Source } from "../read/source.ts";

/** Why a name is another thing on another thread, and what to write instead. */
export interface Reason {
  why: string;
  hint: string;
  /** Where. */
  at: number;
}

export class ModuleState {
  readonly #source: Source;
  readonly declarations: Declarations;
  readonly #aliases: Aliases;
  /** Where objects of the module's names are changed outside their declarations. */
  readonly #changes: Map<Binding, Node> = new Map();
  /** What is changed of other modules, by the specifier: `list.rows:push`, for a written property `state.n:`. */
  readonly #foreign: Map<Node, Set<string>> = new Map();
  /** Calls that go on to the end of a text, as `while ((m = re.exec(s)))` does: they leave a regular expression as it was. */
  readonly #exhausting: Set<Node> = new Set();
  readonly #body: readonly Node[];
  #variables: Map<string, Binding | null> | null = null;

  /** `body`: of a tree whose names have been resolved. */
  constructor(body: readonly Node[], source: Source) {
    this.#source = source;
    this.#body = body;
    this.#aliases = new Aliases(body);
    this.declarations = new Declarations(body, source);
    for (const s of body) {
      if (!this.declarations.isCompleting(s)) this.#walk(s, null, null);
      else if (s.type === "ExpressionStatement") this.#keeps(s);
    }
  }

  /** A namespace whose functions change what it declares is changed by them. */
  #keeps(s: Node): void {
    const call = bare((s.expression ?? s) as Node);
    const name = namespaceOf(s) === null ? undefined : (bare(call.arguments[0] as Node).left.$b as Binding | undefined);
    if (name === undefined) return;
    const own = new Set<Binding>();
    const visit = (node: Node, later: boolean): void => {
      if (node.type === "CallExpression" && isFunction(bare(node.callee as Node)) && !later) {
        for (const b of (bare(node.callee as Node).$fn as Fn).bindings) own.add(b);
        eachChild(bare(node.callee as Node), (child) => visit(child, false));
        return;
      }
      const at = later ? this.#change(node, own) : null;
      if (at !== null && !this.#changes.has(name)) this.#changes.set(name, at);
      eachChild(node, (child) => visit(child, later || isFunction(node)));
    };
    visit(call, false);
  }

  /** Where `node` changes a variable, or what one holds, of `own`; null if it does not. */
  #change(node: Node, own: ReadonlySet<Binding>): Node | null {
    const target = /^(?:Assignment|Update)Expression$/.test(node.type) ? ((node.left ?? node.argument) as Node) : null;
    let found: Node | null = null;
    if (target !== null)
      patternNames(target, (id) => {
        if (own.has(id.$b as Binding)) found = id;
      });
    for (const { node: object, method } of changedBy(node, this.#aliases))
      for (const part of this.#aliases.partsOf(object)) {
        const b = part.id.$b as Binding | undefined;
        if (b !== undefined && own.has(b) && this.#isChange(b, part, method)) found = object;
      }
    return found;
  }

  /** `self`: what `this` is; `maker`: the class of what it is. */
  #walk(node: Node, self: Binding | null, maker: Binding | null): void {
    const [inner, made] = [this.declarations.selves.get(node), this.declarations.instances.get(node)];
    const other = node.type === "ClassBody" || (isFunction(node) && node.type !== "ArrowFunctionExpression");
    if (other || inner !== undefined || made !== undefined) {
      self = inner ?? null;
      maker = made ?? null;
    }
    if (isFunction(node)) this.#exhausts(node);
    for (const { node: object, method } of changedBy(node, this.#aliases))
      for (const found of this.#aliases.partsOf(object)) {
        let part = found;
        let b = part.id.$b as Binding | null | undefined;
        if (part.id.type === "ThisExpression") {
          const [first, ...path] = part.path;
          if (first === "constructor" && maker !== null) {
            b = maker;
            part = { ...part, path };
          } else b = self;
        }
        if (!b?.module || !this.#isChange(b, part, method)) continue;
        // Where a regular expression stopped matters to who goes on with it, not to who replaces by it: changedIn.
        if (method !== null && isStateful(this.declarations.valueAt(b, part.path))) continue;
        if (b.kind === "import" && !b.from.endsWith(".json")) this.#others(b, part, method);
        else if (!this.#changes.has(b) && !this.declarations.isOwn(b, object)) this.#changes.set(b, object);
      }
    eachChild(node, (child) => this.#walk(child, self, maker));
  }

  /** What the tests of its loops call; and each `exec` of a function that has one in a loop: the first may stand before it. */
  #exhausts(fn: Node): void {
    const all: Node[] = [];
    let repeated = false;
    const visit = (node: Node, loops: boolean, tests: boolean): void => {
      if (isFunction(node)) return;
      if (node.type === "CallExpression") {
        if (tests) this.#exhausting.add(node);
        if (node.callee.type === "MemberExpression" && node.callee.property.name === "exec") {
          all.push(node);
          repeated ||= loops;
        }
      }
      const loop = /^(?:For|While|DoWhile)Statement$/.test(node.type);
      eachChild(node, (child) => visit(child, loops || loop, tests || (loop && child === node.test)));
    };
    eachChild(fn, (child) => visit(child, false, false));
    if (repeated) for (const call of all) this.#exhausting.add(call);
  }

  #others(b: Binding, { path }: Part, method: string | null): void {
    const names = b.imported === "*" ? path : [b.imported, ...path];
    if (names.length === 0 || b.gort !== "") return;
    let all = this.#foreign.get(b.node!);
    if (all === undefined) this.#foreign.set(b.node!, (all = new Set()));
    all.add(`${names.join(".")}:${method ?? ""}`);
  }

  /** What the module changes of what a specifier imports, in words for {@link isChanged} of the other module. */
  foreign(specifier: Node): Iterable<string> {
    return this.#foreign.get(specifier) ?? [];
  }

  /** Whether another module that does `what` to a name of this one changes it. */
  isChanged(b: Binding, path: readonly string[], method: string): boolean {
    if (this.declarations.isPerThread(b) || this.declarations.isGenerated(b)) return false;
    return this.#isChange(b, { id: b.node!, path, direct: false }, method === "" ? null : method);
  }

  /** The same for a default export that has no name. */
  isChangedValue(value: Node, method: string): boolean {
    return madeBy(value) !== "perThread" && (method === "" || certain.has(method));
  }

  /** The names whose objects `node` itself changes: the identifiers. */
  changedIn(node: Node): Node[] {
    const loops = this.#exhausting.has(node);
    return changedBy(node, this.#aliases).flatMap(({ node: object, method }) =>
      this.#aliases.partsOf(object).flatMap((part) => {
        const b = part.id.$b as Binding | undefined;
        if (
          !part.direct ||
          !b?.module ||
          b.kind === "import" ||
          this.declarations.isGenerated(b) ||
          this.declarations.isPerThread(b)
        )
          return [];
        if (loops && isStateful(this.declarations.valueAt(b, part.path))) return [];
        return this.#isChange(b, part, method) && !this.declarations.isOwn(b, object) ? [part.id] : [];
      }),
    );
  }

  /** Whether a method that is called on a part of what `b` holds changes it, as far as it is known what the part is. */
  #isChange(b: Binding, { path, direct }: Part, method: string | null): boolean {
    if (method === null) return true;
    // A function of a namespace, or of a module.
    if (
      path.length === 0 &&
      (this.declarations.completing(b.name).length > 0 || b.imported === "*" || b.kind === "function")
    )
      return false;
    const value = this.declarations.valueAt(b, path);
    switch (value?.type) {
      case undefined:
        return direct && b.kind !== "import" ? mutating.has(method) : certain.has(method);
      case "Literal":
        return isStateful(value) && /^(?:exec|test)$/.test(method);
      case "ObjectExpression":
        return mutating.has(method) && memberOfValue(value!, method) === null;
      case "ClassDeclaration":
      case "ClassExpression":
        return mutating.has(method) && value!.superClass === null && memberOfValue(value!, method) === null;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return false;
      case "NewExpression":
        if (isStateful(value)) return /^(?:exec|test)$/.test(method);
        return this.#isChangedInstance(value!.callee as Node, method);
      case "CallExpression":
        if (value!.callee.type === "MemberExpression" && globalName(value!.callee.object as Node) === "Buffer")
          return mutating.has(method) || /^(?:write|swap)/.test(method);
        return direct ? mutating.has(method) : certain.has(method);
      default:
        return mutating.has(method);
    }
  }

  #isChangedInstance(of: Node, method: string): boolean {
    const name = globalName(of);
    if (name === "DataView" || name === "Date") return method.startsWith("set");
    const b = of.type === "Identifier" ? (of.$b as Binding | undefined) : undefined;
    if (b?.kind !== "class" || b.node === null) return mutating.has(method);
    const found = (b.node.body.body as Node[]).find((m) => m.static !== true && isNamed(m, method));
    if (found === undefined)
      return b.node.superClass !== null && this.#isChangedInstance(b.node.superClass as Node, method);
    return found.value && isFunction(found.value as Node) ? changesThis(found.value as Node, this.#aliases) : false;
  }

  /** The variable of the module that `name` means wherever it stands; null where a function has one of that name. */
  variable(name: string): Binding | null {
    if (this.#variables === null) {
      const all: Map<string, Binding | null> = new Map();
      const visit = (node: Node): void => {
        const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
        if (b !== undefined) all.set(b.name, b.module && all.get(b.name) !== null ? b : null);
        eachChild(node, visit);
      };
      for (const s of this.#body) visit(s);
      this.#variables = all;
    }
    const b = this.#variables.get(name) ?? null;
    return b;
  }

  /** Why `b` is another thing on another thread; null if it is not. */
  reasonOf(b: Binding): Reason | null {
    if (!b.module || (b.kind === "import" && !this.#changes.has(b)) || this.declarations.isGenerated(b)) return null;
    const own = `Pass it as an argument, or say that each thread has its own: \`const ${b.name} = perThread(() => …)\`.`;
    const at = b.init?.start ?? b.refs[0]?.node.start ?? 0;
    if (this.declarations.isAssigned(b))
      return { why: "which is assigned: each thread has its own, and would not see it change", hint: own, at };
    if (this.declarations.isPerThread(b)) return null;
    const made = this.madeOf(b);
    if (made !== null) return made;
    const change = this.#changes.get(b);
    if (change === undefined) return null;
    const { line } = this.#source.position(change.start);
    return {
      why: `which is changed in line ${line}: each thread has its own, as it is declared, and would not see the change`,
      hint: `Make it whole where it is declared, \`const ${b.name} = (() => { …; return … })()\`; pass it as an argument; or say that each thread has its own: \`const ${b.name} = perThread(() => …)\`.`,
      at: change.start,
    };
  }

  /** The reason where making `b` makes what threads can only share where it is passed. */
  madeOf(b: Binding): Reason | null {
    const value = b.kind === "class" ? b.node : (this.declarations.inits.get(b) ?? null);
    const shared = value === null || this.declarations.isPerThread(b) ? "" : sharedIn(value, new Set());
    if (shared === "" || (shared === "SharedArrayBuffer" && this.#onlySleeps(b))) return null;
    const whole =
      madeBy(b.init) === shared || (b.init !== null && globalName((b.init.callee ?? b.init) as Node) === shared);
    const named = /^[A-Z]/.test(shared) ? `the \`${shared}\`` : `what \`${shared}\` makes`;
    const what = /^(?:Timer|Ticker)$/.test(shared) ? "its channel" : whole ? "it" : named;
    return {
      why: `which each thread would make for itself${whole ? "" : `, and ${named} with it`}`,
      hint: `Pass ${what} as an argument: then all threads have the same one.`,
      at: value!.start,
    };
  }

  /** Whether `b` is only there to sleep, `Atomics.wait(b, 0, 0, ms)`: nobody writes to it or wakes who waits, so it is all one whose it is. */
  #onlySleeps(b: Binding): boolean {
    // Its declaration is one of the places.
    const harmless = new Set<Node>();
    const visit = (node: Node): void => {
      const callee = node.type === "CallExpression" ? (node.callee as Node) : null;
      if (node.type === "VariableDeclarator") harmless.add(node.id as Node);
      else if (callee?.type === "MemberExpression" && keyOf(callee) === "wait")
        if (globalName(callee.object as Node) === "Atomics") harmless.add(node.arguments[0] as Node);
      eachChild(node, visit);
    };
    for (const s of this.#body) {
      if (s.type === "ExportNamedDeclaration" && s.declaration?.type === "VariableDeclaration")
        if ((s.declaration.declarations as Node[]).some((d) => d.id.$b === b)) return false;
      visit(s);
    }
    return b.refs.every(({ node }) => harmless.has(node));
  }
}

/** Whether it is a regular expression that keeps where it stopped. */
function isStateful(value: Node | null): boolean {
  const made = value?.type === "NewExpression" && globalName(value.callee as Node) === "RegExp";
  const flags: unknown = made ? value.arguments[1]?.value : value?.regex?.flags;
  return typeof flags === "string" && /[gy]/.test(flags);
}

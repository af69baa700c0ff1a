/** What the analysis knows of a variable and of a function; later passes add their marks here. */
import type { Node } from "./ast.ts";

export type BindingKind = "var" | "let" | "const" | "param" | "function" | "class" | "catch" | "import" | "self";

export class Binding {
  readonly name: string;
  readonly kind: BindingKind;
  /** The function whose activation holds it. */
  readonly fn: Fn;
  /** Declared at the top of the module, or of a wrapper in it (wrappers.ts): reached natively from everywhere inside. */
  readonly module: boolean;
  /** Declared in a `switch`: a later case may see it uninitialised. */
  readonly inSwitch: boolean;
  /** Where its initialisation ends; references behind it, in the same function, are safe. Of a `var`: where it gets its one value, see `markSteady`. */
  initEnd = 0;
  /** Writes other than the initialisation. */
  writes = 0;
  /** The declared thing, where it is a function or class. */
  node: Node | null = null;
  /** The initialiser of `const f = () => …`. */
  init: Node | null = null;
  /** What it is of the package gort: the name of an export, `*` for all of it, empty for anything else. */
  gort = "";
  /** The specifier it is imported from; empty for anything else. */
  from = "";
  /** The export it is imported as: `*` for all of them. */
  imported = "";
  readonly refs: { node: Node; fn: Fn }[] = [];
  captured = false;
  /** A collection that is used for its elements alone, once somebody has asked: see intrinsics.ts. */
  contained: boolean | null = null;
  /** Lives in a `{ v }` object, because a closure and its creator both see it change. */
  boxed = false;
  /** The box stands for a parameter that is one with its element of `arguments`: see mapped.ts. */
  mapped = false;
  /** The box is made when the scope is entered: a closure may capture it before the initialisation. */
  early = false;
  /** Of a block at the top of the module that is taken apart. */
  apart = false;
  /** Reads check for the temporal dead zone. */
  tdz = false;
  /** The name in the output: names.ts. */
  out = "";

  constructor(name: string, kind: BindingKind, fn: Fn, module: boolean, inSwitch: boolean) {
    this.name = name;
    this.kind = kind;
    this.fn = fn;
    this.module = module;
    this.inSwitch = inSwitch;
    this.out = name;
  }
}

/** `module`: the module itself, and what is run once to make it (wrappers.ts). */
export type FnKind = "module" | "function" | "arrow" | "method" | "getter" | "setter" | "constructor" | "init";

/** A function, a field initialiser, a static block, or the module itself. */
export class Fn {
  readonly node: Node;
  readonly kind: FnKind;
  readonly parent: Fn | null;
  readonly children: Fn[] = [];
  readonly bindings: Binding[] = [];
  /** Names of enclosing functions (not of the module) that it or a function in it uses. */
  readonly captures: Set<Binding> = new Set();
  /** Names it uses itself that nothing in the module declares. */
  globals: Set<string> | null = null;
  /** The name a dump shows. */
  name = "";
  /** `name` property it must have though its source gives none. */
  inferred = "";
  /** Its own name, reachable inside without a capture. */
  self: Binding | null = null;
  usesThis = false;
  usesArguments = false;
  usesNewTarget = false;
  usesSuper = false;
  /** Strict code, by its own directive or by what it stands in. */
  strict = false;
  classNode: Node | null = null;
  objectNode: Node | null = null;
  /** Set by the analysis: has safepoints, so it gets a clone. */
  suspendable = false;
  /** Set by the analysis: an async body with safepoints. It is not captured: it awaits what its calls became. */
  awaits = false;
  /** Set by the analysis: where `super()` ends in a derived constructor; what stands before has no `this` to save. */
  superEnd = 0;
  /** Set by the analysis: cannot be captured; calls in it are checked loudly. The text says what it is. */
  barrier = "";
  /** Set by recursion.ts: one of a cycle of calls, the one that polls on entry and counts the stack's depth. */
  recursive = false;
  /** … and the bytes of native stack that those need which it calls and which do not count. */
  under = 0;
  /** Polls in a loop. */
  loops = false;
  /** Of a recursive function: the words of native stack it takes, in the engine's slowest tier. */
  frame = 0;
  /** Set by the analysis: calls what may be a native function with a compiled version. */
  swaps = false;
  /** Set by the analysis: it, or a function around or in it in the same module-level tree, has a clone. */
  converted = false;
  /** It may run before the body of its module. */
  early = false;
  /** Unique name of the lifted factory and the clone. */
  id = "";

  constructor(node: Node, kind: FnKind, parent: Fn | null) {
    this.node = node;
    this.kind = kind;
    this.parent = parent;
    parent?.children.push(this);
  }

  get async(): boolean {
    return this.node.async === true;
  }

  get generator(): boolean {
    return this.node.generator === true;
  }
}

/** A function and all that lie in it. */
export function treeOf(fn: Fn): Fn[] {
  return [fn, ...fn.children.flatMap(treeOf)];
}

/** What cannot be suspended, as an error says it: "the getter port". */
export function barrierText(fn: Fn): string {
  if (fn.barrier === "" && fn.superEnd > 0) return `the constructor ${fn.name}, before its \`super()\` has returned`;
  const what = fn.barrier === "" ? "top level of a module" : fn.barrier.replace(/^an? /, "");
  return `the ${what}${fn.name === "" ? "" : ` ${fn.name}`}`;
}

/** What may stand where: the variables in sight, the labels, and the function around. */

import type { Tree } from "./tree.ts";

/** What a variable holds, more or less: a primitive, an object, an array, a function, a class. */
export type Sort = "n" | "o" | "a" | "f" | "c";

export interface Variable {
  readonly name: string;
  readonly sort: Sort;
  readonly constant: boolean;
  /** Its declaration has not been printed yet: reading it meets the dead zone, or it is a hoisted function. */
  later: boolean;
}

/** The function around. An arrow function keeps what it takes from the one outside. */
export interface Around {
  readonly generator: boolean;
  readonly async: boolean;
  /** It has `this`, and `this` is an object. */
  readonly self: boolean;
  readonly args: boolean;
  readonly target: boolean;
  readonly return: boolean;
  /** `super.m` may stand here. */
  readonly parent: boolean;
}

export interface Label {
  readonly name: string;
  readonly loop: boolean;
}

const plain: Around = {
  generator: false,
  async: false,
  self: false,
  args: false,
  target: false,
  return: false,
  parent: false,
};

/** Numbers that name calls of the log, one program long. */
class Counter {
  id = 0;
  /** The few names that shadow each other end in 0, 1 and 2. */
  name = 2;
}

export class Scope {
  readonly counter: Counter;
  readonly around: Around;
  /** In sight, innermost last. */
  readonly variables: Variable[];
  readonly labels: readonly Label[];
  /** `break` alone may stand here; `continue` alone. */
  readonly breakable: boolean;
  readonly loop: boolean;
  /** `using` may not stand here: directly in a `case`. */
  readonly inCase: boolean;
  /** Not strict code. */
  readonly sloppy: boolean;
  /** Private names of the classes around. */
  readonly privates: readonly string[];
  /** Parameters of the function around that a `var` may name again. */
  readonly params: string[];
  /** Variables of declarations that stand later in a block. */
  readonly declared: Map<Tree, Variable> = new Map();
  /** In a class: what its private members are called, and whether it has a parent. */
  naming: ReadonlyMap<Tree, string> = new Map();
  derived: boolean = false;
  /** Names declared in this very scope. */
  private readonly own: Set<string>;

  constructor(from: Partial<Scope> = {}) {
    this.counter = from.counter ?? new Counter();
    this.around = from.around ?? plain;
    this.variables = from.variables ?? [];
    this.labels = from.labels ?? [];
    this.breakable = from.breakable ?? false;
    this.loop = from.loop ?? false;
    this.inCase = from.inCase ?? false;
    this.sloppy = from.sloppy ?? false;
    this.privates = from.privates ?? [];
    this.params = from.params ?? [];
    this.own = new Set();
  }

  /** A block inside this scope. */
  block(change: Partial<Pick<Scope, "labels" | "breakable" | "loop" | "privates" | "inCase" | "sloppy">> = {}): Scope {
    return new Scope({ ...this.fields(), ...change });
  }

  /** A function inside this scope. */
  function(around: Partial<Around>): Scope {
    const base = around.self === undefined ? this.around : plain;
    const made = { ...base, generator: false, async: false, return: true, ...around };
    return new Scope({ ...this.fields(), around: made, params: [], labels: [], breakable: false, loop: false });
  }

  /** Takes over what was declared in a function's parameter list. */
  adopt(header: Scope): void {
    for (const name of header.own) this.own.add(name);
    this.variables.splice(0, this.variables.length, ...header.variables);
  }

  private fields(): Partial<Scope> {
    const { counter, around, params, labels, breakable, loop, sloppy, privates } = this;
    return { counter, around, params, variables: this.variables.slice(), labels, breakable, loop, sloppy, privates };
  }

  /** The number of the next logged call. */
  id(): number {
    return ++this.counter.id;
  }

  /** A name no other variable has. */
  fresh(letter: string): string {
    return `${letter}${++this.counter.name}`;
  }

  /** A name that is declared once in this block, or else one no other variable has. */
  only(name: string): string {
    if (this.own.has(name)) return this.fresh(name[0]!);
    this.own.add(name);
    return name;
  }

  /**
   * Declares a variable of this block. Its name is one of a few, so that names shadow each other; a `var` reaches over
   * blocks, and gets a name of its own.
   */
  declare(sort: Sort, hint: number, options: { constant?: boolean; later?: boolean; unique?: boolean } = {}): Variable {
    let name = `${sort}${hint % 3}`;
    if (options.unique === true || this.own.has(name)) name = this.fresh(sort);
    this.own.add(name);
    const v: Variable = { name, sort, constant: options.constant === true, later: options.later === true };
    this.variables.push(v);
    return v;
  }

  /** A variable of the sort, or undefined. Once in a while one whose declaration comes later. */
  find(sort: Sort, hint: number): Variable | undefined {
    const seen = new Set<string>();
    const found: Variable[] = [];
    for (let i = this.variables.length - 1; i >= 0; i--) {
      const v = this.variables[i]!;
      if (seen.has(v.name)) continue;
      if (v.later && hint % 16 !== 15) {
        // The name means the inner one from the start of its block.
        seen.add(v.name);
        continue;
      }
      seen.add(v.name);
      if (v.sort === sort) found.push(v);
    }
    return found[(hint >> 1) % found.length];
  }
}

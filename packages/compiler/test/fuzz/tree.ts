/**
 * A random program is a tree of grammar rules; its text is made by the rules' `print`. Every tree prints as a valid program,
 * so shrinking may cut and replace anything, as long as a node of one kind takes the place of another of that kind.
 *
 *     rule "if" of kind "statement"  =  { rule, n: [numbers that choose details], slots: [[test], [yes, yes, …], [no]] }
 *
 * `TreeArbitrary` gives fast-check both halves: making a tree of about a wanted size, and its smaller neighbours.
 */
import { Arbitrary, stream, Value, type Random, type Stream } from "fast-check";
import type { Scope } from "./scope.ts";

export interface Tree {
  readonly rule: string;
  readonly n: readonly number[];
  readonly slots: readonly (readonly Tree[])[];
}

/** What may stand in a slot: a kind, and how many. */
export type Slot = readonly [kind: string, min: number, max: number];

export interface Rule {
  readonly kind: string;
  readonly weight: number;
  readonly slots: readonly Slot[];
  print(p: Part): string;
}

/** One node while it is printed. */
export class Part {
  readonly tree: Tree;
  readonly scope: Scope;
  constructor(tree: Tree, scope: Scope) {
    this.tree = tree;
    this.scope = scope;
  }

  /** The i-th number, below `limit`. */
  n(i: number, limit: number): number {
    return this.tree.n[i]! % limit;
  }

  pick<V>(i: number, of: readonly V[]): V {
    return of[this.n(i, of.length)]!;
  }

  /** Once in `times`; never in the simplest tree. */
  odd(i: number, times: number): boolean {
    return this.tree.n[i]! % times === times - 1;
  }

  trees(slot: number): readonly Tree[] {
    return this.tree.slots[slot]!;
  }

  /** The texts of a slot, printed in order in this scope. */
  all(slot: number, scope: Scope = this.scope): string[] {
    return this.trees(slot).map((t) => print(t, scope));
  }

  /** The text of a slot that holds one node. */
  one(slot: number, scope: Scope = this.scope): string {
    return this.all(slot, scope).join(", ");
  }
}

const rules: Map<string, Rule> = new Map();
const byKind: Map<string, string[]> = new Map();

/** Adds a rule. A slot is given as `"kind"`, or `"kind 0 3"` for a list. The first rule of a kind without slots is its simplest. */
export function rule(kind: string, name: string, weight: number, slots: string[], print: (p: Part) => string): void {
  if (rules.has(name)) throw new Error(`rule ${name} twice`);
  const parsed = slots.map((s): Slot => {
    const [of, min = "1", max = "1"] = s.split(" ");
    return [of!, Number(min), Number(max)];
  });
  rules.set(name, { kind, weight, slots: parsed, print });
  const names = byKind.get(kind);
  if (names === undefined) byKind.set(kind, [name]);
  else names.push(name);
}

export function print(tree: Tree, scope: Scope): string {
  return rules.get(tree.rule)!.print(new Part(tree, scope));
}

function isLeaf(rule: Rule): boolean {
  return rule.slots.every(([, min]) => min === 0);
}

/** The rules without slots; where there are none, those whose slots may be empty. */
function leaves(names: readonly string[]): readonly string[] {
  const bare = names.filter((name) => rules.get(name)!.slots.length === 0);
  if (bare.length > 0) return bare;
  const empty = names.filter((name) => isLeaf(rules.get(name)!));
  return empty.length > 0 ? empty : names;
}

const NUMBERS = 4;

function make(kind: string, size: number, random: Random): Tree {
  const names = byKind.get(kind);
  if (names === undefined) throw new Error(`no rule of kind ${kind}`);
  const usable = size > 0 ? names : leaves(names);
  let at = random.nextInt(0, usable.reduce((sum, name) => sum + rules.get(name)!.weight, 0) - 1);
  const name = usable.find((name) => (at -= rules.get(name)!.weight) < 0)!;
  const { slots } = rules.get(name)!;
  const counts = slots.map(([, min, max]) => {
    const most = Math.min(max, Math.max(min, size));
    return most > min ? random.nextInt(min, most) : min;
  });
  // What is left is dealt out unevenly: deep programs find more than wide ones.
  const total = counts.reduce((a, b) => a + b, 0);
  const shares = Array.from({ length: total }, () => random.nextInt(1, 8));
  const sum = shares.reduce((a, b) => a + b, 0);
  let next = 0;
  const n = Array.from({ length: NUMBERS }, () => random.nextInt(0, 255));
  return {
    rule: name,
    n,
    slots: slots.map(([of], i) =>
      Array.from({ length: counts[i]! }, () => make(of, Math.floor(((size - 1) * shares[next++]!) / sum), random)),
    ),
  };
}

/** The smallest tree of a kind. */
function simplest(kind: string): Tree {
  const names = byKind.get(kind)!;
  const name = names.find((name) => isLeaf(rules.get(name)!)) ?? names[0]!;
  const slots = rules.get(name)!.slots.map(([of, min]) => Array.from({ length: min }, () => simplest(of)));
  return { rule: name, n: Array.from({ length: NUMBERS }, () => 0), slots };
}

function sizeOf(tree: Tree): number {
  let size = 1;
  for (const n of tree.n) size += n === 0 ? 0 : 1 + n / 1000;
  for (const slot of tree.slots) for (const t of slot) size += 5 + sizeOf(t);
  return size;
}

/** Parts of `tree` that could stand where a `kind` stands, nearest first. */
function* within(tree: Tree, kind: string): Generator<Tree> {
  let level = tree.slots.flat();
  while (level.length > 0) {
    for (const t of level) if (rules.get(t.rule)!.kind === kind) yield t;
    level = level.flatMap((t) => t.slots.flat());
  }
}

function* smaller(tree: Tree): Generator<Tree> {
  const { kind, slots } = rules.get(tree.rule)!;
  const least = simplest(kind);
  const size = sizeOf(tree);
  if (sizeOf(least) < size) yield least;
  yield* within(tree, kind);
  for (let i = 0; i < slots.length; i++) {
    const [of, min] = slots[i]!;
    const list = tree.slots[i]!;
    const put = (made: readonly Tree[]): Tree => ({ ...tree, slots: tree.slots.with(i, made) });
    for (let chunk = list.length; chunk > 0; chunk = chunk >> 1)
      for (let from = 0; from + chunk <= list.length; from += chunk)
        if (list.length - chunk >= min) yield put([...list.slice(0, from), ...list.slice(from + chunk)]);
    // A statement gives way to the statements inside it.
    for (let j = 0; j < list.length; j++)
      for (const inner of list[j]!.slots)
        if (inner.length > 0 && inner.every((t) => rules.get(t.rule)!.kind === of)) {
          const made = list.toSpliced(j, 1, ...inner);
          if (made.length >= min && made.length <= slots[i]![2] + 8) yield put(made);
        }
  }
  for (let i = 0; i < slots.length; i++)
    for (let j = 0; j < tree.slots[i]!.length; j++)
      for (const t of smaller(tree.slots[i]![j]!))
        yield { ...tree, slots: tree.slots.with(i, tree.slots[i]!.with(j, t)) };
  for (let i = 0; i < tree.n.length; i++) {
    const n = tree.n[i]!;
    for (const less of new Set([0, n >> 1, n - 1]))
      if (less >= 0 && less < n) yield { ...tree, n: tree.n.with(i, less) };
  }
}

/** Trees of one kind, for fast-check. */
export class TreeArbitrary extends Arbitrary<Tree> {
  readonly kind: string;
  readonly size: number;
  constructor(kind: string, size: number) {
    super();
    this.kind = kind;
    this.size = size;
  }

  override generate(random: Random): Value<Tree> {
    return new Value(make(this.kind, random.nextInt(4, this.size), random), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Tree {
    return typeof value === "object" && value !== null && "rule" in value;
  }

  override shrink(tree: Tree): Stream<Value<Tree>> {
    return stream(smaller(tree)).map((t) => new Value(t, undefined));
  }
}

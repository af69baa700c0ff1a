/** Recursion is as deep as the heap: plain, mutual, through methods, closures, tables and compiled higher-order functions. */
import { go, sleep, stats } from "gort";

/** A suspension at every safepoint costs the depth each time: not so deep then. The output is in units of it. */
const N = process.env["GORT_FORCE"] === "1" ? 200 : 100_000;

function count(n: number): number {
  return n === 0 ? 0 : 1 + count(n - 1);
}

/** Peano's numbers, as lists. */
interface Peano {
  readonly before: Peano | null;
}

function add(a: Peano | null, b: Peano | null): Peano | null {
  return b === null ? a : { before: add(a, b.before) };
}

function value(n: Peano | null): number {
  return n === null ? 0 : 1 + value(n.before);
}

function even(n: number): boolean {
  return n === 0 ? true : odd(n - 1);
}

function odd(n: number): boolean {
  return n === 0 ? false : even(n - 1);
}

class List {
  readonly next: List | null;
  constructor(next: List | null) {
    this.next = next;
  }
  length(): number {
    return this.next === null ? 1 : 1 + this.next.length();
  }
}

interface Tree {
  readonly children: readonly Tree[];
}

function chain(depth: number): Tree {
  let tree: Tree = { children: [] };
  for (let i = 0; i < depth; i++) tree = { children: [tree] };
  return tree;
}

function throughForEach(t: Tree): number {
  let sum = 1;
  t.children.forEach((child) => {
    sum += throughForEach(child);
  });
  return sum;
}

function throughMap(t: Tree): number {
  return 1 + t.children.map((child) => throughMap(child)).reduce((a, b) => a + b, 0);
}

function throughSet(t: Tree): number {
  let sum = 1;
  new Set(t.children).forEach((child) => {
    sum += throughSet(child);
  });
  return sum;
}

function each(list: readonly Tree[], f: (t: Tree) => void): void {
  for (const t of list) f(t);
}

function throughOwn(t: Tree): number {
  let sum = 1;
  each(t.children, (child) => {
    sum += throughOwn(child);
  });
  return sum;
}

// oxlint-disable-next-line prefer-const
let assigned: (n: number) => number;
assigned = (n) => (n === 0 ? 0 : 1 + assigned(n - 1));

const table: Record<string, (n: number) => number> = {
  down: (n) => (n === 0 ? 0 : 1 + table[["do", "wn"].join("")]!(n - 1)),
};

function failing(n: number): number {
  if (n === 0) throw new Error("at the bottom");
  return 1 + failing(n - 1);
}

const finals = { ran: 0 };
function unwinding(n: number): number {
  try {
    if (n === 0) throw new Error("at the bottom, again");
    return 1 + unwinding(n - 1);
  } finally {
    finals.ran++;
  }
}

function parking(n: number): number {
  if (n > 0) return 1 + parking(n - 1);
  sleep(1);
  return 0;
}

function sorting(n: number): number {
  if (n === 0) return 0;
  let deeper = 0;
  [2, 1].sort((a, b) => {
    deeper = sorting(n - 1);
    return a - b;
  });
  return 1 + deeper;
}

/** Precedences, as a parser has them: of all these functions few count. */
class Expression {
  #at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  sum(): number {
    let left = this.product();
    while (this.#text[this.#at] === "+") {
      this.#at++;
      left += this.product();
    }
    return left;
  }
  product(): number {
    let left = this.power();
    while (this.#text[this.#at] === "*") {
      this.#at++;
      left *= this.power();
    }
    return left;
  }
  power(): number {
    const base = this.unary();
    if (this.#text[this.#at] !== "^") return base;
    this.#at++;
    return base ** this.power();
  }
  unary(): number {
    if (this.#text[this.#at] !== "-") return this.primary();
    this.#at++;
    return -this.unary();
  }
  primary(): number {
    if (this.#text[this.#at] === "(") {
      this.#at++;
      const inner = this.sum();
      this.#at++;
      return inner;
    }
    return Number(this.#text[this.#at++]);
  }
}

const visitors: Record<string, (t: Tree) => number> = {
  visit: (t) => visitors[t.children.length === 0 ? "leaf" : "node"]!(t),
  leaf: () => 1,
  node: (t) => visitors["all"]!(t) + 1,
  all(t) {
    let sum = 0;
    t.children.forEach((child) => {
      sum += visitors["visit"]!(child);
    });
    return sum;
  },
};

function attempt(f: () => unknown): unknown {
  try {
    return f();
  } catch (e) {
    return (e as Error).message;
  }
}

const replaced = (n: number): number => (n === 0 ? 0 : Number("a".replace(/a/, () => String(replaced(n - 1) + 1))));

export function main(): void {
  // First, when nothing is optimised yet and frames are largest.
  console.log("replace:", replaced(N) / N);
  console.log("a million frames:", count(10 * N) / N);
  console.log("peano:", value(add(fromNumber(N), fromNumber(N))) / N);
  console.log("mutual:", even(N), odd(N));
  let list: List | null = null;
  for (let i = 0; i < N; i++) list = new List(list);
  console.log("methods:", list!.length() / N);
  const tree = chain(N - 1);
  console.log("forEach:", throughForEach(tree) / N);
  console.log("map:", throughMap(tree) / N);
  console.log("Set.forEach:", throughSet(tree) / N);
  console.log("own higher-order function:", throughOwn(tree) / N);
  console.log("an assigned function:", assigned(N) / N);
  console.log("a table:", table["down"]!(N) / N);
  console.log("a parser:", new Expression(`${"(".repeat(N)}2+3*2${")".repeat(N)}+1`).sum());
  console.log("visitors:", visitors["visit"]!(tree) / N);
  console.log(
    "an exception:",
    attempt(() => failing(N)),
  );
  console.log(
    "finally:",
    attempt(() => unwinding(N)),
    (finals.ran - 1) / N,
  );
  console.log("parks at the bottom:", parking(N) / N);
  console.log("a comparator:", sorting(100));
  const deep = [1, 2, 3].map((n) => go(count, n * N));
  console.log("three at once:", deep.map((g) => g.join() / N).join());
  const s = stats();
  console.log("grown and shrunk:", N < 1000 || s.growths > 0, s.growths === s.shrinks, s.stackBytes < 10_000);
}

function fromNumber(n: number): Peano | null {
  let p: Peano | null = null;
  for (let i = 0; i < n; i++) p = { before: p };
  return p;
}

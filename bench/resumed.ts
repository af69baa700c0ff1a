/**
 * A function that was suspended once goes on in its resume clone, and servers live there. Each loop below runs both ways, in
 * turns: in its fast copy, and behind a `gosched` of its own. The lowest of each side counts.
 *
 *     npm run bench -- resumed
 */
import { gosched, run } from "gort";
import { table } from "./table.ts";

const MOST = 1.15;
const ROUNDS = 40;

type Loop = (n: number, park: boolean) => number;

function add(a: number, b: number): number {
  return (a + b) | 0;
}

class Counter {
  n = 0;
  readonly next: Counter | null;
  constructor(next: Counter | null) {
    this.next = next;
  }
  step(i: number): number {
    if (this.next !== null && (i & 15) === 0) return this.next.step(i >> 4);
    return ++this.n;
  }
}

const numbers = Array.from({ length: 1000 }, (_, i) => i);
const words = numbers.map((i) => `w${i % 37}`);

/** A call that may suspend, which a compiler cannot see through. */
let visit: (x: number) => number = (x) => x & 7;
export function setVisit(f: typeof visit): void {
  visit = f;
}

const loops: Record<string, Loop> = {
  arithmetic(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n * 20; i++) x = (x * 31 + i) | 0;
    return x;
  },
  floats(n, park) {
    if (park) gosched();
    let x = 0.5;
    for (let i = 0; i < n * 8; i++) x = 3.7 * x * (1 - x);
    return x;
  },
  "nested loops"(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < 12; j++) x = (x + i * j) | 0;
    return x;
  },
  "known calls"(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n * 6; i++) x = add(x, i);
    return x;
  },
  "unknown calls"(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n * 4; i++) x += visit(i);
    return x;
  },
  methods(n, park) {
    const c = new Counter(new Counter(null));
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n * 4; i++) x += c.step(i);
    return x;
  },
  "for-of of an array"(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n / 200; i++) for (const v of numbers) x = (x + v) | 0;
    return x;
  },
  "for-of with a call"(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n / 200; i++) for (const v of numbers) x += visit(v);
    return x;
  },
  "a switch"(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n * 2; i++) {
      switch (i & 7) {
        case 0:
          x += visit(i);
          break;
        case 1:
          x ^= i;
          break;
        case 2:
        case 3:
          x += visit(x & 3);
          break;
        case 5:
          x -= 3;
          break;
        default:
          x++;
      }
    }
    return x;
  },
  "a map"(n, park) {
    const counts = new Map<string, number>();
    if (park) gosched();
    for (let i = 0; i < n; i++) {
      const w = words[i % 1000]!;
      counts.set(w, (counts.get(w) ?? 0) + 1);
    }
    return counts.size;
  },
  "try in a loop"(n, park) {
    if (park) gosched();
    let x = 0;
    for (let i = 0; i < n * 2; i++) {
      try {
        x += visit(i);
      } catch {
        x--;
      }
    }
    return x;
  },
};

function time(f: Loop, park: boolean): number {
  const start = performance.now();
  f(20_000, park);
  return performance.now() - start;
}

await run(() => {
  const rows: string[][] = [];
  for (const [name, f] of Object.entries(loops)) {
    let fast = Infinity;
    let resumed = Infinity;
    for (let i = 0; i < ROUNDS; i++) {
      fast = Math.min(fast, time(f, false));
      resumed = Math.min(resumed, time(f, true));
    }
    const ratio = resumed / fast;
    rows.push([
      name,
      "us",
      (fast * 1000).toFixed(0),
      (resumed * 1000).toFixed(0),
      ratio.toFixed(2),
      ratio <= MOST ? "ok" : "miss",
    ]);
  }
  console.log(
    `Node ${process.version}; the lowest of ${ROUNDS}; a resumed loop may take ${MOST} of its fast copy's time`,
  );
  console.log(table([["loop", "", "fast copy", "resumed", "ratio", ""], ...rows]));
});

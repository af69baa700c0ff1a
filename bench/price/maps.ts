/** Maps and sets above all: an index of words, a cache that forgets the oldest, a graph walked by levels. */
class Cache<K, V> {
  private readonly map: Map<K, V> = new Map();
  private readonly limit: number;
  hits = 0;
  constructor(limit: number) {
    this.limit = limit;
  }
  get(key: K, make: (key: K) => V): V {
    const found = this.map.get(key);
    if (found !== undefined) {
      this.hits++;
      this.map.delete(key);
      this.map.set(key, found);
      return found;
    }
    const made = make(key);
    this.map.set(key, made);
    if (this.map.size > this.limit) this.map.delete(this.map.keys().next().value as K);
    return made;
  }
}

function levels(edges: Map<number, Set<number>>, from: number): number {
  const depth = new Map([[from, 0]]);
  let sum = 0;
  for (let level: number[] = [from]; level.length > 0;) {
    const next: number[] = [];
    for (const n of level) {
      const d = depth.get(n)!;
      sum += d;
      for (const to of edges.get(n) ?? []) {
        if (depth.has(to)) continue;
        depth.set(to, d + 1);
        next.push(to);
      }
    }
    level = next;
  }
  return sum;
}

export function work(): number {
  const edges = new Map<number, Set<number>>();
  const n = 6000;
  for (let i = 0; i < n; i++) {
    const to = new Set<number>();
    for (let k = 1; k <= 4; k++) to.add((i * k + 17 * k) % n);
    edges.set(i, to);
  }
  const cache = new Cache<number, string>(500);
  let x = 1;
  let length = 0;
  for (let i = 0; i < 60_000; i++) {
    x = (x * 1103515245 + 12345) & 0x7fffffff;
    length += cache.get(x % 900, (key) => `value ${key}`).length;
  }
  const words = new Map<string, number[]>();
  for (let i = 0; i < 30_000; i++) {
    const word = `w${(i * 7919) % 997}`;
    const at = words.get(word);
    if (at === undefined) words.set(word, [i]);
    else at.push(i);
  }
  for (const [word, at] of words) length += word.length * at.length;
  return levels(edges, 1) + cache.hits + length;
}

/** Maps, sets and a priority queue of our own. */
class Heap<T> {
  private readonly items: T[] = [];
  private readonly less: (a: T, b: T) => boolean;
  constructor(less: (a: T, b: T) => boolean) {
    this.less = less;
  }
  get size(): number {
    return this.items.length;
  }
  push(x: T): void {
    const { items } = this;
    let i = items.push(x) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!this.less(items[i]!, items[up]!)) break;
      [items[i], items[up]] = [items[up]!, items[i]!];
      i = up;
    }
  }
  pop(): T | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0) {
      items[0] = last!;
      for (let i = 0; ;) {
        let child = 2 * i + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && this.less(items[child + 1]!, items[child]!)) child++;
        if (!this.less(items[child]!, items[i]!)) break;
        [items[i], items[child]] = [items[child]!, items[i]!];
        i = child;
      }
    }
    return top;
  }
}

/** Shortest paths over a grid with weights. */
export function work(): number {
  const n = 240;
  const weight = (x: number, y: number): number => 1 + ((x * 31 + y * 17) % 9);
  const best = new Map<number, number>();
  const seen = new Set<number>();
  const queue = new Heap<{ at: number; cost: number }>((a, b) => a.cost < b.cost);
  queue.push({ at: 0, cost: 0 });
  best.set(0, 0);
  while (queue.size > 0) {
    const { at, cost } = queue.pop()!;
    if (seen.has(at)) continue;
    seen.add(at);
    const x = at % n;
    const y = (at - x) / n;
    const visit = (nx: number, ny: number): void => {
      if (nx < 0 || ny < 0 || nx >= n || ny >= n) return;
      const to = ny * n + nx;
      const c = cost + weight(nx, ny);
      if (c < (best.get(to) ?? Infinity)) {
        best.set(to, c);
        queue.push({ at: to, cost: c });
      }
    };
    visit(x + 1, y);
    visit(x - 1, y);
    visit(x, y + 1);
    visit(x, y - 1);
  }
  return best.get(n * n - 1)!;
}

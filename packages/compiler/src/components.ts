/** Strongly connected components (Tarjan), without recursion of our own. */

/** Those that reach each other, together; what is reached comes before what reaches it. `to`: who is reached at once. */
export function components<T>(roots: Iterable<T>, to: (v: T) => Iterable<T>): T[][] {
  const found: T[][] = [];
  const index = new Map<T, number>();
  const onPath = new Set<T>();
  const open: T[] = [];
  const begin = (v: T): { v: T; low: number; edges: Iterator<T> } => {
    const low = index.size;
    index.set(v, low);
    onPath.add(v);
    open.push(v);
    return { v, low, edges: to(v)[Symbol.iterator]() };
  };
  for (const root of roots) {
    if (index.has(root)) continue;
    const work = [begin(root)];
    while (work.length > 0) {
      const at = work[work.length - 1]!;
      const next = at.edges.next();
      if (next.done !== true) {
        const i = index.get(next.value);
        if (i === undefined) work.push(begin(next.value));
        else if (onPath.has(next.value)) at.low = Math.min(at.low, i);
        continue;
      }
      work.pop();
      const parent = work[work.length - 1];
      if (parent !== undefined) parent.low = Math.min(parent.low, at.low);
      if (at.low !== index.get(at.v)) continue;
      const component: T[] = [];
      let v: T;
      do {
        v = open.pop()!;
        onPath.delete(v);
        component.push(v);
      } while (v !== at.v);
      found.push(component);
    }
  }
  return found;
}

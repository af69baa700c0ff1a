/** Counts identifiers in source text. Plain computing: nothing here can block, and a long file is preempted all the same. */

export type Counts = Map<string, number>;

const identifier = /[A-Za-z_$][\w$]{2,}/g;

const keywords = new Set(
  (
    "abstract any as async await boolean break case catch class const constructor continue debugger declare default delete do else " +
    "enum export extends false finally for from function get if implements import in instanceof interface let module " +
    "namespace never new null number object of package private protected public readonly return set static string super " +
    "switch symbol this throw true try type typeof undefined unknown var void while with yield the and for not that are"
  ).split(" "),
);

/** Adds the identifiers of `text` to `counts`. */
export function countInto(counts: Counts, text: string): void {
  for (const match of text.matchAll(identifier)) {
    const name = match[0];
    if (!keywords.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}

/** Adds what one worker counted to the total. */
export function merge(total: Counts, part: Counts): void {
  for (const [name, n] of part) total.set(name, (total.get(name) ?? 0) + n);
}

/** The `n` most frequent, the most frequent first; equal ones by name. */
export function top(counts: Counts, n: number): [name: string, count: number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, n);
}

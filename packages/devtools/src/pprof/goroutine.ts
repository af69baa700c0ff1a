/** The goroutine profile: grouped for `go tool pprof` and for people, or every goroutine for itself. */
import { type G, inspect, type StackNode } from "../inspect.ts";
import { type Labels, ProfileBuilder } from "./profile.ts";
import { countProfileText, type Group } from "./text.ts";

/** Labels and the name of a goroutine; null if it has neither. */
export function labelsOf(g: G): Labels | null {
  const { ext } = g;
  if (ext === null || (ext.name === "" && ext.labels === null)) return null;
  return ext.name === "" ? ext.labels : { name: ext.name, ...ext.labels };
}

/** Why it waits, as the innermost frame: Go has its own functions there (runtime.chanrecv1). */
export function waitLeaf(reason: number): ReturnType<typeof location> | null {
  const text = inspect().reasonText(reason);
  return text === "" ? null : location(text);
}

function location(reason: string): ReturnType<ReturnType<typeof inspect>["location"]> {
  return inspect().location(`gort.${reason}`, "", true);
}

interface Counted {
  node: StackNode;
  labels: Labels | null;
  count: number;
}

/** All goroutines by stack and labels. A million of them take about a second. */
export function groupGoroutines(): Group[] {
  const { eachGoroutine, REASON_SHIFT, StackTable } = inspect();
  const table = new StackTable();
  const plain: Counted[] = [];
  const labelled = new Map<string, Counted>();
  const leaves = new Map<number, ReturnType<typeof waitLeaf>>();
  eachGoroutine((g) => {
    const reason = g.status >> REASON_SHIFT;
    let leaf = leaves.get(reason);
    if (leaf === undefined) leaves.set(reason, (leaf = waitLeaf(reason)));
    const node = table.ofGoroutine(g, leaf);
    const labels = labelsOf(g);
    if (labels === null) {
      const known = plain[node.id];
      if (known !== undefined) known.count++;
      else plain[node.id] = { node, labels, count: 1 };
      return;
    }
    const key = `${node.id} ${JSON.stringify(labels)}`;
    const known = labelled.get(key);
    if (known !== undefined) known.count++;
    else labelled.set(key, { node, labels, count: 1 });
  });
  const all = [...plain.filter(Boolean), ...labelled.values()];
  return all.map(({ node, labels, count }) => ({ stack: node.locations(), labels, count }));
}

/** debug=0. */
export function goroutineProfile(): Promise<Buffer> {
  const builder = new ProfileBuilder([["goroutine", "count"]], ["goroutine", "count"]);
  for (const { stack, labels, count } of groupGoroutines()) builder.add(stack, [count], labels);
  return builder.encode();
}

/** debug=1. */
export function goroutineText(): string {
  return countProfileText("goroutine", groupGoroutines());
}

/** As much as Go writes. */
const LIMIT = 64 << 20;

/** debug=2: each goroutine, the running one first, then in the order of creation. Cut after 64 MB, as in Go. */
export function goroutineDump(): string {
  const { dump, eachGoroutine, R } = inspect();
  const all: G[] = [];
  eachGoroutine((g) => all.push(g));
  all.sort((a, b) => (a === R.g ? -1 : b === R.g ? 1 : a.id - b.id));
  const parts: string[] = [];
  let size = 0;
  for (const g of all) {
    const text = dump(g);
    size += text.length + 2;
    if (size > LIMIT) break;
    parts.push(text);
  }
  return parts.length === 0 ? "" : `${parts.join("\n\n")}\n`;
}

/** The goroutine profile: grouped for `go tool pprof` and for people, or every goroutine for itself. */
import { type G, inspect, type StackNode } from "../inspect.ts";
import { ask } from "../threads/crew.ts";
import { known, merged, type PlainGroup } from "../threads/plain.ts";
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

/** Calls `f` with each goroutine of this thread and where it stands, under what it waits for. */
export function eachStack(f: (g: G, node: StackNode) => void): void {
  const { eachGoroutine, REASON_SHIFT, StackTable } = inspect();
  const table = new StackTable();
  const leaves = new Map<number, ReturnType<typeof waitLeaf>>();
  eachGoroutine((g) => {
    const reason = g.status >> REASON_SHIFT;
    let leaf = leaves.get(reason);
    if (leaf === undefined) leaves.set(reason, (leaf = waitLeaf(reason)));
    f(g, table.ofGoroutine(g, leaf));
  });
}

/** The goroutines of this thread by stack and labels. A million of them take about a second. */
export function groupGoroutines(): Group[] {
  const plain: Counted[] = [];
  const labelled = new Map<string, Counted>();
  eachStack((g, node) => {
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

/** The goroutines of every thread, and the threads that did not say. */
export async function allGroups(): Promise<{ groups: Group[]; silent: string[] }> {
  const own = groupGoroutines();
  const { of, silent } = await ask<PlainGroup[]>("goroutines");
  if (of.length === 0) return { groups: own, silent };
  const theirs = of.flatMap(({ value }) => value.map((g) => ({ ...g, stack: known(g.stack) })));
  return { groups: merged([...own, ...theirs]), silent };
}

/** debug=0. */
export async function goroutineProfile(): Promise<Buffer> {
  const builder = new ProfileBuilder([["goroutine", "count"]], ["goroutine", "count"]);
  const { groups, silent } = await allGroups();
  for (const { stack, labels, count } of groups) builder.add(stack, [count], labels);
  for (const text of silent) builder.comment(text);
  return builder.encode();
}

/** debug=1. */
export async function goroutineText(): Promise<string> {
  const { groups, silent } = await allGroups();
  return countProfileText("goroutine", groups) + silent.map((text) => `# ${text}\n`).join("");
}

/** As much as Go writes. */
const LIMIT = 64 << 20;

/** Each goroutine of this thread, until they have `limit` characters. */
export function goroutineTexts(limit: number): { id: number; text: string }[] {
  const { dump, eachGoroutine, R } = inspect();
  const all: G[] = [];
  eachGoroutine((g) => all.push(g));
  all.sort((a, b) => (a === R.g ? -1 : b === R.g ? 1 : a.id - b.id));
  const texts: { id: number; text: string }[] = [];
  let size = 0;
  for (const g of all) {
    const text = dump(g);
    size += text.length + 2;
    if (size > limit) break;
    texts.push({ id: g.id, text });
  }
  return texts;
}

/** debug=2: each goroutine, the running one first, then in the order of creation. Cut after 64 MB, as in Go. */
export async function goroutineDump(): Promise<string> {
  const own = goroutineTexts(LIMIT);
  const { of, silent } = await ask<{ id: number; text: string }[]>("dump", LIMIT);
  const [first, ...rest] = own;
  const running = inspect().R.g !== null && first !== undefined ? [first] : [];
  const others = (running.length > 0 ? rest : own).concat(of.flatMap(({ value }) => value));
  if (of.length > 0) others.sort((a, b) => a.id - b.id);
  const parts: string[] = [];
  let size = 0;
  for (const { text } of [...running, ...others]) {
    size += text.length + 2;
    if (size > LIMIT) break;
    parts.push(text);
  }
  parts.push(...silent.map((text) => `# ${text}`));
  return parts.length === 0 ? "" : `${parts.join("\n\n")}\n`;
}

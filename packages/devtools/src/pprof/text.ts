/** Profiles as text (`debug=1`), in Go's format: groups by stack and labels, frames in aligned columns. */
import type { Location } from "../inspect.ts";
import { addressOf, type Labels, returnAddress } from "./profile.ts";

/** Goroutines, waits or threads with one stack. */
export interface Group {
  /** The innermost first; hidden ones stand behind the `@` only. */
  stack: readonly Location[];
  labels: Labels | null;
  count: number;
}

/** Go's tabwriter with a minimal width of 1, tabs of 8 and a padding of 1: cells end with a tab, but for the last one of a line. */
export function alignTabs(lines: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const cells of lines)
    for (let i = 0; i < cells.length - 1; i++) widths[i] = Math.max(widths[i] ?? 0, (cells[i] as string).length + 1);
  return lines.map((cells) =>
    cells
      .map((cell, i) => {
        if (i === cells.length - 1) return cell;
        const width = Math.ceil((widths[i] as number) / 8) * 8;
        return cell + "\t".repeat(Math.ceil((width - cell.length) / 8));
      })
      .join(""),
  );
}

const hex = (n: number): string => `0x${n.toString(16)}`;

/** `{"k":"v", "l":"w"}`, sorted. */
export function labelText(labels: Labels): string {
  const keys = Object.keys(labels).sort();
  return `{${keys.map((k) => `${JSON.stringify(k)}:${JSON.stringify(labels[k])}`).join(", ")}}`;
}

/** The `#` lines of a stack. */
export function frameLines(stack: readonly Location[]): string[] {
  return alignTabs(
    stack
      .filter((l) => !l.hidden)
      .map((l) => ["#", hex(addressOf(l)), `${l.name}+${hex(l.column)}`, l.file === "" ? "" : `${l.file}:${l.line}`]),
  ).map((line) => line.replace(/^#\t+/, "#\t").trimEnd());
}

/** A line such as `3 @ 0x400011 0x400021`. */
export function groupLine(count: string, stack: readonly Location[]): string {
  return `${count} @${stack.map((l) => ` ${hex(returnAddress(l))}`).join("")}`;
}

function compare(a: Group, b: Group): number {
  if (a.count !== b.count) return b.count - a.count;
  for (let i = 0; i < a.stack.length && i < b.stack.length; i++) {
    const difference = a.stack[i]!.id - b.stack[i]!.id;
    if (difference !== 0) return difference;
  }
  return a.stack.length - b.stack.length;
}

/** The most frequent first. */
export function sortGroups<T extends Group>(groups: T[]): T[] {
  return groups.sort(compare);
}

/** `goroutine profile: total 22` and its groups. */
export function countProfileText(name: string, groups: Group[]): string {
  const total = groups.reduce((sum, g) => sum + g.count, 0);
  let text = `${name} profile: total ${total}\n`;
  for (const { stack, labels, count } of sortGroups(groups)) {
    text += `${groupLine(String(count), stack)}\n`;
    if (labels !== null) text += `# labels: ${labelText(labels)}\n`;
    for (const line of frameLines(stack)) text += `${line}\n`;
    text += "\n";
  }
  return text;
}

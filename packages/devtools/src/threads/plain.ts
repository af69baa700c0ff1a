/** What threads tell each other about stacks: locations as plain data. Each thread has numbers of its own for them. */
import { inspect, type Location } from "../inspect.ts";
import type { Labels } from "../pprof/profile.ts";
import { type Group, labelText } from "../pprof/text.ts";

export type PlainLocation = readonly [name: string, file: string, line: number, column: number, hidden: boolean];

export function plain(stack: readonly Location[]): PlainLocation[] {
  return stack.map((l) => [l.name, l.file, l.line, l.column, l.hidden]);
}

/** The same places as this thread knows them. */
export function known(stack: readonly PlainLocation[]): Location[] {
  const { location } = inspect();
  return stack.map(([name, file, line, column, hidden]) =>
    location(name, file === "" || line === 0 ? file : `${file}:${line}:${column}`, hidden),
  );
}

export interface PlainGroup {
  stack: PlainLocation[];
  labels: Labels | null;
  count: number;
}

/** Groups of several threads, those with one stack and the same labels together. */
export function merged(groups: readonly Group[]): Group[] {
  const byKey = new Map<string, Group>();
  for (const { stack, labels, count } of groups) {
    const key = `${stack.map((l) => l.id).join()} ${labels === null ? "" : labelText(labels)}`;
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, { stack, labels, count });
    else same.count += count;
  }
  return [...byKey.values()];
}

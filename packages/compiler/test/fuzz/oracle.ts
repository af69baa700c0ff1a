/** Holds the ways of running a program against each other. */
import { CompileError } from "@gort/compiler";
import { EXCEEDED, MOST } from "./host.ts";
import { compiled, forced, plain, woven } from "./ways.ts";

export type Way = (text: string) => Promise<string[]>;

const ways: ReadonlyMap<string, Way> = new Map<string, Way>([
  ["compiled", compiled],
  ["with suspensions forced", (text) => forced(text)],
  ["woven with another goroutine", woven],
]);

/** The first difference from the uncompiled program, as text; "" when there is none. */
export async function difference(text: string, by: ReadonlyMap<string, Way> = ways): Promise<string> {
  const expected = await plain(text);
  // A default that calls its own function runs away before its body counts: how deep is nobody's promise.
  if (expected.some((line) => line.includes(EXCEEDED))) return "";
  for (const [name, way] of by) {
    // On a busy machine a program may last longer than a turn of the event loop, behind which its async functions go on.
    let found = await held(expected, name, way, text);
    for (let again = 0; found !== "" && again < 3 && text.includes("async"); again++)
      found = await held(expected, name, way, text);
    if (found !== "") return found;
  }
  return "";
}

/** One run held against what is expected. */
async function held(expected: readonly string[], name: string, way: Way, text: string): Promise<string> {
  let lines: string[];
  try {
    lines = await way(text);
  } catch (e) {
    if (e instanceof CompileError) return `refused: ${e.message}`;
    return `${name}: ${String((e as Error).stack)}`;
  }
  const i = Array.from({ length: Math.max(lines.length, expected.length) }, (_, i) => i).find(
    (i) => lines[i] !== expected[i],
  );
  if (i === undefined) return "";
  // The same behind the end of the log: the stack of compiled code holds fewer of these calls.
  if (expected.length >= MOST && lines[i]?.includes(EXCEEDED) === true) return "";
  const before = expected.slice(Math.max(0, i - 4), i).map((line) => `    ${line}\n`);
  return `${name}, line ${i + 1} of the log:\n${before.join("")}  - ${expected[i]}\n  + ${lines[i]}`;
}

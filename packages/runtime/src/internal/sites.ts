/**
 * At which calls may a suspension pass? Compiled modules bring a table, `line:column` of each checked call, because the
 * printer knows what the engine reports. A bundler moves everything, so there the question is answered from the bundle's
 * own text: behind the call must stand the check. When in doubt the answer is no, and the goroutine is not preempted.
 */

/** Per script, the `line:column` of each checked call. */
const tables: Map<string, Set<string>> = new Map();
/** Per script without a table: its lines, or null when it cannot be read. */
const texts: Map<string, string[] | null> = new Map();
/** Answers already found for scripts without a table. */
const answers: Map<string, number> = new Map();

/** What `siteOf` answers: nothing to know of; a checked call; one in an async body. */
export const UNKNOWN = 0;
export const CHECKED = 1;
export const AWAITED = 2;

export function addTable(script: string, positions: string): void {
  tables.set(script, new Set(positions.split(" ")));
}

export function hasTable(script: string): boolean {
  return tables.has(script);
}

/** What the call at this place is, both counted from 1: followed by the check, in a function that leaves or in one that awaits. */
export function siteOf(script: string, line: number, column: number): number {
  const table = tables.get(script);
  const place = `${line}:${column}`;
  if (table !== undefined) return table.has(place) ? CHECKED : table.has(`${place}a`) ? AWAITED : UNKNOWN;
  const key = `${script}:${line}:${column}`;
  let answer = answers.get(key);
  if (answer === undefined) {
    answer = readsCheck(script, line, column) ? CHECKED : UNKNOWN;
    answers.set(key, answer);
  }
  return answer;
}

function linesOf(script: string): string[] | null {
  let lines = texts.get(script);
  if (lines === undefined) {
    lines = null;
    const load = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process
      ?.getBuiltinModule;
    const fs = load?.("node:fs") as { readFileSync(path: string | URL, encoding: string): string } | undefined;
    try {
      if (fs !== undefined && /^(file:|\/|[A-Za-z]:)/.test(script))
        lines = fs.readFileSync(script.startsWith("file:") ? new URL(script) : script, "utf8").split("\n");
    } catch {
      // A script from elsewhere: no answer.
    }
    texts.set(script, lines);
  }
  return lines;
}

/** `… ) === undefined && x.u !== 0`, as printed or as minifiers write it, or the flag alone in the next statement. */
const check =
  /^[\s)]*(?:={2,3}\s*(?:void 0|undefined)\s*)?&&\s*(?:[\w$]+\.u\s*!==?\s*0|0\s*!==?\s*[\w$]+\.u)\b|^\s*[;,]?\s*(?:if\s*\(\s*)?(?:[\w$]+\.u\s*!==?\s*0|0\s*!==?\s*[\w$]+\.u)\b/;

function readsCheck(script: string, line: number, column: number): boolean {
  const lines = linesOf(script);
  const first = lines?.[line - 1];
  if (lines === null || first === undefined) return false;
  // Leaving through the epilogue.
  if (/^[\w$]*\$e\d+\(\$pc\b/.test(first.slice(column - 1))) return true;
  // Going on in the clone after a poll that said no.
  if (
    /\.poll\(\)\)?\s*(?:\)\s*)?(?:\{\s*(?:const|let|var)\s+[\w$]+\s*=|\?|&&|return)\s*$/.test(
      first.slice(Math.max(0, column - 40), column - 1),
    )
  )
    return true;
  const text = `${first.slice(column - 1)}\n${lines.slice(line, line + 40).join("\n")}`;
  const name = /^(?:new\s+)?[\w$.]*/.exec(text)![0];
  const end = endOfCall(text, name.length);
  return end > 0 && check.test(text.slice(end, end + 200));
}

/** The offset behind the closing parenthesis of the argument list that opens at `from`; -1 when that is unclear. */
function endOfCall(text: string, from: number): number {
  if (text[from] !== "(") return -1;
  let depth = 0;
  for (let i = from; i < text.length && i < 20_000; i++) {
    const c = text[i]!;
    if (c === "(" || c === "[" || c === "{") depth++;
    else if (c === ")" || c === "]" || c === "}") {
      if (--depth === 0) return i + 1;
    } else if (c === '"' || c === "'" || c === "`") {
      for (i++; i < text.length && text[i] !== c; i++) {
        if (text[i] === "\\") i++;
        else if (c === "`" && text[i] === "$" && text[i + 1] === "{") return -1;
      }
    } else if (c === "/" && /[/*(,=:[!&|?{};\s]/.test(text[i - 1] ?? "")) return -1;
  }
  return -1;
}

/**
 * At which calls may a suspension pass? Compiled modules bring a table, `line:column` of each checked call, because the
 * printer knows what the engine reports. A bundler moves everything, so there the question is answered from the bundle's
 * own text: the check must stand around the call (check.ts). The text counts only if the engine says that it is what was
 * loaded; where it was evaluated from memory, the engine is asked for it (evaluated.ts). When in doubt the answer is no, and the goroutine is not preempted here.
 */
import { isAwaited, isUnchecked, standsInCheck } from "./check.ts";
import { evaluatedText } from "./evaluated.ts";
import { begins } from "./text.ts";

/** A text and where its lines begin. */
interface Script {
  text: string;
  starts: number[];
  /** What the engine counts from: its first line, and the column its text begins at there. */
  line: number;
  column: number;
}

// A program may have methods of its own in these places.
const { apply } = Reflect;
const { get: mapGet, set: mapSet } = Map.prototype;

function get<V>(map: Map<string, V>, key: string): V | undefined {
  return apply(mapGet, map, [key]) as V | undefined;
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  apply(mapSet, map, [key, value]);
}

/** The checked calls of a script in their order: where each stands, and what it is. */
interface Table {
  lines: number[];
  columns: number[];
  kinds: number[];
}

/** Per script; as the compiler wrote it until it is asked for. */
const tables: Map<string, Table | string> = new Map();
/** Per hash of a script without a table: its text, or null when it cannot be read. */
const scripts: Map<string, Script | null> = new Map();
/** Answers already found for scripts without a table. */
const answers: Map<string, number> = new Map();

/** What `siteOf` answers: nothing to know of; a checked call; one in an async body; a checked `new`. */
export const UNKNOWN = 0;
export const CHECKED = 1;
export const AWAITED = 2;
export const MAKES = 3;

/** `positions`: each told from the one before, as the compiler's output.ts writes it. Taken apart when it is asked for. */
export function addTable(script: string, positions: string): void {
  put(tables, script, positions);
}

/** A large module has some hundred thousand calls: by the character, and no object for each. */
function parse(positions: string): Table {
  const table: Table = { lines: [], columns: [], kinds: [] };
  let line = 0;
  let column = 0;
  let number = 0;
  let kind = CHECKED;
  let n = 0;
  for (let i = 0; i <= positions.length; i++) {
    const c = i < positions.length ? positions.charCodeAt(i) : SPACE;
    if (c >= ZERO && c < COLON) number = number * 10 + c - ZERO;
    else if (c === COLON) {
      line += number;
      column = number = 0;
    } else if (c !== SPACE) kind = c === A ? AWAITED : MAKES;
    else {
      column += number;
      table.lines[n] = line;
      table.columns[n] = column;
      table.kinds[n++] = kind;
      number = 0;
      kind = CHECKED;
    }
  }
  return table;
}

const [ZERO, COLON, SPACE, A] = [0x30, 0x3a, 0x20, 0x61];

function tableOf(script: string): Table | undefined {
  const table = get(tables, script);
  if (typeof table !== "string") return table;
  const parsed = parse(table);
  put(tables, script, parsed);
  return parsed;
}

/** What stands at a place, which may be told twice: as a call and as a `new`. */
function find(table: Table, line: number, column: number): number {
  const { lines, columns, kinds } = table;
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (lines[mid]! < line || (lines[mid] === line && columns[mid]! < column)) low = mid + 1;
    else high = mid;
  }
  let kind = UNKNOWN;
  for (; lines[low] === line && columns[low] === column; low++)
    if (kind === UNKNOWN || kinds[low] === CHECKED) kind = kinds[low]!;
  return kind;
}

/** Whether the printer's own table is there for a script. */
export function hasTable(script: string): boolean {
  return get(tables, script) !== undefined;
}

/** What is asked of a frame; `getScriptHash` is V8's, and not in every declaration of it. */
export interface Site {
  getScriptNameOrSourceURL(): string | null | undefined;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  getScriptHash?(): string;
}

/** What the call is that a frame stands at, line and column counted from 1. */
export function siteOf(frame: Site): number {
  const name = frame.getScriptNameOrSourceURL() ?? "";
  const line = frame.getLineNumber() ?? 0;
  const column = frame.getColumnNumber() ?? 0;
  const table = tableOf(name);
  if (table !== undefined) return find(table, line, column);
  const hash = frame.getScriptHash?.() ?? "";
  if (hash === "" || line === 0 || column === 0) return UNKNOWN;
  const key = `${hash}:${line}:${column}`;
  let answer = get(answers, key);
  if (answer === undefined) {
    const script = scriptOf(name, hash);
    const at = script === null ? -1 : offsetOf(script, line, column);
    const checked = script !== null && at >= 0 && standsInCheck(script.text, at);
    answer = !checked ? UNKNOWN : isAwaited(script.text, at) ? AWAITED : makes(script.text, at) ? MAKES : CHECKED;
    put(answers, key, answer);
  }
  return answer;
}

/** Whether the call the engine reports at `at` makes an object: it stands at `new`, or in `Reflect.construct`. */
function makes(text: string, at: number): boolean {
  const behind = text.slice(at, at + 10);
  if (/^new\b/.test(behind)) return true;
  const before = text.slice(Math.max(0, at - 40), at);
  if (/^construct\b/.test(behind)) return /\bReflect\.$/.test(before);
  // What the compiler prints: a computed member, or, with arguments that may suspend, a call of what was read before.
  if (begins(behind, "(")) return /\bReflect\[["'`]construct["'`]\]$/.test(before);
  return /^call\b/.test(behind) && /["'`]Reflect\.construct["'`]\)+\.$/.test(before);
}

/** Whether the call of a frame, which is no checked one, is known to be none: a table or the text says so. */
export function isForeign(frame: Site): boolean {
  const name = frame.getScriptNameOrSourceURL() ?? "";
  if (hasTable(name)) return true;
  const script = scriptOf(name, frame.getScriptHash?.() ?? "");
  if (script === null) return false;
  const at = offsetOf(script, frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 1);
  return at >= 0 && isUnchecked(script.text, at);
}

/** Where a line and column of the engine's stand in the text; -1 when they do not. */
function offsetOf(script: Script, line: number, column: number): number {
  const row = line - 1 - script.line;
  const start = script.starts[row];
  return start === undefined ? -1 : start + column - 1 - (row === 0 ? script.column : 0);
}

function scriptOf(name: string, hash: string): Script | null {
  let script = get(scripts, hash);
  if (script === undefined) {
    const text = read(name, hash);
    const found = text === null ? evaluatedText(name, hash) : { text, line: 0, column: 0 };
    script = found === null ? null : { ...found, starts: lineStarts(found.text) };
    put(scripts, hash, script);
  }
  return script;
}

/** The text of the script, if it is still the one that was loaded: a file may have been built again since. */
function read(name: string, hash: string): string | null {
  if (!/^(?:file:|\/|[A-Za-z]:)/.test(name)) return null;
  const { getBuiltinModule } = process;
  const fs = getBuiltinModule?.("node:fs");
  const crypto = getBuiltinModule?.("node:crypto");
  if (fs === undefined || crypto === undefined) return null;
  try {
    const text = fs.readFileSync(begins(name, "file:") ? new URL(name) : name, "utf8");
    return crypto.createHash("sha256").update(text).digest("hex") === hash ? text : null;
  } catch {
    return null;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { 0: end, index } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(index + end.length);
  return starts;
}

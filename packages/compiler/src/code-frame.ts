/** How a CompileError is shown: code, place, the lines around it with a mark under the spot, and what to write instead. */
import { styleText } from "node:util";
import { CompileError } from "./errors.ts";
import { textOf } from "./files/module-text.ts";

/** How a {@link CompileError} is shown. */
export interface ShowOptions {
  /** The text of the file; read from it when not given. Without either no lines are shown. */
  source?: string;
  /** With the escape sequences of terminals. Default: false. */
  color?: boolean;
}

/** Lines of context above and below. */
const around = 2;

/** How much of a line is shown before and behind the column: minified files have one line. */
const beside = 100;

/** The error as text of several lines: code, place, the lines around it, what to write instead. Without a line break at the end. */
export function showCompileError(error: CompileError, options: ShowOptions = {}): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const place = `${error.file}:${error.line}:${error.column}`;
  // The message starts with the place, which has a line of its own here, and ends with the hint, which has too.
  let what = error.message.startsWith(`${place}: `) ? error.message.slice(place.length + 2) : error.message;
  if (what.startsWith(`${error.code}: `)) what = what.slice(error.code.length + 2);
  if (error.hint !== "" && what.endsWith(error.hint)) what = what.slice(0, -error.hint.length).trimEnd();
  const parts = [`${paint(["red", "bold"], error.code)} ${what}`, `  ${paint("cyan", place)}`];
  const frame = codeFrame(options.source ?? readIfThere(error.file), error.line, error.column, paint);
  if (frame !== "") parts.push("", frame);
  if (error.hint !== "") parts.push("", `  ${paint("bold", "Instead:")} ${error.hint}`);
  return parts.join("\n");
}

function codeFrame(
  text: string,
  line: number,
  column: number,
  paint: (style: "dim" | "red", text: string) => string,
): string {
  const lines = text.split(/\r?\n/);
  if (text === "" || line > lines.length) return "";
  const first = Math.max(1, line - around);
  const last = Math.min(lines.length, line + around);
  const width = String(last).length;
  const from = column > 2 * beside ? column - beside : 0;
  const out: string[] = [];
  for (let n = first; n <= last; n++) {
    const shown = lines[n - 1]!.slice(from, Math.max(column, beside) + beside);
    out.push(
      `${n === line ? paint("red", ">") : " "} ${paint("dim", `${String(n).padStart(width)} |`)} ${shown}`.trimEnd(),
    );
    if (n !== line) continue;
    // Tabs stay tabs, so that the mark stands under its column.
    const indent = shown.slice(0, column - 1 - from).replace(/[^\t]/g, " ");
    out.push(`  ${" ".repeat(width)} ${paint("dim", "|")} ${indent}${paint("red", "^")}`);
  }
  return out.join("\n");
}

function readIfThere(file: string): string {
  try {
    return textOf(file);
  } catch {
    return "";
  }
}

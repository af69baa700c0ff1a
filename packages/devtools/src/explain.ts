/** `gort explain CODE`: the page of an error, from docs/errors, for a terminal. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Failure } from "./failure.ts";

/** The pages are copied beside what is published; in the repository they are where they are written. */
const folder = [new URL("./errors/", import.meta.url), new URL("../../../docs/errors/", import.meta.url)].find((url) =>
  existsSync(url),
);

/** The page of `code`, which may be written in small letters and without GORT_; of all codes where none is given. */
export function explain(code: string | undefined, width: number): string {
  if (folder === undefined) throw new Failure("The pages about errors are missing: install @gort/devtools again.");
  const codes = readdirSync(folder)
    .filter((file) => file.startsWith("GORT_"))
    .map((file) => file.replace(".md", ""));
  if (code === undefined) {
    const wide = Math.max(...codes.map((c) => c.length));
    return `${codes.map((c) => `${c.padEnd(wide)}  ${titleOf(pageOf(folder, c))}`).join("\n")}\n`;
  }
  const wanted = `GORT_${code.toUpperCase().replace(/^GORT_/, "")}`;
  if (!codes.includes(wanted)) throw new Failure(`There is no error ${code}. gort explain lists them all.`);
  return forTerminal(pageOf(folder, wanted), width);
}

function pageOf(pages: URL, code: string): string {
  return readFileSync(new URL(`${code}.md`, pages), "utf8");
}

/** What stands behind the code in a page's first line, without marks. */
function titleOf(page: string): string {
  return (/^# \w+: (.*)/.exec(page)?.[1] ?? "").replaceAll("`", "");
}

/** Markdown as plain text: paragraphs and items of lists are broken at `width`, links and emphasis become their text. */
function forTerminal(markdown: string, width: number): string {
  const parts = markdown.trim().split(/(^```[^]*?^```$)/m);
  return `${parts.map((part, i) => (i % 2 === 1 ? codeBlock(part) : prose(part, width))).join("")}\n`;
}

function codeBlock(part: string): string {
  return part
    .split("\n")
    .slice(1, -1)
    .join("\n")
    .replace(/^(?=.)/gm, "    ");
}

function prose(part: string, width: number): string {
  const text = part
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\*\*(.*?)\*\*/g, "$1")
    .replace(/^# /gm, "")
    // A table: a list without its head.
    .replace(/^\|.*\n\|(?:-+\|)+\n/gm, "")
    .replace(/^\| (.*) \|$/gm, (_, row: string) => `- ${row.replaceAll(" | ", ": ")}`);
  // A line goes on in the next one, unless that begins something: a paragraph, an item.
  return text
    .replace(/(?<=[^\n])\n(?!\n|- |$) */g, " ")
    .split("\n")
    .map((line) => broken(line, width))
    .join("\n");
}

function broken(line: string, width: number): string {
  const indent = line.startsWith("- ") ? "  " : "";
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines[lines.length - 1] as string;
    if (last.length + 1 + word.length > width && last.trim() !== "") lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.join("\n");
}

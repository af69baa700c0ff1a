/** A Markdown renderer from npm, marked, on this project's own pages. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { marked } from "marked";

const folder = join(import.meta.dirname, "../../..");
const text = globSync("docs/adr/*.md", { cwd: folder })
  .toSorted()
  .map((name) => readFileSync(join(folder, name), "utf8"))
  .join("\n");

export function work(): number {
  return (marked.parse(text) as string).length;
}

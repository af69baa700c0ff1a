/** The file the user named: found and readable, or a failure that says what is wrong with it. */
import { accessSync, constants, existsSync, globSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { Failure } from "./failure.ts";

const extensions = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"];

/** The absolute path of the program. Symbolic links are resolved, as Node does for the program it is given. */
export function findProgram(named: string): string {
  const path = resolve(named);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Failure(`There is no file ${named} in ${process.cwd()}.${suggestion(path)}`);
  if (stats.isDirectory()) {
    const inside = ["index.ts", "main.ts", "app.ts"].find((name) => existsSync(join(path, name)));
    const hint = inside === undefined ? "Name the file to run." : `Did you mean ${join(named, inside)}?`;
    throw new Failure(`${named} is a folder. ${hint}`);
  }
  if (!extensions.includes(extname(path))) {
    throw new Failure(`${named} is not a TypeScript or JavaScript file (${extensions.join(" ")}).`);
  }
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new Failure(`${named} cannot be read: permission denied.`);
  }
  return realpathSync(path);
}

function suggestion(path: string): string {
  const stem = basename(path, extname(path));
  const near = globSync(
    extensions.map((e) => `${stem}${e}`),
    { cwd: dirname(path) },
  )[0];
  return near === undefined ? "" : ` Did you mean ${near}?`;
}

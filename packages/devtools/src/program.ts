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

/** The same for what may be a folder: all files in it, but for those of packages and in hidden folders. */
export function findPrograms(named: string): string[] {
  const folder = resolve(named);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [findProgram(named)];
  const files = globSync("**/*", {
    cwd: folder,
    exclude: (path) => /(?:^|[\\/])(?:node_modules|\.[^\\/]+)$/.test(path),
  });
  const programs = files.filter((file) => extensions.includes(extname(file)) && !/\.d\.[cm]?ts$/.test(file));
  if (programs.length === 0) throw new Failure(`There is no TypeScript or JavaScript file in the folder ${folder}.`);
  return programs.sort().map((file) => realpathSync(join(folder, file)));
}

function suggestion(path: string): string {
  const stem = basename(path, extname(path));
  const near = globSync(
    extensions.map((e) => `${stem}${e}`),
    { cwd: dirname(path) },
  )[0];
  return near === undefined ? "" : ` Did you mean ${near}?`;
}

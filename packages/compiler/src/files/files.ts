/**
 * Which file an import means, where that is more than Node says: without an extension, a folder's index, `./x.js` for `./x.ts`, and names
 * that a tsconfig.json gives to files (`paths`, `baseUrl`). Only for modules of the application; packages are Node's to find.
 */
import { statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, extname, resolve } from "node:path";
import { aliasesOf, languageOf } from "../read/language.ts";

export function isTypeScript(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file);
}

/** Whether tsconfig.json may give `specifier`, imported by `file`, to a file of the application. */
export function isAliased(file: string, specifier: string): boolean {
  const { paths } = languageOf(file);
  return paths.length > 0 && !isPlace(specifier) && !isBuiltin(specifier) && paths.some((p) => matches(p, specifier));
}

/** The same, by a name that cannot mean a package as well. */
export function isOwnName(file: string, specifier: string): boolean {
  const { paths } = languageOf(file);
  return !isPlace(specifier) && paths.some((p) => p !== "*" && matches(p, specifier));
}

function matches(pattern: string, specifier: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === specifier;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return specifier.length >= before.length + after.length && specifier.startsWith(before) && specifier.endsWith(after);
}

/** `./x`, `../x`, `/x`, a URL, `#x` of package.json's imports. */
function isPlace(specifier: string): boolean {
  return /^(?:\.{0,2}\/|\.{1,2}$|[a-z][a-z\d+.-]+:|#)/i.test(specifier);
}

/** The file that `file` imports as `specifier`: by its place, or by a name of tsconfig.json; null where there is none. */
export function importedFile(file: string, specifier: string): string | null {
  const bare = specifier.replace(/[?#].*$/, "");
  if (/^(?:\.{0,2}\/|\.{1,2}$)/.test(bare)) return fileOf(dirname(file), bare);
  return isAliased(file, bare) ? aliasedFile(file, bare) : null;
}

/** The file that tsconfig.json gives to a name. Declarations alone are none. */
function aliasedFile(file: string, name: string): string | null {
  for (const path of aliasesOf(file, name)) {
    const found = fileOf("/", path);
    if (found !== null && !/\.d\.[cm]?ts$/.test(found)) return found;
  }
  return null;
}

/** The file as Node finds it, or as TypeScript and bundlers do. */
export function fileOf(folder: string, specifier: string): string | null {
  const path = resolve(folder, specifier);
  const written = /^\.([cm]?)jsx?$/.exec(extname(path));
  const bare = path.slice(0, path.length - extname(path).length);
  const candidates = [
    path,
    ...(written === null ? [] : ["ts", "tsx"].map((e) => `${bare}.${written[1]}${e}`)),
    ...["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts"].flatMap((e) => [`${path}.${e}`, `${path}/index.${e}`]),
  ];
  return candidates.find(isFile) ?? null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

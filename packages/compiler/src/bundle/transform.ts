/** What the plugins of bundlers, and the loader of webpack and Turbopack, do to a module. */
import { isAbsolute } from "node:path";
import { shownName, withSlices } from "./bundle.ts";
import { showCompileError } from "../code-frame.ts";
import { compile, type CompileResult } from "../compile.ts";
import { isInCycle } from "../files/cycle.ts";
import { CompileError } from "../errors.ts";
import { isOptedOut, withoutMark } from "../files/module-text.ts";
import { isCompiled, packageOf, type Rules } from "../files/package-rules.ts";
import { withoutTypes } from "../files/passed-on.ts";

/** Options of the bundler plugins. */
export interface GortOptions extends Rules {
  /** Suspend at every safepoint: a test mode that must never change a result. Default: false. */
  force?: boolean;
}

/** What became of a module. */
export interface Transformed {
  code: string;
  map: CompileResult["map"] | null;
}

/** A file of the runtime, if the package is. */
const ownFile = /[\\/]dist[\\/][\w-]+\.js$/;

/** Compiles the module `id`; null where it is left to the bundler. `hasMeta`: the bundle will have `import.meta`. */
export async function transform(
  given: string,
  id: string,
  options: GortOptions,
  hasMeta: boolean,
): Promise<Transformed | null> {
  const text = withoutMark(given);
  // As esbuild would, without a warning of each: the runtime knows what to do without it.
  if (ownFile.test(id) && packageOf(id)?.name === "gort" && !hasMeta)
    return { code: text.replaceAll("import.meta.url", "undefined"), map: null };
  // Virtual modules and queries (`?raw`, `?worker`) are the bundler's.
  if (!isAbsolute(id) || id.includes("?") || !isCompiled(id, options)) return null;
  // Blanked, not kept: bundlers warn of directives they do not know.
  if (isOptedOut(text))
    return { code: text.replace(/(["'])use no gort\1;?/, (found) => " ".repeat(found.length)), map: null };
  try {
    const { code, map, parallels } = compile(withoutTypes(id, text), {
      filename: id,
      shown: shownName(id),
      force: options.force === true,
      positions: false,
      cyclic: isInCycle(id),
    });
    return { code: parallels.length === 0 ? code : await withSlices(code, id, parallels, options, hasMeta), map };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new Error(showCompileError(error, { source: text }), { cause: error });
  }
}

/**
 * The bundler plugin, one for all of them through unplugin. It runs before the bundler's own transforms, on what the user
 * wrote, and its output needs only `gort`.
 */
import { isAbsolute } from "node:path";
import { createUnplugin, type UnpluginBuildContext, type UnpluginFactory, type UnpluginInstance } from "unplugin";
import { showCompileError } from "./code-frame.ts";
import { shownName, withSlices } from "./bundle.ts";
import { compile } from "./compile.ts";
import { isInCycle } from "./cycle.ts";
import { isOptedOut, withoutMark } from "./module-text.ts";
import { withoutTypes } from "./passed-on.ts";
import { CompileError } from "./errors.ts";
import { countCopies, type Vitest } from "./vitest.ts";
import { compiledExtension, isCompiled, packageOf, type Rules } from "./package-rules.ts";

/** Options of the bundler plugins. */
export interface GortOptions extends Rules {
  /** Suspend at every safepoint: a test mode that must never change a result. */
  force?: boolean;
}

const factory: UnpluginFactory<GortOptions | undefined> = (options = {}) => ({
  name: "gort",
  enforce: "pre",
  vite: {
    configureVitest({ vitest }: { vitest: object }): void {
      countCopies(vitest as Vitest, options);
    },
  } as object,
  transform: {
    filter: { id: compiledExtension },
    async handler(given, id) {
      const text = withoutMark(given);
      // As esbuild would, without a warning of each: the runtime knows what to do without it.
      if (ownFile.test(id) && packageOf(id)?.name === "gort" && !hasMeta(this))
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
        return {
          code: parallels.length === 0 ? code : await withSlices(code, id, parallels, options, hasMeta(this)),
          map,
        };
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        throw new Error(showCompileError(error, { source: text }), { cause: error });
      }
    },
  },
});

/** A file of the runtime, if the package is. */
const ownFile = /[\\/]dist[\\/][\w-]+\.js$/;

/** esbuild leaves `import.meta` empty where it writes CommonJS, as it does for Node.js unless told otherwise, and warns of each. */
function hasMeta(context: UnpluginBuildContext): boolean {
  const native = context.getNativeBuildContext?.();
  if (native?.framework !== "esbuild") return true;
  const { format, platform } = native.build.initialOptions;
  return format === "esm" || (format === undefined && platform === "neutral");
}

export const plugin: UnpluginInstance<GortOptions | undefined> = createUnplugin(factory);

/**
 * The bundler plugin, one for all of them through unplugin. It runs before the bundler's own transforms, on what the user
 * wrote, and its output needs only `gort`.
 */
import { isAbsolute } from "node:path";
import { createUnplugin, type UnpluginFactory, type UnpluginInstance } from "unplugin";
import { showCompileError } from "./code-frame.ts";
import { shownName, withSlices } from "./bundle.ts";
import { compile } from "./compile.ts";
import { isInCycle } from "./cycle.ts";
import { isOptedOut } from "./module-text.ts";
import { CompileError } from "./errors.ts";
import { countCopies, type Vitest } from "./vitest.ts";
import { compiledExtension, isCompiled, type Rules } from "./package-rules.ts";

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
    async handler(text, id) {
      // Virtual modules and queries (`?raw`, `?worker`) are the bundler's.
      if (!isAbsolute(id) || id.includes("?") || !isCompiled(id, options)) return null;
      // Blanked, not kept: bundlers warn of directives they do not know.
      if (isOptedOut(text))
        return { code: text.replace(/(["'])use no gort\1;?/, (found) => " ".repeat(found.length)), map: null };
      try {
        const { code, map, parallels } = compile(text, {
          filename: id,
          shown: shownName(id),
          force: options.force === true,
          positions: false,
          cyclic: isInCycle(id),
        });
        return { code: parallels.length === 0 ? code : await withSlices(code, id, parallels, options), map };
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        throw new Error(showCompileError(error, { source: text }), { cause: error });
      }
    },
  },
});

export const plugin: UnpluginInstance<GortOptions | undefined> = createUnplugin(factory);

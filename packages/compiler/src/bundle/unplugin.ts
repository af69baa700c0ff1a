/**
 * The bundler plugin, one for all of them through unplugin. It runs before the bundler's own transforms, on what the user
 * wrote, and its output needs only `gort`.
 */
import { createUnplugin, type UnpluginBuildContext, type UnpluginFactory, type UnpluginInstance } from "unplugin";
import { compiledExtension } from "../files/package-rules.ts";
import { type GortOptions, transform } from "./transform.ts";
import { countCopies, type Vitest } from "../coverage/vitest.ts";

export type { GortOptions };

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
      return await transform(given, id, options, hasMeta(this));
    },
  },
});

/** esbuild leaves `import.meta` empty where it writes CommonJS, as it does for Node.js unless told otherwise, and warns of each. */
function hasMeta(context: UnpluginBuildContext): boolean {
  const native = context.getNativeBuildContext?.();
  if (native?.framework !== "esbuild") return true;
  const { format, platform } = native.build.initialOptions;
  return format === "esm" || (format === undefined && platform === "neutral");
}

export const plugin: UnpluginInstance<GortOptions | undefined> = createUnplugin(factory);

/**
 * The bundler plugin, one for all of them through unplugin. It runs before the bundler's own transforms, on what the user
 * wrote, and its output needs only `gort`.
 */
import { createUnplugin, type UnpluginBuildContext, type UnpluginFactory, type UnpluginInstance } from "unplugin";
import { type GortOptions, transform } from "./transform.ts";
import { countCopies, type Vitest } from "../coverage/vitest.ts";

export type { GortOptions };

/** As `compiledExtension`, with or without a query. */
const filter = /\.(?:[cm]?[jt]s|[jt]sx)(?:\?|$)/;
/** Vite's own: what stands in the file is made something else. */
const special = /[?&](?:raw|url|inline|worker|sharedworker|worker_file|worklet|html-proxy)\b/;

const factory: UnpluginFactory<GortOptions | undefined> = (options = {}, { framework }) => ({
  name: "gort",
  enforce: "pre",
  vite: {
    applyToEnvironment: runsOnNode,
    configResolved: mustBeBehind,
    configureVitest({ vitest }: { vitest: object }): void {
      countCopies(vitest as Vitest, options);
    },
  } as object,
  transform: {
    filter: { id: filter },
    async handler(given, id) {
      // To Vite a query makes another module of the same file: frameworks take the server's functions out of it so.
      const file = framework === "vite" && !special.test(id) ? id.replace(/\?.*$/s, "") : id;
      return await transform(given, file, options, hasMeta(this));
    },
  },
});

/** They look for their own functions and for JSX in what the user wrote, and find neither in what the compiler makes of it. */
const readers = /^(?:tanstack-start\b.*|solid|solid-start\b.*|vite-plugin-qwik\b.*)$/;

function mustBeBehind({ plugins }: { plugins: readonly { name: string; enforce?: string }[] }): void {
  const own = plugins.findIndex(({ name }) => name === "gort");
  const late = plugins.slice(own).find(({ name, enforce }) => enforce === "pre" && readers.test(name));
  if (late !== undefined)
    throw new Error(
      `gort: the plugin "${late.name}" must see what you wrote: put \`gort()\` behind it, \`plugins: [theirs(), gort()]\``,
    );
}

interface Environment {
  config: { consumer: string; dev: { moduleRunnerTransform: boolean }; build: { lib: unknown } };
}

/**
 * Frameworks build an application twice with the same plugins, for the server and for the browser, where gort does not run. A library is
 * built once, as if it were for a browser, and vitest runs in Node.js what it says is for one (jsdom).
 */
function runsOnNode({ config }: Environment): boolean {
  return config.consumer === "server" || config.dev.moduleRunnerTransform || Boolean(config.build.lib);
}

/** esbuild leaves `import.meta` empty where it writes CommonJS, as it does for Node.js unless told otherwise, and warns of each. */
function hasMeta(context: UnpluginBuildContext): boolean {
  const native = context.getNativeBuildContext?.();
  if (native?.framework !== "esbuild") return true;
  const { format, platform } = native.build.initialOptions;
  return format === "esm" || (format === undefined && platform === "neutral");
}

export const plugin: UnpluginInstance<GortOptions | undefined> = createUnplugin(factory);

/**
 * `import withGort from "@gort/compiler/next"`: Next.js, built by Turbopack or webpack. Compiled is what its server runs on Node.js,
 * and gort stays outside of the bundles: Next.js makes several of an application, and they share its goroutines.
 */
import type { GortOptions } from "./bundle/transform.ts";

export type { GortOptions };

type Config = Record<string, any>;

const LOADER = "@gort/compiler/webpack-loader";
const FILES = "*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}";

/**
 * The configuration of Next.js (16 or newer) with Gort in it.
 *
 *     export default withGort({ reactStrictMode: true });
 *
 * What is in it already stays: rules of Turbopack for the same files, a `webpack` function, `serverExternalPackages`, to which gort is added.
 * @param config what next.config would export: an object (empty if left out), or a function that makes one
 * @param options which packages are compiled too, which files are not
 */
export default function withGort<C extends object>(config?: C, options: GortOptions = {}): C {
  if (typeof config !== "function") return extended(config ?? {}, options) as C;
  const make = config as (...given: unknown[]) => Config | Promise<Config>;
  return (async (...given: unknown[]) => extended(await make(...given), options)) as unknown as C;
}

/** Options that Next.js can write down: it hands them to another process. The loader makes patterns of them again. */
function written(options: GortOptions): object {
  const text = JSON.stringify(options, (_, v: unknown) =>
    v instanceof RegExp ? { source: v.source, flags: v.flags } : v,
  );
  return JSON.parse(text) as object;
}

function extended(config: Config, given: GortOptions): Config {
  const options = written(given);
  const { serverExternalPackages = [], turbopack = {}, webpack } = config;
  // An include says which packages are compiled: they are foreign code to Turbopack.
  const where = given.include === undefined ? { all: ["node", { not: "foreign" }] } : "node";
  return {
    ...config,
    serverExternalPackages: [...new Set([...(serverExternalPackages as string[]), "gort"])],
    turbopack: {
      ...turbopack,
      rules: withRule(turbopack.rules, { condition: where, loaders: [{ loader: LOADER, options }] }),
    },
    webpack(given: Config, context: Config): Config {
      const made: Config = typeof webpack === "function" ? webpack(given, context) : given;
      if (context["isServer"] === true && context["nextRuntime"] === "nodejs")
        made?.["module"].rules.push({ test: /\.[cm]?[jt]sx?$/, enforce: "pre", use: { loader: LOADER, options } });
      return made;
    },
  };
}

/** Beside the rule that there may be for the same files. */
function withRule(rules: Config = {}, rule: object): Config {
  const others = rules[FILES];
  if (others === undefined) return { ...rules, [FILES]: rule };
  return { ...rules, [FILES]: [...(Array.isArray(others) ? others : [others]), rule] };
}

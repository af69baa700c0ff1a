/** `import gort from "@gort/compiler/rollup"`: the plugin for Rollup. */
import type { Plugin } from "rollup";
import { type GortOptions, plugin } from "./bundle/unplugin.ts";

export type { GortOptions };

/**
 * Compiles the application's modules, so that the bundle runs with only `gort`. A file that cannot be compiled fails the build, with the lines around
 * the place.
 */
const gort: (options?: GortOptions) => Plugin | Plugin[] = plugin.rollup;
export default gort;

/** `import gort from "@gort/compiler/webpack"`: the plugin for webpack. */
import type { WebpackPluginInstance } from "webpack";
import { type GortOptions, plugin } from "./bundle/unplugin.ts";

export type { GortOptions };

/**
 * Compiles the application's modules, so that the bundle runs with only `gort`. A file that cannot be compiled fails the build, with the lines around
 * the place.
 */
const gort: (options?: GortOptions) => WebpackPluginInstance = plugin.webpack;
export default gort;

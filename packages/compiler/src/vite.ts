/** `import gort from "@gort/compiler/vite"`: the plugin for Vite. */
import type { Plugin } from "vite";
import { type GortOptions, plugin } from "./bundle/unplugin.ts";

export type { GortOptions };

/**
 * Compiles the application's modules, so that the bundle runs with only `gort`. A file that cannot be compiled fails the build, with the lines around
 * the place.
 */
const gort: (options?: GortOptions) => Plugin | Plugin[] = plugin.vite;
export default gort;

/** `gort/internal`: for compiled code and for Gort's own packages. Not an API. */
export { type Frame, R, U } from "./state.ts";

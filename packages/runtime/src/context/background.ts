/** The two roots. */
import type { Context } from "./context.ts";
import { Endless } from "./plain.ts";

const root = new Endless(null, "context.Background");
const open = new Endless(null, "context.TODO");

/** The root of every tree: never ends, has no values and no deadline. Go: context.Background. */
export function background(): Context {
  return root;
}

/** The same, where it is not yet clear which context to use. Go: context.TODO. */
export function todo(): Context {
  return open;
}

/** Random programs: every construct of the language, with what can be seen of it logged. */
import type { Arbitrary } from "fast-check";
import { print, TreeArbitrary, type Tree } from "./tree.ts";
import { Scope } from "./scope.ts";
import "./grammar/values.ts";
import "./grammar/objects.ts";
import "./grammar/functions.ts";
import "./grammar/statements.ts";
import "./grammar/mixed.ts";
import "./grammar/variables.ts";
import "./grammar/corners.ts";

export function textOf(tree: Tree): string {
  return print(tree, new Scope());
}

export function programs(size: number): Arbitrary<Tree> {
  return new TreeArbitrary("program", size);
}

import type { Node } from "../tree/ast.ts";
import type { Output } from "./output.ts";
import type { Fn } from "../tree/binding.ts";

/** Where printing happens: in which function, and in which of its copies. */
export interface Place {
  fn: Fn;
  clone: boolean;
  /** How `this`, `arguments` and `new.target` are spelled there. */
  self: string;
  args: string;
  target: string;
  /** Where `super` looks, outside the method it belongs to. */
  home?: string;
}

export interface Emitter {
  functionExpression(node: Node, place: Place, out: Output): void;
  functionDeclaration(node: Node, place: Place, out: Output): void;
  classExpression(node: Node, place: Place, out: Output): void;
  objectWithMethods(node: Node, place: Place, out: Output): boolean;
  templateSite(quasi: Node): string;
  /** Prints the key of a class's member. */
  memberKey(print: () => void): void;
  /** The constant that says where a goroutine is created, and the name of what it `started` where that has none of its own. */
  creation(fn: Fn, at: number, started: Node | undefined): string;
}

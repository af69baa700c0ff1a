/** What a body says at its top. */
import type { Node } from "../tree/ast.ts";

export function saysStrict(body: readonly Node[]): boolean {
  return body.some((s) => s.directive === "use strict");
}

const takesOut = /^use (?:server|cache|workflow|step)\b/;

/** What a function says at its top to a tool that takes it out of the functions around it: React's and Next.js's, Workflow's. */
export function takenOutBy(body: Node): string | undefined {
  return (body.body as Node[]).find(({ directive }) => takesOut.test(String(directive)))?.directive as
    | string
    | undefined;
}

/** How tightly each expression binds, for parentheses. */
import type { Node } from "../tree/ast.ts";

export const precedence: Record<string, number> = {
  "??": 1,
  "||": 2,
  "&&": 3,
  "|": 4,
  "^": 5,
  "&": 6,
  "==": 7,
  "!=": 7,
  "===": 7,
  "!==": 7,
  "<": 8,
  ">": 8,
  "<=": 8,
  ">=": 8,
  instanceof: 8,
  in: 8,
  "<<": 9,
  ">>": 9,
  ">>>": 9,
  "+": 10,
  "-": 10,
  "*": 11,
  "/": 11,
  "%": 11,
  "**": 12,
};

export const COMMA: number = -2;
export const ASSIGN: number = -1;
export const CONDITIONAL: number = 0;
export const UNARY: number = 13;
export const POSTFIX: number = 14;
export const CALL: number = 15;
export const PRIMARY: number = 17;

export function rank(e: Node): number {
  switch (e.type) {
    case "SequenceExpression":
      return COMMA;
    case "AssignmentExpression":
    case "ArrowFunctionExpression":
    case "YieldExpression":
      return ASSIGN;
    case "ConditionalExpression":
      return CONDITIONAL;
    case "BinaryExpression":
    case "LogicalExpression":
      return precedence[e.operator as string]!;
    case "UnaryExpression":
    case "AwaitExpression":
      return UNARY;
    case "UpdateExpression":
      return e.prefix ? UNARY : POSTFIX;
    case "CallExpression":
    case "NewExpression":
    case "ImportExpression":
    case "TaggedTemplateExpression":
    case "MemberExpression":
    case "$Helper":
    case "$Field":
      return CALL;
    default:
      return PRIMARY;
  }
}

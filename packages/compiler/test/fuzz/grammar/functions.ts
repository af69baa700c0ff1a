/** Functions, parameters, patterns, classes. */
import { print, rule, type Part } from "../tree.ts";
import type { Around, Scope } from "../scope.ts";
import { keys, read } from "./values.ts";
import { block } from "./statements.ts";

interface Form extends Partial<Around> {
  /** Exactly one parameter: a setter. */
  one?: boolean;
  /** Text at the start of the body. */
  first?: string;
  arrow?: boolean;
}

const fuel = "if (k.fuel-- <= 0) return;";

/** `head(params) { body }`; `head` is `function name`, a method's name, `get x`, …. */
export function functionText(p: Part, params: number, body: number, form: Form, head: string): string {
  const { one, first, arrow, ...around } = form;
  const outer = p.scope.around;
  const scope = p.scope.function(
    arrow === true
      ? {
          ...outer,
          async: false,
          ...around,
          generator: false,
          return: true,
        }
      : { self: false, ...around },
  );
  // A default cannot yield or await.
  const inHeader = scope.function({ ...scope.around, generator: false, async: false });
  const header = params < 0 ? [] : p.trees(params);
  // A default of an async function that throws would be a rejection nobody handles.
  const list = header.filter((t) => form.async !== true || t.rule === "paramName").map((t) => print(t, inHeader));
  if (list.length > 1 && p.odd(3, 5) && one !== true) {
    // A rest may be taken apart; it has no default.
    const last = list.at(-1)!.replace(/^([[{].*) = \[\]$/s, "$1");
    if (/^[[{]/.test(last) || !last.includes("=")) list.splice(-1, 1, `...${last}`);
  }
  scope.adopt(inHeader);
  scope.params.push(...list.map((text) => /^\.*(\w+)/.exec(text)?.[1] ?? "").filter((name) => name !== ""));
  const star = form.generator === true && head.startsWith("function") ? "*" : "";
  const isAsync = form.async === true && !/\basync\b/.test(head) ? "async " : "";
  const name = star === "" ? head : head.replace("function", "function*");
  const inside = block(p.trees(body), scope);
  // Whatever an async function does is logged by itself: nobody waits for its promise.
  const text =
    form.async === true
      ? `{ try { ${fuel}${inside} } catch (e) { k.e(${p.scope.id()}, e); } }`
      : `{ ${first ?? fuel}${inside} }`;
  if (arrow === true) return `${isAsync}(${list.join(", ")}) => ${text}`;
  return `${isAsync}${name}(${list.join(", ")}) ${text}`;
}

export const plainFunction: Partial<Around> = { self: false, args: true, target: true };

rule(
  "param",
  "paramName",
  6,
  [],
  (p) => `${p.scope.declare("n", p.tree.n[0]!, { unique: true }).name}${p.odd(1, 6) ? ": any" : ""}`,
);
rule("paramOne", "paramSet", 1, [], (p) => p.scope.declare("n", p.tree.n[0]!, { unique: true }).name);
rule("param", "paramDefault", 3, ["any"], (p) => {
  // Its own default may see it, and so may closures in there.
  const v = p.scope.declare("n", p.tree.n[0]!, { unique: true, later: true });
  const value = p.one(0);
  v.later = false;
  return `${v.name} = ${value}`;
});
rule("param", "paramPattern", 2, ["pattern"], (p) => `${p.one(0)} = []`);

rule("pattern", "patternName", 6, [], (p) => p.scope.declare("n", p.tree.n[0]!, { unique: true }).name);
rule("pattern", "patternArray", 2, ["element 0 3"], (p) => {
  const list = p.all(0);
  if (list.length > 0 && p.odd(1, 4) && !list.at(-1)!.includes("=")) list.push(`...${list.pop()!}`);
  if (p.odd(2, 4)) list.unshift("");
  return `[${list.join(", ")}]`;
});
rule("pattern", "patternObject", 2, ["element 0 2", "e 0 1"], (p) => {
  const key = p.trees(1).length > 0 ? p.one(1) : "";
  const list = p
    .all(0)
    .map((e, i) => (i === 0 && key !== "" ? `[${key}]: ${e}` : `${keys[(i + p.n(0, 4)) % 4]}: ${e}`));
  if (p.odd(2, 3)) list.push(`...${p.scope.declare("o", 0, { unique: true }).name}`);
  return `{ ${list.join(", ")} }`;
});
rule("element", "elementPlain", 3, ["pattern"], (p) => p.one(0));
rule("element", "elementDefault", 3, ["any", "pattern"], (p) => {
  const value = p.one(0);
  return `${p.one(1)} = ${value}`;
});

rule("f", "function", 8, [], (p) => read(p, "f", "k.t"));
rule("f", "arrow", 8, ["param 0 2", "s 0 4"], (p) => `(${functionText(p, 0, 1, { arrow: true }, "")})`);
rule("f", "arrowValue", 5, ["param 0 2", "any"], (p) => {
  const scope = arrowScope(p.scope);
  const list = p.all(0, scope);
  return `((${list.join(", ")}) => k.fuel-- <= 0 ? 0 : ${p.one(1, scope)})`;
});
rule(
  "f",
  "functionExpression",
  4,
  ["param 0 2", "s 0 4"],
  (p) => `(${functionText(p, 0, 1, plainFunction, "function")})`,
);
rule("f", "functionNamed", 2, ["param 0 2", "s 0 4"], (p) => {
  const name = p.scope.fresh("f");
  return `(${functionText(p, 0, 1, plainFunction, `function ${name}`)})`;
});
rule(
  "f",
  "functionGenerator",
  1,
  ["param 0 2", "s 0 4"],
  (p) => `(${functionText(p, 0, 1, { ...plainFunction, generator: true }, "function")})`,
);
rule(
  "f",
  "functionAsync",
  1,
  ["param 0 2", "s 0 4"],
  (p) => `(${functionText(p, 0, 1, { ...plainFunction, async: true }, "function")})`,
);
rule(
  "f",
  "arrowAsync",
  1,
  ["param 0 2", "s 0 4"],
  (p) => `(${functionText(p, 0, 1, { arrow: true, async: true }, "")})`,
);
rule("f", "functionMethod", 1, ["o"], (p) => `${p.one(0)}.m`);
rule("f", "functionBound", 1, ["f", "any"], (p) => `(${p.one(0)}).bind(${p.one(1)}, 1)`);
rule("f", "functionLog", 2, ["f"], (p) => `k.t(${p.scope.id()}, ${p.one(0)})`);

function arrowScope(scope: Scope): Scope {
  const { around } = scope;
  return scope.function({ ...around, generator: false, async: false, parent: around.parent });
}

rule("c", "class", 6, [], (p) => read(p, "c", "k.Base"));
rule("c", "classExpression", 4, ["c 0 1", "member 0 5"], (p) => `(${classText(p, "")})`);
rule("c", "classLog", 1, ["c"], (p) => `k.t(${p.scope.id()}, ${p.one(0)})`);

/** A class: slots are its parent and its members. */
export function classText(p: Part, name: string): string {
  const derived = p.trees(0).length > 0;
  const heritage = derived ? ` extends (${p.one(0)})` : "";
  const privates = p
    .trees(1)
    .filter((t) => t.rule.startsWith("private"))
    .map((t, i) => [t, `#p${p.scope.counter.name}_${i}`] as const);
  p.scope.counter.name++;
  const scope = p.scope.block({
    privates: [...p.scope.privates, ...privates.map(([, name]) => name)],
    sloppy: false,
  });
  scope.naming = new Map(privates);
  scope.derived = derived;
  let constructors = 0;
  const members = p.trees(1).filter((t) => t.rule !== "constructor" || ++constructors === 1);
  const text = members.map((t) => print(t, scope)).join("\n  ");
  return `class${name === "" ? "" : ` ${name}`}${heritage} {\n  ${text}\n}`;
}

const inClass: Partial<Around> = { self: true, args: true, target: true, parent: true };
const inField: Partial<Around> = { self: true, args: false, target: false, return: false, parent: true };

rule("member", "memberMethod", 6, ["param 0 2", "s 0 4"], (p) =>
  functionText(p, 0, 1, inClass, `${isStatic(p)}${p.pick(1, ["m", "m", "b"])}`),
);
rule("member", "memberComputed", 1, ["e", "param 0 2", "s 0 3"], (p) =>
  functionText(p, 1, 2, inClass, `${isStatic(p)}[${p.one(0)}]`),
);
rule("member", "memberGet", 2, ["s 0 3"], (p) =>
  functionText(p, -1, 0, inClass, `${isStatic(p)}get ${p.pick(1, keys)}`),
);
rule("member", "memberSet", 2, ["paramOne", "s 0 3"], (p) =>
  functionText(p, 0, 1, { ...inClass, one: true }, `${isStatic(p)}set ${p.pick(1, keys)}`),
);
rule("member", "memberGenerator", 1, ["s 0 3"], (p) =>
  functionText(p, -1, 0, { ...inClass, generator: true }, `${isStatic(p)}*[Symbol.iterator]`),
);
rule("member", "memberAsync", 1, ["s 0 3"], (p) =>
  functionText(p, -1, 0, { ...inClass, async: true }, `${isStatic(p)}async m`),
);
rule(
  "member",
  "field",
  4,
  ["any"],
  (p) => `${isStatic(p)}${p.pick(1, keys)} = ${p.one(0, p.scope.function(inField))};`,
);
rule(
  "member",
  "fieldComputed",
  1,
  ["e", "e"],
  (p) => `${isStatic(p)}["f" + (${p.one(0)})] = ${p.one(1, p.scope.function(inField))};`,
);
rule("member", "staticBlock", 1, ["s 0 3"], (p) => `static {${block(p.trees(0), p.scope.function(inField))}}`);
rule(
  "member",
  "privateField",
  3,
  ["any"],
  (p) => `${p.scope.naming.get(p.tree)!} = ${p.one(0, p.scope.function(inField))};`,
);
rule("member", "privateMethod", 2, ["param 0 1", "s 0 3"], (p) =>
  functionText(p, 0, 1, inClass, p.scope.naming.get(p.tree)!),
);
rule("member", "privateGet", 1, ["s 0 3"], (p) =>
  functionText(p, -1, 0, inClass, `get ${p.scope.naming.get(p.tree)!}`),
);
rule("member", "constructor", 4, ["param 0 2", "s 0 2", "arg 0 2", "s 0 4"], (p) => {
  if (!p.scope.derived) return functionText(p, 0, 3, inClass, "constructor");
  // Nothing before super() uses `this`, most of the time.
  // The engine leaves out what is spread to a parent without a constructor, depending on what else the class has.
  const given = p.one(2, p.scope.function({ ...inClass, self: false, parent: false })).replace(/^\.\.\./, "");
  const args = p.odd(0, 8) ? "this" : given;
  const first = `super(${args}); ${fuel}`;
  return functionText(p, 0, 3, { ...inClass, first }, "constructor");
});

function isStatic(p: Part): string {
  return p.odd(2, 4) ? "static " : "";
}

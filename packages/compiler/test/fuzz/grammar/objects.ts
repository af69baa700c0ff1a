/** Objects, arrays, iterables. */
import { rule, type Part } from "../tree.ts";
import { read, keys } from "./values.ts";
import { functionText } from "./functions.ts";

rule("any", "anyValue", 8, ["e"], (p) => p.one(0));
rule("any", "anyObject", 2, ["o"], (p) => p.one(0));
rule("any", "anyArray", 2, ["a"], (p) => p.one(0));
rule("any", "anyFunction", 1, ["f"], (p) => p.one(0));
rule("any", "anyCoerced", 2, ["e"], (p) => `k.co(${p.scope.id()}, ${p.one(0)})`);

rule("o", "object", 6, [], (p) => read(p, "o", `k.o(${p.scope.id()})`));
rule("o", "objectHost", 2, [], (p) => `k.o(${p.scope.id()})`);
rule("o", "objectLog", 3, ["o"], (p) => `k.t(${p.scope.id()}, ${p.one(0)})`);
rule("o", "objectPause", 2, ["o"], (p) => `k.p(${p.scope.id()}, ${p.one(0)})`);
rule("o", "objectNew", 3, ["c", "arg 0 2"], (p) => `new (${p.one(0)})(${p.one(1)})`);
rule("o", "objectThis", 1, [], (p) => (p.scope.around.self ? "this" : "k.o(0)"));
rule("o", "objectChosen", 1, ["e", "o", "o"], (p) => `(${p.one(0)} ? ${p.one(1)} : ${p.one(2)})`);
rule("o", "objectAssigned", 1, ["o"], (p) => {
  const v = p.scope.find("o", p.tree.n[0]!);
  return v === undefined || v.constant ? p.one(0) : `(${v.name} ${p.pick(1, ["=", "??=", "||="])} ${p.one(0)})`;
});
rule(
  "o",
  "objectOfGenerator",
  1,
  ["param 0 1", "s 0 3"],
  (p) => `${functionText(p, 0, 1, { generator: true }, "function")}()`,
);
rule("o", "literalObject", 6, ["prop 0 4"], (p) => `({ ${p.one(0)} })`);

rule("prop", "propValue", 6, ["any"], (p) => `${p.pick(0, keys)}: ${p.one(0)}`);
rule("prop", "propComputed", 3, ["e", "any"], (p) => `[${p.one(0)}]: ${p.one(1)}`);
rule("prop", "propSpread", 2, ["any"], (p) => `...(${p.one(0)})`);
rule("prop", "propProto", 1, ["o"], (p) => `[${JSON.stringify("a")}]: 1, ...{ __proto__: ${p.one(0)} }`);
rule("prop", "propShorthand", 1, [], (p) => read(p, "n", "a: 1"));
rule("prop", "propMethod", 4, ["param 0 2", "s 0 3"], (p) => functionText(p, 0, 1, method, p.pick(2, ["m", "m", "a"])));
rule("prop", "propMethodComputed", 1, ["e", "param 0 2", "s 0 3"], (p) =>
  functionText(p, 1, 2, method, `[${p.one(0)}]`),
);
rule("prop", "propGet", 2, ["s 0 3"], (p) => functionText(p, -1, 0, method, `get ${p.pick(2, keys)}`));
rule("prop", "propSet", 2, ["paramOne", "s 0 3"], (p) =>
  functionText(p, 0, 1, { ...method, one: true }, `set ${p.pick(2, keys)}`),
);
rule("prop", "propGenerator", 1, ["param 0 1", "s 0 3"], (p) =>
  functionText(p, 0, 1, { ...method, generator: true }, "*m"),
);
rule("prop", "propIterator", 2, ["s 0 3"], (p) =>
  functionText(p, -1, 0, { ...method, generator: true }, "*[Symbol.iterator]"),
);
rule("prop", "propAsync", 1, ["s 0 3"], (p) => functionText(p, -1, 0, { ...method, async: true }, "async m"));
rule("prop", "propPrimitive", 1, ["s 0 3"], (p) =>
  functionText(p, -1, 0, method, p.pick(2, ["[Symbol.toPrimitive]", "valueOf", "toString"])),
);
rule("prop", "propDispose", 1, ["s 0 3"], (p) => functionText(p, -1, 0, method, "[Symbol.dispose]"));

const method = { self: true, args: true, target: true, parent: true };

rule("a", "arrayEmpty", 1, [], () => "[]");
rule("a", "array", 6, [], (p) => read(p, "a", "[1, 2]"));
rule("a", "literalArray", 7, ["item 0 4"], (p) => `[${p.one(0)}]`);
rule("item", "itemValue", 8, ["any"], (p) => p.one(0));
rule("item", "itemSpread", 3, ["i"], (p) => `...${p.one(0)}`);
rule("item", "itemHole", 1, [], () => "");
rule("a", "arrayLog", 2, ["a"], (p) => `k.t(${p.scope.id()}, ${p.one(0)})`);
rule("a", "arrayPause", 2, ["a"], (p) => `k.p(${p.scope.id()}, ${p.one(0)})`);
rule("a", "arrayMap", 3, ["a", "f"], (p) => `${p.one(0)}.${p.pick(0, ["map", "filter", "flatMap"])}(${p.one(1)})`);
rule("a", "arraySort", 1, ["a", "f"], (p) => `k.few(${p.one(0)}).sort(${p.one(1)})`);
rule("a", "arrayFrom", 1, ["i", "f"], (p) => `Array.from(${p.one(0)}, ${p.one(1)})`);
rule("a", "arrayKeys", 1, ["o"], (p) => `Object.${p.pick(0, ["keys", "values"])}(${p.one(0)})`);

rule("i", "iterableWord", 1, [], () => `"xy"`);
rule("i", "iterableArray", 4, ["a"], (p) => p.one(0));
rule("i", "iterator", 6, [], (p) => iterator(p));
rule("i", "iterableSet", 1, ["a"], (p) => `new Set(${p.one(0)})`);
rule("i", "iterableMap", 1, ["any"], (p) => `new Map([[1, ${p.one(0)}], [2, 3]]).values()`);
rule("i", "iterableGenerator", 3, ["s 0 3"], (p) => `(${functionText(p, -1, 0, { generator: true }, "function")})()`);
rule("i", "iterableAny", 1, ["any"], (p) => `(${p.one(0)})`);

/** A hand-made iterator that logs `next` and `return`, and in some of its shapes fails. */
function iterator(p: Part): string {
  return `k.it(${p.scope.id()}, ${p.n(0, 4)}, ${p.n(1, 10)})`;
}

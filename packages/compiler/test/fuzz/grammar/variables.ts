/**
 * `var`s and functions in every place they are hoisted from: seen before they are written, declared again by heads of loops and in handlers,
 * beside functions of their name. And methods that are called like the engine's.
 */
import { rule, type Part } from "../tree.ts";
import { functionText, plainFunction } from "./functions.ts";
import { block } from "./statements.ts";
import { read } from "./values.ts";

/** Declared by the program itself, and by whichever function says `var`. */
const names = ["w0", "w1"];
/** Never a `var` but of the program: functions in blocks are called so. */
const functions = ["h0", "h1"];

/** Stands at the head of the program. */
export const hoisted: string = `var ${names.join(" = 1, ")}, ${functions.join(" = k.t, ")}, async = 2;`;

rule("e", "varRead", 5, [], (p) => p.pick(0, names));
rule(
  "e",
  "varWrite",
  4,
  ["e"],
  (p) => `(${p.pick(0, names)} ${p.pick(1, ["=", "=", "+=", "??=", "&&="])} ${p.one(0)})`,
);
rule("e", "varUpdate", 2, [], (p) => p.pick(1, ["++", "--"]) + p.pick(0, names));
rule("target", "targetVar", 2, [], (p) => p.pick(0, names));
rule("s", "varOwn", 6, ["any"], (p) => `var ${p.pick(0, names)} = ${p.one(0)};`);
rule("s", "varBare", 1, [], (p) => `var ${p.pick(0, names)};`);
rule("s", "varPattern", 2, ["o", "e"], (p) => {
  const [a, b] = p.odd(0, 2) ? names : names.toReversed();
  return `var { a: ${a}, b: ${b} = ${p.one(1)} } = ${p.one(0)};`;
});
rule("s", "keepVar", 4, ["e"], (p) => {
  const name = p.pick(0, names);
  return `k.kept.push(${p.odd(1, 2) ? `() => ${name}` : `() => (${name} = [${name}].length)`});`;
});

/** The name of a `var`: one of its own, or a parameter's. */
function again(p: Part): string {
  const { params } = p.scope;
  return p.pick(0, [...names, ...params]);
}
rule("s", "forAgain", 4, ["i", "any", "s 0 4"], (p) => {
  const name = again(p);
  const over = p.pick(1, [`of ${p.one(0)}`, `of k.upTo(${p.one(0)})`, `in ${p.one(1)}`]);
  const head = p.n(1, 3) === 1 ? `[${name}]` : name;
  const scope = p.scope.block({ breakable: true, loop: true });
  return `for (var ${head} ${over}) { if (k.fuel-- <= 0) break; {${block(p.trees(2), scope.block())}} }`;
});
rule("s", "forCount", 2, ["s 0 4", "e"], (p) => {
  const name = p.pick(0, names);
  const scope = p.scope.block({ breakable: true, loop: true });
  const [first, step] = [p.one(1, p.scope), p.odd(1, 2) ? `k.kept.push(() => ${name}), ` : ""];
  return `for (var ${name} = ${first}, n = 0; n < 3 && k.fuel-- > 0; ${step}n++) {${block(p.trees(0), scope.block())}}`;
});
rule("s", "catchAgain", 2, ["s 0 3", "e", "s 0 3", "e"], (p) => {
  const name = p.pick(0, names);
  const early = p.odd(1, 2) ? `k.kept.push(() => ${name});` : "";
  const body = block(p.trees(2), p.scope.block());
  return `try {${block(p.trees(0), p.scope.block())} throw ${p.one(1)}; } catch (${name}) { ${early} var ${name} = ${p.one(3)}; {${body}} k.t(${p.scope.id()}, ${name}); }`;
});

/** One that its block declares, and in sloppy code the function around as well. */
rule("s", "functionHoisted", 3, ["param 0 1", "s 0 4"], (p) =>
  functionText(p, 0, 1, plainFunction, `function ${p.scope.only(functions[p.n(0, 2)]!)}`),
);
rule("f", "functionRead", 3, [], (p) => p.pick(0, functions));

/** Functions of one name in several blocks, and beside a `var`. */
rule("s", "functionsBeside", 2, ["any", "s 0 3", "s 0 3", "e"], (p) => {
  const name = p.scope.fresh("h");
  const [one, other] = [1, 2].map((slot) => functionText(p, -1, slot, plainFunction, `function ${name}`));
  const value = p.one(3);
  const test = p.one(0);
  const late = p.pick(0, [`else { var ${name} = ${value}; }`, `else { ${other} }`, "", `var ${name};`]);
  return `k.kept.push(() => typeof ${name}); if (${test}) { ${one} } ${late} k.t(${p.scope.id()}, typeof ${name});`;
});

const methods = ["map", "forEach", "filter", "reduce", "sort", "some", "find", "replace", "from", "run"];
rule("e", "callNamed", 5, ["f", "f", "any 0 1", "o"], (p) => {
  const name = p.pick(0, methods);
  const before = name === "replace" || name === "from" || name === "run" ? `${read(p, "n", "1")}, ` : "";
  const args = before + [p.one(1), ...p.all(2)].join(", ");
  const own = p.one(0);
  const object = p.pick(1, [
    `({ ${name}: ${own} })`,
    `({ get ${name}() { k.s = 1; return ${own}; } })`,
    `({ ${name}(f, g) { k.t(${p.scope.id()}, typeof f); return (${own})(g); } })`,
    `new (class { constructor(f) { this.${name} = f; } })(${own})`,
    `Object.assign(${p.one(3)}, { ${name}: ${own} })`,
    `({ ${name}: Array.prototype.${name === "map" ? "filter" : "map"}, length: 1, 0: ${own} })`,
  ]);
  return p.pick(2, [`${object}.${name}(${args})`, `${object}?.${name}(${args})`, `${object}["${name}"]?.(${args})`]);
});

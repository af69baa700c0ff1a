/** Expressions that give a primitive, more or less. Kinds: "e" primitive, "o" object, "a" array, "f" function, "i" iterable, "c" class, "any". */
import { rule, type Part } from "../tree.ts";
import type { Sort, Variable } from "../scope.ts";

/** Reads a variable of the sort, or stands in for it. */
export function read(p: Part, sort: Sort, otherwise: string): string {
  return p.scope.find(sort, p.tree.n[0]!)?.name ?? otherwise;
}

/** A variable to write to; a constant only once in a while. */
function written(p: Part, sort: Sort): Variable | undefined {
  const v = p.scope.find(sort, p.tree.n[0]!);
  return v === undefined || (v.constant && !p.odd(3, 16)) ? undefined : v;
}

export const keys = ["a", "b", "c", "m"];
const operators = [
  "+",
  "-",
  "*",
  "%",
  "===",
  "<",
  ">=",
  "==",
  "!=",
  "&",
  "|",
  "^",
  "<<",
  ">>>",
  "/",
  "**",
  "in",
  "instanceof",
];
const compound = ["+=", "-=", "*=", "||=", "&&=", "??=", "|=", "**=", ">>="];
const literals = [
  "0",
  "1",
  "2",
  "-1",
  "''",
  "'x'",
  "true",
  "false",
  "null",
  "undefined",
  "NaN",
  "7",
  "'a'",
  "2n",
  "1.5",
  "'b'",
];

rule("e", "literal", 6, [], (p) => p.pick(0, literals));
rule("e", "variable", 10, [], (p) => read(p, "n", p.pick(0, literals)));
rule("e", "log", 14, ["any"], (p) => `k.t(${p.scope.id()}, ${p.one(0)})`);
rule("e", "logSet", 2, ["e"], (p) => `(k.s = ${p.one(0)})`);
rule("e", "pause", 5, ["e"], (p) => `k.p(${p.scope.id()}, ${p.one(0)})`);
rule("e", "throwAt", 2, ["e"], (p) => `k.x(${p.scope.id()}, ${1 + p.n(0, 4)}, ${p.one(0)})`);
rule("e", "binary", 12, ["e", "e"], (p) => `(${p.one(0)} ${p.pick(0, operators.slice(0, 15))} ${p.one(1)})`);
rule("e", "power", 1, ["e", "e"], (p) => `((${p.one(0)}) ** (${p.one(1)}))`);
rule("e", "coerced", 4, ["any", "any"], (p) => `((${p.one(0)}) ${p.pick(0, operators.slice(0, 14))} (${p.one(1)}))`);
rule("e", "in", 2, ["e", "o"], (p) => `((${p.one(0)}) in ${p.one(1)})`);
rule("e", "instanceof", 2, ["any", "c"], (p) => `((${p.one(0)}) instanceof ${p.one(1)})`);
rule("e", "logical", 6, ["any", "any"], (p) => {
  const op = p.pick(0, ["&&", "||", "??"]);
  return `((${p.one(0)}) ${op} (${p.one(1)}))`;
});
rule("e", "conditional", 5, ["any", "e", "e"], (p) => `((${p.one(0)}) ? ${p.one(1)} : ${p.one(2)})`);
rule("e", "comma", 3, ["any", "e"], (p) => `(${p.one(0)}, ${p.one(1)})`);
rule("e", "unary", 4, ["any"], (p) => `(${p.pick(0, ["-", "!", "typeof ", "void ", "~", "+"])}(${p.one(0)}))`);
// Node.js's own stripping of types takes `async satisfies` for the beginning of an arrow function.
rule("e", "typed", 2, ["e"], (p) =>
  p.pick(0, [`(${p.one(0)} as any)`, `(${p.one(0)})!`, `((${p.one(0)}) satisfies unknown)`]),
);

rule("e", "assign", 6, ["e"], (p) => {
  const v = written(p, "n");
  return v === undefined ? p.one(0) : `(${v.name} = ${p.one(0)})`;
});
rule("e", "assignCompound", 6, ["e"], (p) => {
  const v = written(p, "n");
  return v === undefined ? p.one(0) : `(${v.name} ${p.pick(1, compound)} ${p.one(0)})`;
});
rule("e", "update", 4, [], (p) => {
  const v = written(p, "n");
  if (v === undefined) return "3";
  return p.pick(1, [`${v.name}++`, `++${v.name}`, `${v.name}--`, `--${v.name}`]);
});

/** `o.a` or `o[key]`. */
function place(p: Part, object: string, key: number): string {
  if (p.n(1, 3) > 0 || p.trees(key).length === 0) return `${object}.${p.pick(0, keys)}`;
  return `${object}[${p.one(key)}]`;
}
rule("e", "member", 6, ["o", "any 0 1"], (p) => `(${place(p, p.one(0), 1)})`);
rule("e", "memberOf", 1, ["any", "any 0 1"], (p) => `(${place(p, `(${p.one(0)})`, 1)})`);
rule("e", "assignMember", 4, ["o", "any 0 1", "e"], (p) => `(${place(p, p.one(0), 1)} = ${p.one(2)})`);
rule(
  "e",
  "compoundMember",
  5,
  ["o", "any 0 1", "e"],
  (p) => `(${place(p, p.one(0), 1)} ${p.pick(2, compound)} ${p.one(2)})`,
);
rule("e", "updateMember", 3, ["o", "any 0 1"], (p) => {
  const it = place(p, p.one(0), 1);
  return p.pick(2, [`(${it}++)`, `(--${it})`]);
});
rule("e", "delete", 2, ["o", "any 0 1"], (p) => `(delete ${place(p, p.one(0), 1)})`);
rule("e", "deleteChain", 1, ["any", "e"], (p) => `(delete (${p.one(0)})?.[${p.one(1)}])`);
rule("e", "index", 3, ["a", "e"], (p) => `${p.one(0)}[${p.one(1)}]`);
rule(
  "e",
  "assignIndex",
  2,
  ["a", "e", "e"],
  (p) => `(${p.one(0)}[${p.one(1)}] ${p.pick(0, ["=", "+=", "??="])} ${p.one(2)})`,
);
rule("e", "length", 2, ["a"], (p) => `${p.one(0)}.length`);

rule("arg", "argument", 8, ["any"], (p) => p.one(0));
rule("arg", "argumentSpread", 2, ["i"], (p) => `...${p.one(0)}`);
rule("e", "call", 12, ["f", "arg 0 3"], (p) => `${p.one(0)}(${p.one(1)})`);
rule("e", "callMethod", 8, ["o", "arg 0 3"], (p) => `${p.one(0)}.m(${p.one(1)})`);
rule("e", "callComputed", 3, ["o", "e", "arg 0 3"], (p) => `${p.one(0)}[${p.one(1)}](${p.one(2)})`);
rule("e", "callAny", 1, ["any", "arg 0 2"], (p) => `(${p.one(0)})(${p.one(1)})`);
rule("e", "callApart", 2, ["o", "arg 0 2"], (p) => `(${p.pick(0, ["", "0, "])}${p.one(0)}.m)(${p.one(1)})`);
rule("e", "chainEnd", 1, ["any", "arg 0 2"], (p) => `((${p.one(0)})?.m)(${p.one(1)})`);
rule("link", "linkName", 3, [], (p) => `${p.pick(1, ["?.", "."])}${p.pick(0, keys)}`);
rule("link", "linkComputed", 2, ["e"], (p) => `${p.pick(1, ["?.", ""])}[${p.one(0)}]`);
rule("link", "linkCall", 2, ["arg 0 2"], (p) => `${p.pick(1, ["?.", ""])}(${p.one(0)})`);
rule("link", "linkMethod", 4, ["arg 0 2"], (p) => `${p.pick(1, ["?.", "."])}m${p.pick(2, ["", "?."])}(${p.one(0)})`);
rule("e", "chain", 6, ["any", "link 0 3"], (p) => `((${p.one(0)})?.${p.pick(0, keys)}${p.all(1).join("")})`);
rule("e", "callConstruct", 1, ["c", "arg 0 2", "c 0 1"], (p) => {
  const target = p.trees(2).length > 0 ? `, (${p.one(2)})` : "";
  return `Reflect.construct((${p.one(0)}), [${p.one(1)}]${target})`;
});
rule("e", "callNew", 2, ["c", "arg 0 2"], (p) => `new (${p.one(0)})(${p.one(1)})`);

/** Text of a template literal's parts: `a${x}b${y}`. */
function template(p: Part, slot: number): string {
  return `\`${p
    .all(slot)
    .map((e, i) => `${["p", "q\\n"][i] ?? ""}\${${e}}`)
    .join("")}z\``;
}
rule("e", "template", 4, ["any 0 3"], (p) => template(p, 0));
rule("e", "tagged", 3, ["any 0 3"], (p) => `k.tag${template(p, 0)}`);
rule("e", "taggedBy", 2, ["f", "any 0 2"], (p) => `(${p.one(0)})${template(p, 1)}`);
rule("e", "taggedMember", 1, ["o", "any 0 2"], (p) => `${p.one(0)}.m${template(p, 1)}`);

rule("e", "this", 2, [], (p) => (p.scope.around.self ? `this.${p.pick(0, keys)}` : "4"));
rule("e", "newTarget", 1, [], (p) => (p.scope.around.target ? "(new.target === undefined)" : "5"));
rule("e", "arguments", 3, [], (p) =>
  p.scope.around.args ? p.pick(0, ["arguments[0]", "arguments.length", "arguments[1]"]) : "6",
);
rule("e", "assignArguments", 1, ["e"], (p) =>
  p.scope.around.args ? `(arguments[${p.n(0, 2)}] = ${p.one(0)})` : p.one(0),
);
rule("e", "super", 2, ["arg 0 2"], (p) =>
  p.scope.around.parent ? p.pick(0, [`super.m?.(${p.one(0)})`, "super.a", `super["m"]?.(${p.one(0)})`]) : "8",
);
rule("e", "superAssign", 1, ["e"], (p) => (p.scope.around.parent ? `(super.b = ${p.one(0)})` : p.one(0)));
rule("e", "private", 3, ["e"], (p) => {
  const { privates, around } = p.scope;
  if (privates.length === 0 || !around.self) return p.one(0);
  const name = p.pick(0, privates);
  return p.pick(1, [
    `this.${name}`,
    `(this.${name} = ${p.one(0)})`,
    `(this.${name} += ${p.one(0)})`,
    `this.${name}++`,
    `(${name} in this)`,
    `this?.${name}`,
    `this.${name}?.(${p.one(0)})`,
  ]);
});

rule("e", "yield", 4, ["any"], (p) => (p.scope.around.generator ? `(yield ${p.one(0)})` : p.one(0)));
rule("e", "yieldAll", 2, ["i"], (p) =>
  p.scope.around.generator ? `(yield* ${p.one(0)})` : `k.t(${p.scope.id()}, ${p.one(0)})`,
);
rule("e", "await", 4, ["any"], (p) => (p.scope.around.async ? `(await ${p.one(0)})` : p.one(0)));

rule("e", "reduce", 2, ["a", "f", "e"], (p) => `${p.one(0)}.reduce(${p.one(1)}, ${p.one(2)})`);
rule("e", "callOf", 2, ["a", "f"], (p) => {
  const [a, f] = [p.one(0), p.one(1)];
  return p.pick(0, [
    `Array.prototype.filter.call(${a}, ${f}).length`,
    `[].map.apply(${a}, [${f}]).length`,
    `Reflect.apply(Array.prototype.findLast, ${a}, [${f}])`,
    `Array.prototype.reduce.call(${a}, ${f}, 1)`,
  ]);
});
rule("e", "lazy", 3, ["a", "f", "f", "f"], (p) => {
  const [a, f, g, h] = [p.one(0), p.one(1), p.one(2), p.one(3)];
  return p.pick(0, [
    `[...${a}].values().map(${f}).filter(${g}).toArray().length`,
    `[...${a}].values().filter(${f}).map(${g}).reduce(${h}, 0)`,
    `[...${a}].values().map(${f}).drop(1).take(2).some(${g})`,
    `[...${a}].values().flatMap((x) => [x, (${f})(x)]).find(${g})`,
  ]);
});
rule("e", "chainCall", 1, ["any", "arg 0 2"], (p) => `((${p.one(0)})?.m)?.(${p.one(1)})`);
rule("e", "replace", 1, ["f"], (p) => `"axbx".replace(/x/g, ${p.one(0)})`);
rule("e", "json", 2, ["any"], (p) => `JSON.stringify(k.plain(${p.one(0)}))`);
rule("e", "foreign", 3, ["f", "arg 0 2"], (p) => `k.call(${[p.one(0), ...p.all(1)].join(", ")})`);
rule("e", "callCall", 2, ["f", "any", "arg 0 2"], (p) => `(${p.one(0)}).call(${[p.one(1), ...p.all(2)].join(", ")})`);
rule("e", "callApply", 2, ["f", "any", "a"], (p) => `(${p.one(0)}).apply(${p.one(1)}, ${p.one(2)})`);
rule("e", "callReflect", 1, ["f", "any", "a"], (p) => `Reflect.apply(${p.one(0)}, ${p.one(1)}, ${p.one(2)})`);
rule(
  "e",
  "some",
  2,
  ["a", "f"],
  (p) => `${p.one(0)}.${p.pick(0, ["some", "find", "findIndex", "every"])}(${p.one(1)})`,
);
rule("e", "string", 1, ["any"], (p) => `String(${p.one(0)})`);

rule("target", "targetVariable", 6, [], (p) => written(p, "n")?.name ?? "k.sink");
rule("target", "targetMember", 3, ["o"], (p) => `${p.one(0)}.${p.pick(0, keys)}`);
rule("target", "targetComputed", 2, ["o", "e"], (p) => `${p.one(0)}[${p.one(1)}]`);
rule(
  "target",
  "targetArray",
  2,
  ["target 0 3", "e"],
  (p) =>
    `[${p
      .all(0)
      .map((t, i) => (i === 0 && p.odd(0, 3) ? `${t} = ${p.one(1)}` : t))
      .join(", ")}]`,
);
rule(
  "target",
  "targetObject",
  2,
  ["target", "e"],
  (p) => `{ ${p.pick(0, keys)}: ${p.one(0)}${p.odd(1, 3) ? "" : ` = ${p.one(1)}`} }`,
);
rule("e", "destructureArray", 3, ["target 0 3", "i"], (p) => {
  const targets = p.all(0);
  if (p.odd(1, 4) && targets.length > 0) targets.push(`...${targets.pop()!}`);
  if (p.odd(2, 4)) targets.unshift("");
  return `([${targets.join(", ")}] = ${p.one(1)})`;
});
rule("e", "destructureObject", 3, ["target 0 2", "any 0 1", "o"], (p) => {
  const places = p
    .all(0)
    .map((t, i) => (i === 0 && p.trees(1).length > 0 ? `[${p.one(1)}]: ${t}` : `${keys[(i + p.n(0, 4)) % 4]}: ${t}`));
  return `({ ${places.join(", ")} } = ${p.one(2)})`;
});

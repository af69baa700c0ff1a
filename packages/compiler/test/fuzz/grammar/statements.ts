/** Statements, and the program they make. */
import { print, rule, type Part, type Tree } from "../tree.ts";
import { Scope, type Around, type Sort, type Variable } from "../scope.ts";
import { classText, functionText, plainFunction } from "./functions.ts";
import { read } from "./values.ts";
import { hoisted } from "./variables.ts";

/** Statements whose name is known from the start of the block, with the sort of what they declare. */
const declaring: Readonly<Record<string, Sort>> = {
  letValue: "n",
  letObject: "o",
  letArray: "a",
  letFunction: "f",
  functionStatement: "f",
  classStatement: "c",
};

/** The statements of a block, in a scope of its own. */
export function block(trees: readonly Tree[], scope: Scope): string {
  for (const t of trees) {
    const sort = declaring[t.rule];
    if (sort === undefined) continue;
    const options = {
      constant: t.n[1]! % 3 === 2 && t.rule !== "functionStatement",
      later: t.rule !== "functionStatement",
    };
    scope.declared.set(t, scope.declare(sort, t.n[0]!, options));
  }
  const text = trees.map((t) => print(t, scope)).join("\n");
  return `\n${text}`.replaceAll("\n", "\n  ") + "\n";
}

/** The variable a statement of a block declares. */
function declared(p: Part): Variable {
  const known = p.scope.declared.get(p.tree);
  if (known !== undefined) return known;
  return p.scope.declare(declaring[p.tree.rule]!, p.tree.n[0]!, { later: true });
}

function braces(p: Part, slot: number, scope: Scope = p.scope.block()): string {
  return `{${block(p.trees(slot), scope)}}`;
}

function letStatement(p: Part): string {
  const v = declared(p);
  const value = p.one(0);
  v.later = false;
  return `${v.constant ? "const" : "let"} ${v.name}${p.odd(2, 8) ? ": any" : ""} = ${value};`;
}
rule("s", "empty", 1, [], () => ";");
rule("s", "logged", 6, [], (p) => `k.t(${p.scope.id()}, ${read(p, p.pick(1, ["n", "n", "o", "a"] as const), "0")});`);
rule("s", "expression", 16, ["any"], (p) => `k.t(${p.scope.id()}, ${p.one(0)});`);
rule("s", "bare", 6, ["e"], (p) => `(${p.one(0)});`);
rule("s", "letValue", 8, ["e"], letStatement);
rule("s", "letObject", 3, ["o"], letStatement);
rule("s", "letArray", 3, ["a"], letStatement);
rule("s", "letFunction", 4, ["f"], letStatement);
rule("s", "letPlain", 1, [], (p) => `let ${p.scope.declare("n", p.tree.n[0]!, { unique: true }).name};`);
rule("s", "letPattern", 4, ["pattern", "i"], (p) => {
  const value = p.one(1);
  const pattern = p.one(0);
  return `${p.pick(0, ["let", "const", "var"])} ${pattern.startsWith("{") || pattern.startsWith("[") ? pattern : `[${pattern}]`} = ${value};`;
});
rule("s", "varValue", 3, ["e"], (p) => {
  const value = p.one(0);
  return `var ${p.scope.declare("n", 0, { unique: true }).name} = ${value};`;
});
/** A `var` called like a parameter is that parameter, as long as all are plain. */
rule("s", "varAgain", 2, ["e"], (p) => {
  const value = p.one(0);
  const { params } = p.scope;
  return params.length === 0 ? `void (${value});` : `var ${params[p.n(1, params.length)]!} = ${value};`;
});
rule("s", "using", 2, ["e"], (p) => {
  const disposable = `k.d(${p.scope.id()}, ${p.one(0)}, ${p.n(1, 4)})`;
  // What has no method is refused.
  const value = p.odd(0, 8) ? "null" : p.odd(2, 12) ? p.one(0) : disposable;
  return `${p.scope.inCase ? "const" : "using"} ${p.scope.declare("o", 0, { unique: true, constant: true }).name} = ${value};`;
});

rule("s", "functionStatement", 6, ["param 0 2", "s 0 5"], (p) =>
  functionText(p, 0, 1, plainFunction, `function ${declared(p).name}`),
);
rule("s", "generatorStatement", 1, ["param 0 1", "s 0 5"], (p) => {
  const name = p.scope.fresh("g");
  const text = functionText(p, 0, 1, { ...plainFunction, generator: true }, `function ${name}`);
  return `${text}\nfor (const x of ${name}()) { if (k.fuel-- <= 0) break; k.t(${p.scope.id()}, x); }`;
});
rule("s", "classStatement", 3, ["c 0 1", "member 0 5"], (p) => {
  const v = declared(p);
  const text = classText(p, v.name);
  v.later = false;
  return text;
});

rule("s", "if", 6, ["any", "s 0 3", "s 0 2"], (p) => {
  const test = p.one(0);
  const yes = braces(p, 1);
  return `if (${test}) ${yes}${p.trees(2).length > 0 ? ` else ${braces(p, 2)}` : ""}`;
});
rule("s", "block", 2, ["s 0 4"], (p) => braces(p, 0));

/** A loop's body; the loop may have a label. */
function loop(p: Part, slot: number, head: (scope: Scope) => string, tail: string = ""): string {
  const label = p.odd(3, 3) ? p.scope.fresh("l") : "";
  const labels = label === "" ? p.scope.labels : [...p.scope.labels, { name: label, loop: true }];
  const scope = p.scope.block({ labels, breakable: true, loop: true });
  const text = head(scope);
  return `${label === "" ? "" : `${label}: `}${text} {${block(p.trees(slot), scope.block())}}${tail}`;
}
rule("s", "for", 5, ["e", "any 0 1", "s 0 5"], (p) =>
  loop(p, 2, (scope) => {
    const value = p.one(0, p.scope);
    const i = scope.declare("n", p.tree.n[0]!, { unique: true }).name;
    const n = p.n(1, 4);
    const test = p.trees(1).length > 0 ? `, ${p.one(1, scope)}` : "";
    return p.pick(2, [
      `for (let ${i} = 0; ${i} < ${n} && k.fuel-- > 0; ${i}++${test})`,
      `for (let ${i} = ${n}, y = ${value}; k.fuel-- > 0 && ${i}-- > 0;)`,
      `for (let ${i} = 0${test}; k.go(${p.scope.id()}) && ${i} <= ${n}; ${i} += k.t(${p.scope.id()}, 1))`.replace(
        test,
        "",
      ),
      `for (var v${scope.id()} = ${n}; v${scope.counter.id}-- > 0 && k.fuel-- > 0;)`,
    ]);
  }),
);
rule("s", "while", 3, ["any", "s 0 5"], (p) =>
  loop(p, 1, (scope) => `while (k.fuel-- > 0 && k.few(${p.scope.id()}) && (${p.one(0, scope)}))`),
);
rule("s", "doWhile", 2, ["any", "s 0 5"], (p) => {
  const test = p.one(0);
  return loop(p, 1, () => "do", ` while (k.fuel-- > 0 && k.few(${p.scope.id()}) && (${test}));`);
});
rule("s", "forOf", 6, ["i", "element 0 1", "target 0 1", "s 0 5"], (p) => {
  const over = p.one(0);
  return loop(p, 3, (scope) => {
    const kind = p.pick(0, ["const", "let", "var"]);
    if (p.trees(1).length > 0) {
      const pattern = p.one(1, scope);
      return `for (${kind} ${/^[[{]/.test(pattern) && !pattern.includes(" = ") ? pattern : `[${pattern}]`} of k.upTo(${over}))`;
    }
    if (p.trees(2).length > 0) return `for (${p.one(2, scope)} of ${over})`;
    return `for (${kind} ${scope.declare("n", p.tree.n[0]!, { unique: true }).name} of ${over})`;
  });
});
rule("s", "forUsing", 1, ["e", "s 0 4"], (p) => {
  const disposable = `k.d(${p.scope.id()}, ${p.one(0)}, ${p.n(1, 4)})`;
  return loop(p, 1, (scope) => {
    const { name } = scope.declare("o", 0, { unique: true, constant: true });
    return `for (using ${name} of [${disposable}, null, ${disposable}])`;
  });
});
rule("s", "forIn", 3, ["any", "s 0 4"], (p) => {
  const over = p.one(0);
  return loop(
    p,
    1,
    (scope) =>
      `for (${p.pick(0, ["const", "let"])} ${scope.declare("n", p.tree.n[0]!, { unique: true }).name} in ${over})`,
  );
});
rule("s", "labelled", 2, ["s 0 4"], (p) => {
  const name = p.scope.fresh("l");
  const scope = p.scope.block({ labels: [...p.scope.labels, { name, loop: false }] });
  return `${name}: {${block(p.trees(0), scope)}}`;
});
rule("s", "jump", 6, ["any"], (p) => {
  const { breakable, labels, loop: inLoop } = p.scope;
  const ways: string[] = [];
  if (breakable) ways.push("break;");
  if (inLoop) ways.push("continue;");
  for (const l of labels) ways.push(`break ${l.name};`, ...(l.loop ? [`continue ${l.name};`] : []));
  const way = ways.length === 0 ? ";" : p.pick(0, ways);
  return p.odd(1, 4) ? way : `if (${p.one(0)}) ${way}`;
});
rule("s", "return", 3, ["any"], (p) =>
  p.scope.around.return ? `return ${p.one(0)};` : `k.t(${p.scope.id()}, ${p.one(0)});`,
);
rule("s", "returnIf", 3, ["any", "any"], (p) => (p.scope.around.return ? `if (${p.one(0)}) return ${p.one(1)};` : ";"));
rule("s", "throw", 1, ["any"], (p) => `throw k.error(${p.scope.id()}, ${p.one(0)});`);
rule("s", "throwIf", 2, ["any", "any"], (p) => `if (${p.one(0)}) throw ${p.one(1)};`);

rule("case", "caseTest", 4, ["e", "s 0 3"], (p) => `case ${p.one(0)}:`);
rule("case", "caseDefault", 2, ["s 0 3"], () => "default:");
rule("s", "switch", 4, ["any", "case 0 5"], (p) => {
  const value = p.one(0);
  const scope = p.scope.block({ breakable: true, inCase: true });
  let defaults = 0;
  const cases = p.trees(1).filter((t) => t.rule !== "caseDefault" || ++defaults === 1);
  const parts = cases.map((t) => {
    // All cases share one scope.
    const head = print(t, scope);
    const body = block(t.slots.at(-1)!, scope);
    return `${head}${body}${t.n[0]! % 3 === 1 ? "break;" : ""}`;
  });
  return `switch (${value}) {\n${parts.join("\n")}}`;
});

rule("s", "try", 6, ["s 0 4", "s 0 3", "s 0 3"], (p) => {
  const body = braces(p, 0);
  const way = p.n(0, 3);
  let handler = "";
  if (way !== 2) {
    const scope = p.scope.block();
    const e = p.odd(1, 5) ? "" : `(${p.odd(2, 6) ? "{ name: e }" : "e"}) `;
    const log = e === "" ? "" : `k.e(${p.scope.id()}, e);`;
    handler = ` catch ${e}{ ${log}${block(p.trees(1), scope)}}`;
  }
  return `try ${body}${handler}${way === 0 ? "" : ` finally ${braces(p, 2)}`}`;
});
/** What a handler takes apart: a default may see what is not bound yet. */
rule("s", "catchPattern", 2, ["any", "any", "s 0 3"], (p) => {
  const scope = p.scope.block();
  const [a, b] = [scope.fresh("e"), scope.fresh("e")];
  const late = p.pick(0, ["1", a, b, `(() => ${b})`]);
  const thrown = p.one(0);
  return `try { throw { c: ${thrown} }; } catch ({ a: ${a} = ${late}, b: ${b} = ${p.one(1, scope)} }) { k.t(${p.scope.id()}, ${a}, ${b}); ${block(p.trees(2), scope)} k.kept.push(() => ${b}); }`;
});
/** The arrow function of a statement that keeps one. */
function kept(p: Part): Around {
  return { ...p.scope.around, generator: false, async: false, parent: false };
}
rule("s", "keep", 4, ["any"], (p) => `k.kept.push(() => ${p.one(0, p.scope.function(kept(p)))});`);
rule(
  "s",
  "write",
  3,
  ["e"],
  (p) => `k.kept.push(() => { ${read(p, "n", "k.sink")} = ${p.one(0, p.scope.function(kept(p)))}; });`,
);

/** One function of the program: what it throws ends it alone. */
rule("unit", "unit", 1, ["param 0 1", "s 0 9"], (p) =>
  functionText(p, 0, 1, plainFunction, `function ${p.scope.fresh("u")}`),
);

rule("program", "program", 1, ["s 0 4", "unit 1 4", "s 0 4"], (p) => program(p));

/**
 * `exports.main(k)` logs through k. The shared variables belong to `main`, where the compiler keeps them in boxes, or to
 * the module, where it does not. So does a block with a variable that a function which can suspend shares.
 */
function program(p: Part): string {
  const strict = p.odd(2, 3);
  const scope = new Scope({ sloppy: !strict });
  const state = block(
    p.trees(0).filter((t) => declaring[t.rule] !== undefined),
    scope,
  );
  const units = p.trees(1).map((t) => print(t, scope));
  const calls = units.map((text) => {
    const name = /^function (\w+)/.exec(text)![1]!;
    return `try { k.t("${name}", ${name}()); } catch (e) { k.e("${name}", e); }`;
  });
  const body = [
    ...calls,
    `for (const f of k.kept.slice(0, 20)) try { k.t("kept", f()); } catch (e) { k.e("kept", e); }`,
    `k.t("end", [${scope.variables.map((v) => v.name).join(", ")}]);`,
  ].join("\n");
  const inMain = p.n(0, 2) === 0;
  const around = scope.block();
  const own = around.fresh("z");
  const keep = `let ${own} = 1; k.kept.push(() => k.p(${scope.id()}, ${own}++));`;
  const top = `try { ${keep}${block(p.trees(2), around)} } catch (e) { k.e(${scope.id()}, e); }`;
  const apart = p.trees(2).length === 0 ? "" : `${top}\n`;
  const before = `${hoisted}\n${state}\n${units.join("\n")}\n${apart}`;
  return `${strict ? '"use strict";\n' : ""}${inMain ? "" : before}exports.main = function main() {\n${inMain ? before : ""}${body}\n};\n`;
}

/** Constructs in places where others leave them: generators that are ended from outside, jumps through everything, `super` and private names as targets. */
import { rule, type Part } from "../tree.ts";
import { keys } from "./values.ts";
import { block } from "./statements.ts";
import { functionText, plainFunction } from "./functions.ts";

/** A generator that is asked, and then ended or thrown into, from outside. */
rule("e", "drive", 4, ["s 0 4", "s 0 3", "any", "any"], (p) => {
  const scope = p.scope.function({ ...plainFunction, generator: true });
  const body = block(p.trees(0), scope);
  const end = p.odd(0, 2) ? ` finally {${block(p.trees(1), scope.block())}}` : " finally { k.s = 1; }";
  const [sent, last] = [p.one(2), p.one(3)];
  const how = p.pick(1, ["return", "throw", "next", "return"]);
  const id = p.scope.id();
  // What is handed in is not written in the arrow function, where no `yield` and no `await` may stand.
  return `((g, sent, last) => { k.t(${id}, g.next()); k.t(${id}, g.next(sent)); k.t(${id}, g.${how}(last)); return g.next().done; })((function* () { if (k.fuel-- <= 0) return; try { yield 1; ${body} }${end} })(), ${sent}, ${last})`;
});

/** An async generator, and who goes through it: to the end, or not. */
rule("s", "forAwait", 3, ["s 0 3", "s 0 2", "s 0 3", "any"], (p) => {
  const inside = p.scope.function({ self: false, args: false, target: false, async: true, return: false });
  const generator = p.scope.function({ self: false, args: true, target: true, async: true, generator: true });
  const id = p.scope.id();
  const name = p.scope.fresh("x");
  const leave = p.pick(0, ["", "break;", `throw ${p.one(3, inside)};`]);
  const yields = `yield k.t(${p.scope.id()}, 1); ${block(p.trees(0), generator.block())} yield 2;`;
  return `void (async () => { try { if (k.fuel-- <= 0) return; await k.over; for await (const ${name} of (async function* () { try { ${yields} } finally {${block(p.trees(1), generator.block())}} })()) { k.t(${id}, ${name}); {${block(p.trees(2), inside.block())}} ${leave} } } catch (e) { k.e(${id}, e); } })();`;
});

/** `continue` and `break` of a loop through `finally` in a `switch`; the `finally` may go another way. */
rule("s", "tangle", 4, ["any", "s 0 3", "s 0 2", "any", "s 0 2"], (p) => {
  const name = p.scope.fresh("l");
  const labels = [...p.scope.labels, { name, loop: true }];
  const scope = p.scope.block({ labels, breakable: true, loop: true });
  const [value, other] = [p.one(0, scope), p.one(3, scope)];
  const jumps = [
    `continue ${name};`,
    `break ${name};`,
    "break;",
    "continue;",
    p.scope.around.return ? "return 7;" : ";",
  ];
  const inCase = scope.block({ inCase: true });
  const body = block(p.trees(1), inCase.block());
  const ending = p.odd(2, 3) ? `if (${other}) ${p.pick(3, jumps)}` : "";
  const n = scope.fresh("i");
  return `${name}: for (let ${n} = 0; ${n} < 3 && k.fuel-- > 0; ${n}++) { switch (k.t(${p.scope.id()}, ${n})) { case 0: try {${body} if (${value}) ${p.pick(0, jumps)} } finally {${block(p.trees(2), inCase.block())} ${ending} } case 1: try { ${p.pick(1, jumps)} } finally { k.t(${p.scope.id()}, ${n}); } default: ${block(p.trees(4), inCase)} } }`;
});

/** An iterator that is not gone through to its end, in a declaration. */
rule("s", "letIterator", 3, ["element 0 3", "i"], (p) => {
  const over = p.one(1);
  const list = p.all(0);
  return `${p.pick(0, ["const", "let", "var"])} [${list.join(", ")}${p.odd(1, 4) ? ", " : ""}] = ${over};`;
});

rule("target", "targetSuper", 2, [], (p) =>
  p.scope.around.parent ? p.pick(0, ["super.b", 'super["a"]', "super.c"]) : "k.sink",
);
rule("target", "targetPrivate", 2, [], (p) => {
  const { privates, around } = p.scope;
  return privates.length === 0 || !around.self ? "k.sink" : `this.${p.pick(0, privates)}`;
});

rule("e", "superCompound", 2, ["e", "any 0 1"], (p) => {
  if (!p.scope.around.parent) return p.one(0);
  const at = p.trees(1).length > 0 ? `super[${p.one(1)}]` : `super.${p.pick(0, keys)}`;
  return p.pick(1, [`(${at} += ${p.one(0)})`, `(${at} ??= ${p.one(0)})`, `(${at}++)`, `(--${at})`]);
});
/** Of what stands behind a comma only the value is left. */
rule("e", "commaCall", 3, ["any", "o", "arg 0 2", "e"], (p) => {
  const [first, object] = [p.one(0), p.one(1)];
  const member = p.pick(1, [`${object}.m`, `${object}?.m`, `${object}[${p.one(3)}]`]);
  const f = `(${first}, ${p.scope.around.parent && p.odd(2, 4) ? "super.m" : member})`;
  const args = p.one(2);
  return p.pick(0, [
    `${f}(${args})`,
    `${f}?.(${args})`,
    `${f}\`\``,
    `${f}(${args})?.a`,
    `(typeof (${first}, k.t, nowhere))`,
    `(typeof ${f})`,
  ]);
});
rule("f", "commaFunction", 1, ["any", "f"], (p) => `(${p.one(0)}, ${p.one(1)})`);
rule("e", "deleteSuper", 1, ["e"], (p) =>
  p.scope.around.parent ? `(delete super${p.pick(0, [".m", `[${p.one(0)}]`])})` : p.one(0),
);

/** What is written to in the head of a loop is found anew each time. */
rule("s", "forTarget", 2, ["o", "e", "i", "any", "s 0 2"], (p) => {
  const [over, value] = [p.one(2), p.one(3)];
  const target = `${p.one(0)}[k.p(${p.scope.id()}, ${p.one(1)})]`;
  const head = p.pick(0, [`${target} of ${over}`, `[${target}, k.sink] of k.upTo(${over})`, `${target} in ${value}`]);
  const scope = p.scope.block({ breakable: true, loop: true });
  return `for (${head}) { if (k.fuel-- <= 0) break; {${block(p.trees(4), scope.block())}} }`;
});

rule("e", "taggedSuper", 1, ["any"], (p) =>
  p.scope.around.parent ? `super.m\`p\${${p.one(0)}}q\`` : `k.tag\`\${${p.one(0)}}\``,
);
rule("e", "privateOther", 2, ["o", "e"], (p) => {
  const { privates } = p.scope;
  if (privates.length === 0) return p.one(1);
  const name = p.pick(0, privates);
  const o = p.one(0);
  return p.pick(1, [
    `(${o}.${name} ??= ${p.one(1)})`,
    `(${o})?.${name}`,
    `(${name} in ${o})`,
    `(${o}.${name} = ${p.one(1)})`,
    `(${o})?.${name}?.(${p.one(1)})`,
    `${o}.${name}\`a\${${p.one(1)}}\``,
  ]);
});
rule("e", "deleteCall", 2, ["o", "arg 0 2", "e"], (p) => {
  const call = `${p.one(0)}${p.pick(0, ["?.m", ".m"])}${p.pick(1, ["", "?."])}(${p.one(1)})`;
  return p.pick(2, [`(delete ${call}[${p.one(2)}])`, `(delete ${call}?.[${p.one(2)}])`, `(delete ${call}?.a.b)`]);
});

const inClass = { self: true, args: true, target: true, parent: true };
const nameOf = (p: Part): string => p.scope.naming.get(p.tree)!;
rule("member", "privateSet", 1, ["paramOne", "s 0 3"], (p) =>
  functionText(p, 0, 1, { ...inClass, one: true }, `${p.odd(2, 4) ? "static " : ""}set ${nameOf(p)}`),
);
rule("member", "privateStatic", 2, ["param 0 1", "s 0 3"], (p) =>
  functionText(p, 0, 1, inClass, `static ${nameOf(p)}`),
);
rule("member", "privateGenerator", 1, ["s 0 3"], (p) =>
  functionText(p, -1, 0, { ...inClass, generator: true }, `*${nameOf(p)}`),
);
rule("member", "privateAsync", 1, ["s 0 3"], (p) =>
  functionText(p, -1, 0, { ...inClass, async: true }, `async ${nameOf(p)}`),
);
rule("member", "privateStaticField", 1, ["any"], (p) => {
  const scope = p.scope.function({ self: true, args: false, target: false, return: false, parent: true });
  return `static ${nameOf(p)} = ${p.one(0, scope)};`;
});

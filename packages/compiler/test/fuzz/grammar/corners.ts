/** Where brackets count, where words are names, and what is read as text: places that a printer of code gets wrong. */
import { rule, type Part } from "../tree.ts";
import { block } from "./statements.ts";

/** What makes the object is not what is constructed. */
rule("e", "newMember", 2, ["o", "arg 0 2", "any 0 1"], (p) => {
  const place = p.trees(2).length > 0 ? `[${p.one(2)}]` : `.${p.pick(0, ["m", "a", "constructor"])}`;
  return p.odd(1, 3) ? `new (${p.one(0)}${place})(${p.one(1)})` : `new (${p.one(0)})${place}(${p.one(1)})`;
});
rule("e", "newTagged", 1, ["any"], (p) => `typeof new (k.tag\`\${${p.one(0)}}\`.constructor)()`);

/** Deletes nothing; strict code may not say so. */
rule("e", "deleteVariable", 2, [], (p) => {
  const v = p.scope.find(p.pick(1, ["n", "o", "a", "f"] as const), p.tree.n[0]!);
  return v === undefined || !p.scope.sloppy ? "true" : `(delete ${v.name})`;
});

/** No directive: at the start of a function it would change what `this` is. */
rule("s", "noDirective", 2, [], (p) => `("use strict"); k.t(${p.scope.id()}, typeof this);`);

/** Words that begin something else where they stand bare. */
rule("s", "forWord", 2, ["i", "any", "s 0 2"], (p) => {
  const [over, object] = [p.one(0), p.one(1)];
  const scope = p.scope.block({ breakable: true, loop: true });
  const head = p.pick(0, [
    `(async) of ${over}`,
    `async in ${object}`,
    `async = 0; async < 2; async++`,
    `(async)[0] of ${over}`,
  ]);
  return `for (${head}) { if (k.fuel-- <= 0) break; {${block(p.trees(2), scope.block())}} }`;
});
rule("e", "word", 1, [], () => "async");

/** Nothing that is called: what is not taken apart is printed as it stands. */
rule("f", "leaf", 2, [], (p) => {
  const v = p.scope.fresh("w");
  const words = p.scope.sloppy ? ["async", "let", "of"] : ["async", "of"];
  const word = p.pick(0, words);
  const loop = p.pick(1, [
    `for ((${word}) of [1, 2]) ${v} += ${word};`,
    `for ((${word}) = 0; ${word} < 2; ${word}++) ${v} += ${word};`,
    `for ((${word}) in [1, 2]) ${v} += ${word};`,
    `${word} = [${v}]; for ((${word})[0] of [3]) ${v} += ${word}[0];`,
  ]);
  const end = p.pick(2, [`${v}`, `new ({ m: function () { this.a = ${v}; } }).m().a`, `typeof this + ${v}`]);
  return `(function () { ${p.odd(3, 2) ? '("use strict"); ' : ""}var ${v} = 0, ${word}; ${loop} return ${end}; })`;
});

/** Text that becomes code where it stands. */
rule("e", "evaluated", 1, ["any"], (p) => evaluated(p));
function evaluated(p: Part): string {
  const { around } = p.scope;
  // Fields have no `arguments`; nothing waits in there.
  const scope = p.scope.function({ ...around, generator: false, async: false, args: false });
  return `eval(${JSON.stringify(`(${p.one(0, scope)})`)})`;
}

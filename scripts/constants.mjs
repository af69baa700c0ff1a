/**
 * A build plugin: makes constants of what a chunk declares, so that the engine folds them into optimised code.
 *
 * V8 loads what a module exports from a cell, and what is declared with `function` or `var` from the module's context, and checks
 * each load; a `const` that is not exported is a constant. So: functions become constants above everything else (where their
 * hoisting put them), classes become constants where they are, and what is exported is a second name (docs/perf.md).
 */
import { default as MagicString } from "magic-string";
import { parseAst } from "rolldown/parseAst";

/** For the chunk of this name. @param {string} name @returns {import("rolldown").Plugin} */
export function constants(name) {
  return {
    name: "gort-constants",
    renderChunk(code, chunk) {
      if (chunk.name !== name || !chunk.fileName.endsWith(".js")) return null;
      const text = new MagicString(code);
      rewrite(text, /** @type {any} */ (parseAst(code)).body);
      return { code: text.toString(), map: text.generateMap({ hires: "boundary" }) };
    },
  };
}

/** @param {MagicString} text @param {any[]} body */
function rewrite(text, body) {
  const imports = body.filter((/** @type {any} */ s) => s.type === "ImportDeclaration");
  const top = imports.at(-1)?.end ?? 0;
  /** @type {Set<string>} */
  const fixed = new Set();
  let before = top;
  for (const statement of body) {
    if (statement.type === "FunctionDeclaration") {
      fixed.add(statement.id.name);
      text.appendRight(statement.start, `const ${statement.id.name} = `);
      text.appendLeft(statement.end, ";");
      // With the comments before it.
      if (before !== top) text.move(before, statement.end, top);
    } else if (statement.type === "VariableDeclaration") {
      const [{ id, init }] = statement.declarations;
      const isClass = statement.declarations.length === 1 && init?.type === "ClassExpression";
      if (isClass) text.update(statement.start, statement.start + statement.kind.length, "const");
      if (isClass || statement.kind === "const") fixed.add(id.name);
    } else if (statement.type === "ExportNamedDeclaration" && statement.source === null) {
      exportUnderSecondNames(text, statement, fixed);
    }
    if (statement.end > before) before = statement.end;
  }
}

/** @param {MagicString} text @param {any} statement @param {Set<string>} fixed */
function exportUnderSecondNames(text, statement, fixed) {
  const names = [];
  for (const { local, exported } of statement.specifiers) {
    if (!fixed.has(local.name)) throw new Error(`runtime: \`${local.name}\`, which is exported, is no constant`);
    names.push(`${local.name}$out = ${local.name}`);
    text.update(local.start, exported.end, `${local.name}$out as ${exported.name}`);
  }
  text.appendRight(statement.start, `const ${names.join(", ")};\n`);
}

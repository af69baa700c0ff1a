/**
 * A build plugin: asks for Node's modules with `process.getBuiltinModule`, not `import`.
 *
 * An import of `node:util` or `node:fs` makes all of its exports, and the lazy ones among them load what they export: 7 to 14 ms each,
 * of 25 that a bare Node.js takes to start (docs/perf.md).
 *
 * The runtime looks first whether there is such a thing: a bundle for a browser that has it inside is told what is wrong.
 */
import { default as MagicString } from "magic-string";
import { parseAst } from "rolldown/parseAst";

const guard = `if (!globalThis.process?.getBuiltinModule) throw new Error("gort: it runs on Node.js 22.15 and newer, and this is neither: what a browser loads must not import it, nor modules that do");\n`;

/** @returns {import("rolldown").Plugin} */
export function builtins() {
  return {
    name: "gort-builtins",
    renderChunk(code, chunk) {
      if (!chunk.fileName.endsWith(".js") || !code.includes('"node:')) return null;
      const text = new MagicString(code);
      if (chunk.fileName === "runtime.js") text.prepend(guard);
      for (const statement of /** @type {any[]} */ (parseAst(code).body)) {
        if (statement.type !== "ImportDeclaration" || !statement.source.value.startsWith("node:")) continue;
        const module = `process.getBuiltinModule("${statement.source.value}")`;
        const parts = statement.specifiers.map((/** @type {any} */ s) => declaration(s));
        const names = parts.filter((/** @type {string} */ part) => part.includes(":"));
        const whole = parts.filter((/** @type {string} */ part) => !part.includes(":"));
        const lines = whole.map((/** @type {string} */ name) => `const ${name} = ${module};`);
        if (names.length > 0) lines.push(`const { ${names.join(", ")} } = ${module};`);
        text.update(statement.start, statement.end, lines.join("\n"));
      }
      return text.hasChanged() ? { code: text.toString(), map: text.generateMap({ hires: "boundary" }) } : null;
    },
  };
}

/** `imported: local`, or the name of the whole module. @param {any} specifier @returns {string} */
function declaration({ type, imported, local }) {
  return type === "ImportSpecifier" ? `${imported.name}: ${local.name}` : local.name;
}

/** What a test of the suite says of itself: the comment between `/*---` and `---*\/`, of which only a few keys count. */

/**
 * @typedef {object} Frontmatter
 * @property {Set<string>} flags
 * @property {string[]} includes
 * @property {{ phase: string, type: string } | null} negative
 */

/** @param {string} text @returns {Frontmatter} */
export function frontmatter(text) {
  const yaml = /\/\*---([\s\S]*?)---\*\//.exec(text)?.[1] ?? "";
  const negative = /^negative:\s*\n((?:[ \t]+.*\n?)+)/m.exec(yaml)?.[1];
  return {
    flags: new Set(list(yaml, "flags")),
    includes: list(yaml, "includes"),
    negative:
      negative === undefined
        ? null
        : {
            phase: /phase:\s*(\w+)/.exec(negative)?.[1] ?? "parse",
            type: /type:\s*(\w+)/.exec(negative)?.[1] ?? "SyntaxError",
          },
  };
}

/** `key: [a, b]`, or a line an item. @param {string} yaml @param {string} key @returns {string[]} */
function list(yaml, key) {
  const inline = new RegExp(`^${key}:\\s*\\[([^\\]]*)\\]`, "m").exec(yaml)?.[1];
  if (inline !== undefined)
    return inline
      .split(",")
      .map((s) => s.trim())
      .filter((s) => s !== "");
  const lines = new RegExp(`^${key}:\\s*\\n((?:\\s+- .*\\n?)+)`, "m").exec(yaml)?.[1] ?? "";
  return [...lines.matchAll(/-\s+(\S+)/g)].map((m) => m[1] ?? "");
}

/**
 * How deep a text is nested, before it is parsed: the parser is native code, and where its stack ends so does the process, without
 * a word. An estimate, rather too much than too little: brackets, and what nests without any: `a ? b : c ? d : e`, `else if`,
 * `if (a) if (b)`, `a => b => c`, `a = b = c`, `!!a`.
 */

/** Deeper than this is parsed where the stack is large; see deep.ts. The engine's own parser ends at a few thousand. */
export const DEEP = 500;
/** Deeper than this nobody parses it: 50,000 functions in each other fit in that stack. */
export const DEEPEST = 30_000;

/** Words, texts and comments as a whole; a template's text and what is in it are read as they come. */
const skipped =
  /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|\/\/.*|\/\*[^]*?\*\/|else\b|[\w$]+|=>|[!=]==?|<=|>=|[([{}\])?=!~;,]/g;

export function nesting(text: string): number {
  // By bracket that is open: what nests in it without one.
  const open: number[] = [];
  let own = 0;
  let depth = 0;
  let most = 0;
  let before = "";
  if (text.length < DEEP) return 0;
  for (const [token] of text.matchAll(skipped)) {
    switch (token) {
      case "(":
      case "[":
      case "{":
        open.push(own);
        own = 0;
        if (++depth > most) most = depth;
        break;
      case ")":
      case "]":
      case "}":
        depth -= own;
        if (open.length > 0) {
          depth--;
          own = open.pop()!;
        } else own = 0;
        break;
      case ";":
      case ",":
        depth -= own;
        own = 0;
        break;
      case "if":
      case "for":
      case "while":
        if (before === "}") {
          // The next statement.
          depth -= own;
          own = 0;
        }
        own++;
        if (++depth > most) most = depth;
        break;
      case "?":
      case "=>":
      case "else":
      case "=":
      case "!":
      case "~":
        own++;
        if (++depth > most) most = depth;
        break;
    }
    before = token;
  }
  return most;
}

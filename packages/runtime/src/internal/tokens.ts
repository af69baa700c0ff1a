/**
 * JavaScript's tokens, read forward from a place where one begins: just enough to pair brackets. Words and numbers come as
 * they are, a string as `"`, a template as a backquote (with all it holds), a regular expression as `/r`, other
 * punctuation character by character, but for `?.` and `=>`. Where a slash may be either, the reader has failed.
 */

const word = /[\w$\u0080-\uFFFF]+/y;
const space = /(?:\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)*/y;
const quoted = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y;
const pattern = /\/(?:[^/\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+\/[\w$]*/y;

/** Behind these a slash begins a regular expression. */
const operators = /^(?:return|typeof|case|in|of|new|delete|void|throw|do|else|instanceof|yield|await)$/;
/** Words that cannot stand in a callee. */
const others = /^(?:in|instanceof|typeof|void|delete|yield|await|return|throw|case)$/;

const partners: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);

/** As far as arguments are read. */
const LIMIT = 200_000;

export class Tokens {
  /** Behind the last token. */
  at: number;
  failed: boolean = false;
  private readonly text: string;
  private readonly limit: number;
  private last: string = "";
  /** A word that was read last is the name of a member, which may be any: minifiers call private ones `#in`. */
  private member: boolean = false;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
    this.limit = at + LIMIT;
  }

  static isWord(token: string): boolean {
    return /^[\w$\u0080-\uFFFF]/.test(token);
  }

  /** "" at the end, and when it has failed. */
  next(): string {
    this.match(space);
    if (this.at >= this.text.length || this.at > this.limit) return this.fail();
    const c = this.text[this.at]!;
    const found = this.match(word);
    if (found !== "") {
      this.member = /^(?:\.|\?\.|#)$/.test(this.last);
      return (this.last = found);
    }
    if (c === '"' || c === "'") return this.match(quoted) === "" ? this.fail() : (this.last = '"');
    if (c === "`") return this.template();
    if (c === "/" && this.atPattern())
      return this.failed || this.match(pattern) === "" ? this.fail() : (this.last = "/r");
    const pair = this.text.slice(this.at, this.at + 2);
    const long = pair === "=>" || (pair === "?." && !/\d/.test(this.text[this.at + 2] ?? ""));
    this.at += long ? 2 : 1;
    return (this.last = long ? pair : c);
  }

  /** Goes on behind the bracket that closes the one just read; -1 when there is none. */
  close(): number {
    const open = [partners.get(this.last)];
    while (open.length > 0) {
      const token = this.next();
      if (token === "") return -1;
      const closing = partners.get(token);
      if (closing !== undefined) open.push(closing);
      else if ((token === ")" || token === "]" || token === "}") && open.pop() !== token) {
        this.fail();
        return -1;
      }
    }
    return this.at;
  }

  /** Whether all from here to `end` is the beginning of a call: names, members, brackets that close before. */
  isCallee(end: number): boolean {
    for (;;) {
      this.match(space);
      if (this.at >= end) return this.at === end;
      const token = this.next();
      if (token === "" || this.at > end) return false;
      if (partners.has(token)) {
        if (this.close() < 0) return false;
      } else if (Tokens.isWord(token) ? !this.member && others.test(token) : !/^(?:\.|\?\.|#|"|`|\/r)$/.test(token))
        return false;
    }
  }

  private match(expression: RegExp): string {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  private fail(): "" {
    this.failed = true;
    return "";
  }

  /** Whether a slash here begins a regular expression. Behind a brace it may, or divide. */
  private atPattern(): boolean {
    if (this.last === "}") this.failed = true;
    if (Tokens.isWord(this.last)) return !this.member && operators.test(this.last);
    return !/^(?:[)\]"`]|\/r)$/.test(this.last);
  }

  private template(): string {
    for (this.at++; this.at < this.text.length; this.at++) {
      const c = this.text[this.at];
      if (c === "\\") this.at++;
      else if (c === "`") {
        this.at++;
        return (this.last = "`");
      } else if (c === "$" && this.text[this.at + 1] === "{") {
        this.at += 2;
        this.last = "{";
        if (this.close() < 0) return this.fail();
        this.at--;
      }
    }
    return this.fail();
  }
}

/** A JSON parser: characters, recursion, objects made as they come. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

class Parser {
  private at = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  parse(): Json {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw this.error("the end");
    return value;
  }
  private error(wanted: string): Error {
    return new SyntaxError(`${wanted} wanted at ${this.at}`);
  }
  private space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.at++;
    }
  }
  private value(): Json {
    this.space();
    switch (this.text[this.at]) {
      case "{":
        return this.object();
      case "[":
        return this.array();
      case '"':
        return this.string();
      case "t":
        return this.word("true", true);
      case "f":
        return this.word("false", false);
      case "n":
        return this.word("null", null);
      default:
        return this.number();
    }
  }
  private word(word: string, value: Json): Json {
    if (!this.text.startsWith(word, this.at)) throw this.error(word);
    this.at += word.length;
    return value;
  }
  private number(): number {
    const start = this.at;
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (!((c >= 48 && c <= 57) || c === 45 || c === 46 || c === 101 || c === 43)) break;
      this.at++;
    }
    if (start === this.at) throw this.error("a value");
    return Number(this.text.slice(start, this.at));
  }
  private string(): string {
    let out = "";
    this.at++;
    for (let start = this.at; ; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c === 34) {
        out += this.text.slice(start, this.at++);
        return out;
      }
      if (c === 92) {
        out += this.text.slice(start, this.at++);
        out += this.text[this.at];
        start = this.at + 1;
      }
    }
  }
  private array(): Json[] {
    const out: Json[] = [];
    this.at++;
    for (this.space(); this.text[this.at] !== "]"; this.space()) {
      if (out.length > 0) this.skip(",");
      out.push(this.value());
    }
    this.at++;
    return out;
  }
  private object(): Json {
    const out: { [key: string]: Json } = {};
    this.at++;
    let first = true;
    for (this.space(); this.text[this.at] !== "}"; this.space()) {
      if (!first) this.skip(",");
      first = false;
      this.space();
      const key = this.string();
      this.space();
      this.skip(":");
      out[key] = this.value();
    }
    this.at++;
    return out;
  }
  private skip(c: string): void {
    if (this.text[this.at] !== c) throw this.error(c);
    this.at++;
  }
}

const text = JSON.stringify(
  Array.from({ length: 900 }, (_, i) => ({
    id: i,
    name: `item "${i}"`,
    tags: ["a", "b", i % 7 === 0],
    price: i * 1.25,
    nested: { left: null, right: [i, -i, { deep: true }] },
  })),
);

function count(v: Json): number {
  if (typeof v !== "object" || v === null) return 1;
  let n = 1;
  if (Array.isArray(v)) for (const x of v) n += count(x);
  else for (const key in v) n += count(v[key]!) + key.length;
  return n;
}

export function work(): number {
  let n = 0;
  for (let i = 0; i < 4; i++) n += count(new Parser(text).parse());
  return n;
}

/**
 * Does the check stand around a call? Read from the text of a bundle, where the printer's table does not hold. What the
 * compiler prints, and what minifiers (esbuild, oxc, terser) make of it:
 *
 *     if((x=f(a))===void 0&&$R.u){        behind calls that may return undefined
 *     void 0===(x=f(a))&&$.u              void 0!==(x=f(a))||!$.u
 *     x=new F(a);if($R.u){                behind `new`, and behind calls that are given callbacks
 *     x=new F(a),$.u                      if(x=new F(a),!$.u)
 *     if((x=($R.s="f",go(f)))===void 0…   where the call makes a goroutine: with the place it is made at
 *
 * The flag is a property, so its name is kept; its object must be one that compiled code leaves through as well. The
 * brackets are counted, so that a call among the arguments is not taken for the checked one. What is not understood, a
 * regular expression behind a bracket for one, is a no.
 */
import { Tokens } from "./tokens.ts";

/** Parts of the expressions below: the object of the flag is captured. */
const name = "([\\w$]+(?:\\.[\\w$]+)*)";
const nothing = "(?:void 0|undefined)";
const set = `${name}\\.u(?![\\w$.([])`;
const unset = `!${name}\\.u(?![\\w$.([])`;

/** Behind the call: `)===void 0&&$R.u`, or the opposite of both. The brackets are captured. */
const closed = "^\\s*((?:\\)\\s*){0,2})";
const compared = new RegExp(
  `${closed}(?:={2,3}\\s*${nothing}\\s*&&\\s*${set}|!==?\\s*${nothing}\\s*\\|\\|\\s*${unset})`,
);
/** The same where `undefined` stands before the call. */
const asked = new RegExp(`${closed}(?:&&\\s*${set}|\\|\\|\\s*${unset})`);
/** The flag alone, in the next expression or statement. */
const flagged = new RegExp(`${closed}(?:[;,]\\s*(?:if\\s*\\(\\s*)?|if\\s*\\(\\s*)(?:${set}|${unset})`);

const assigned = "(?:[\\w$.]+\\s*=(?![=>]))?";
/** Before the call: `(x = `; Rollup takes an assignment nobody reads away, and leaves the brackets. */
const bracket = `(?<=(?:^|[^\\s\\w$)\\]]|\\b(?:return|throw|case|void|await))\\s*)\\(${assigned}`;
/** Before the call: `undefined === `, and with the bracket; 1 the operator. */
const question = "(?:void 0|\\bundefined)\\s*([!=])==?";
const questionBracket = `${question}\\s*\\(${assigned}`;
/** Before the call: `($R.s = "main\\napp.ts:1:1", `, the place where a goroutine is created. */
const place = `\\([\\w$.]+\\.s\\s*=\\s*(?:"[^"\\n]*"|'[^'\\n]*'|\`[^\`]*\`)\\s*,\\s*${assigned}`;

/** What may stand before the call, by how many brackets stand behind it; nobody asks where there is none. */
const before = (...forms: string[]): RegExp => new RegExp(forms.join("|"), "g");
const opened: readonly RegExp[] = [before(""), before(place, bracket), before(`${bracket}\\s*${place}`)];
const questioned: readonly RegExp[] = [
  before(question),
  before(`${question}\\s*(?:${place}|\\(${assigned})`),
  before(`${questionBracket}\\s*${place}`),
];
const placed: RegExp = before(place);

/** How far back a checked expression is looked for, and forward for what stands behind it. */
const BEFORE = 4000;
const BEHIND = 200;

/** Whether the call the engine reports at offset `at` is a checked one. */
export function standsInCheck(text: string, at: number): boolean {
  const end = endOfCall(text, at);
  if (end < 0) return false;
  const behind = text.slice(end, end + BEHIND);
  let m = compared.exec(behind);
  if (m !== null) return leaves(text, m) && (m[1] === "" || follows(text, at, opened[brackets(m)]!));
  m = asked.exec(behind);
  if (m !== null) {
    const operator = m[2] === undefined ? "!" : "=";
    return leaves(text, m) && follows(text, at, questioned[brackets(m)]!, operator);
  }
  m = flagged.exec(behind);
  return m !== null && leaves(text, m) && (m[1] === "" || (brackets(m) === 1 && follows(text, at, placed)));
}

/** Whether a call is certainly no checked one: nothing compiled is in the text, or something else stands behind the call. */
export function isUnchecked(text: string, at: number): boolean {
  if (!/\.(?:leave(?:4|8|16)?|became)\(/.test(text)) return true;
  const end = endOfCall(text, at);
  if (end < 0) return false;
  const behind = text.slice(end, end + BEHIND);
  return !compared.test(behind) && !asked.test(behind) && !flagged.test(behind);
}

/** Behind calls that are given callbacks, `if($R.u){$R.via(f);` stands before it. */
const awaited = /^(?:[^;{}]*;\s*if\s*\([^;{}]*\{[^;{}]*;)?[^;{}]*?\bawait\s+[\w$.]+\.became\(/;

/** Whether the checked call at offset `at` stands in an async body, which awaits what it became. */
export function isAwaited(text: string, at: number): boolean {
  const end = endOfCall(text, at);
  return awaited.test(text.slice(end, end + BEHIND));
}

/** How many brackets close behind the call. */
function brackets(m: RegExpExecArray): number {
  return m[1]!.replaceAll(/\s/g, "").length;
}

/** Whether compiled functions leave through the object whose flag is read. */
function leaves(text: string, m: RegExpExecArray): boolean {
  const object = m.slice(1).findLast((part) => part !== undefined && !/^[)\s]*$/.test(part));
  return object !== undefined && (text.includes(`${object}.leave`) || text.includes(`${object}.became`));
}

/** Whether the callee, up to `at`, begins right behind what `opening` finds, and that holds the operator wanted. */
function follows(text: string, at: number, opening: RegExp, operator?: string): boolean {
  const from = Math.max(0, at - BEFORE);
  const found = [...text.slice(from, at).matchAll(opening)].slice(-20).reverse();
  const m = found.find((f) => new Tokens(text, from + f.index + f[0].length).isCallee(at));
  return m !== undefined && m[1] === operator;
}

/** The offset behind the call the engine reports at `at`; -1 when that is unclear. */
function endOfCall(text: string, at: number): number {
  const tokens = new Tokens(text, at);
  let token = tokens.next();
  if (token === "`") return tokens.at;
  if (token === "new") {
    // `new a.b[c](…)`; minifiers leave out empty brackets.
    for (let first = true; ; first = false) {
      const end = tokens.at;
      token = tokens.next();
      if (token === "(" && !first) return tokens.close();
      if (token === "[" || token === "(") tokens.close();
      else if (token !== "." && !Tokens.isWord(token)) return end;
      if (tokens.failed) return -1;
    }
  }
  if (Tokens.isWord(token)) token = tokens.next();
  if (token === "?.") token = tokens.next();
  return token === "(" ? tokens.close() : -1;
}

/** Where a suspension may pass: each way the question is answered, and each form of the check in a text. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { standsInCheck } from "../src/internal/check.ts";
import { addTable, AWAITED, CHECKED, siteOf, type Site, UNKNOWN } from "../src/internal/sites.ts";

function site(script: string, line: number, column: number, text?: string): Site {
  return {
    getScriptNameOrSourceURL: () => script,
    getLineNumber: () => line,
    getColumnNumber: () => column,
    ...(text === undefined ? {} : { getScriptHash: () => createHash("sha256").update(text).digest("hex") }),
  };
}

describe("a script with a table", () => {
  test("is answered by it alone", () => {
    addTable("table:1", "3:5 7:12 8 1:2a");
    expect(siteOf(site("table:1", 11, 2))).toBe(AWAITED);
    expect(siteOf(site("table:1", 3, 5))).toBe(CHECKED);
    expect(siteOf(site("table:1", 10, 12))).toBe(CHECKED);
    expect(siteOf(site("table:1", 10, 20))).toBe(CHECKED);
    expect(siteOf(site("table:1", 3, 6))).toBe(UNKNOWN);
  });

  test("loaded again, it is answered by the new one", () => {
    addTable("table:2", "3:5");
    addTable("table:2", "4:5");
    expect(siteOf(site("table:2", 3, 5))).toBe(UNKNOWN);
    expect(siteOf(site("table:2", 4, 5))).toBe(CHECKED);
  });
});

describe("a script without a table", () => {
  const text = "// é\nif((x=f(a))===void 0&&$.u){p=1}return $.leave4(p,r)\n";

  function file(content: string): { url: string } & Disposable {
    const folder = mkdtempSync(join(tmpdir(), "gort-sites-"));
    writeFileSync(join(folder, "a.mjs"), content);
    const url = pathToFileURL(join(folder, "a.mjs")).href;
    return { url, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
  }

  test("is answered from its text", () => {
    using f = file(text);
    expect(siteOf(site(f.url, 2, 7, text))).toBe(CHECKED);
    expect(siteOf(site(f.url, 2, 9, text))).toBe(UNKNOWN);
    expect(siteOf(site(f.url, 9, 1, text))).toBe(UNKNOWN);
  });

  test("by path too, and again without reading", () => {
    const other = `${text}// by path`;
    const f = file(other);
    const path = f.url.slice("file://".length);
    expect(siteOf(site(path, 2, 7, other))).toBe(CHECKED);
    f[Symbol.dispose]();
    expect(siteOf(site(path, 2, 7, other))).toBe(CHECKED);
  });

  test("whose file has been written anew is a no", () => {
    using f = file(`${text}// new`);
    expect(siteOf(site(f.url, 2, 7, `${text}// old`))).toBe(UNKNOWN);
  });

  test("that cannot be read is a no", () => {
    const missing = `${text}// missing`;
    expect(siteOf(site("file:///nowhere/a.mjs", 2, 7, missing))).toBe(UNKNOWN);
    expect(siteOf(site("evalmachine.<anonymous>", 2, 7, `${text}// eval`))).toBe(UNKNOWN);
  });

  test("of an engine that tells no hash is a no", () => {
    using f = file(text);
    expect(siteOf(site(f.url, 2, 7))).toBe(UNKNOWN);
  });
});

/** `»` stands before the call asked about. */
function asked(marked: string): boolean {
  const text = marked.replace("»", "");
  return standsInCheck(`${text};return $.leave4(p,r);R.R.leave8(p,r);$R.leave(p,{})`, marked.indexOf("»"));
}

test.each([
  ["as printed", "if (($1 = »f(a)) === undefined && $R.u) { $pc = 1; break $o; }"],
  ["without a variable", "if (»f(a) === undefined && $R.u) { $pc = 1; break $o; }"],
  ["Rollup: a variable nobody reads", "if ((»f(a)) === undefined && $R.u) { $pc = 1; break $o; }"],
  ["esbuild", "if((t=»f(a))===void 0&&$.u){p=1;break e}"],
  ["a method, at its name", "if((t=a.b[0].»f(x))===void 0&&$.u){p=1}"],
  ["a keyword for a name, at the bracket", "if((t=a.delete»(x))===void 0&&$.u){p=1}"],
  ["terser: a keyword for a private name, at the bracket", "if(void 0===(t=this.#in»(x))&&$.u)return 1"],
  ["a member that is called like an operator, divided", "if((t=a[b.in/2]»(x))===void 0&&$.u){p=1}"],
  ["a computed name, at the bracket", "if((t=a[b(1)]»(x))===void 0&&$.u){p=1}"],
  ["terser: swapped", "if(void 0===(t=»f(a))&&$.u){p=1}"],
  ["terser: swapped, without a variable", "if(void 0===a.»f(x)&&$.u)return p=1,2"],
  ["terser: the opposite", "if(void 0!==(t=»f(a))||!$.u)return t"],
  ["terser: a call in the callee", 'void 0===(e=$.callable(h,"w.add").»call(a,s,o[0]))&&$.u'],
  ["webpack: an imported function, at the bracket", "if(void 0===(0,r.yy)»(1)&&$.u){e=1}"],
  ["webpack: an imported runtime", "if(void 0===»f(1)&&R.R.u){e=1}"],
  ["a conditional", "return void 0!==(s=»e(t))||!$.u?(n=s,1):(r=1,2)"],
  ["arguments that hold everything", 'if((t=»f(\')\',"(",`${g(`}`)})`,/[)"]/,{a:[1]}/* ) */))===void 0&&$.u){p=1}'],
  ["a tagged template", "if((t=tag»`x${f(1)}`)===void 0&&$.u){p=1}"],
  ["an optional call", "if((t=»f?.(a))===void 0&&$.u){p=1}"],
  ["new, the flag alone", "t = »new F(a);\nif ($R.u) { $pc = 1; break $o; }"],
  ["new, minified", "if(t=»new F(a),$.u){p=1}"],
  ["new, brackets left out", "if(t=»new a.F,$.u){p=1}"],
  ["new of an expression", "if(t=»new(g(1))(2),!$.u)return t"],
  ["given callbacks", "if(t=l.»each(c(e)),$.u){$.via(l.each),p=2}"],
  ["where a goroutine is created", '($R.s = "main\\napp.ts:1:1", wg.»go(f));\nif ($R.u) { $pc = 1; break $o; }'],
  ["and its value wanted", 'if (($1 = ($R.s = "main\\napp.ts:1:1", »blocking(f, 1))) === void 0 && $R.u) { $pc = 1; }'],
  ["and its value wanted, minified", "if((t=(e.s=`main\napp.ts:1:1`,»c(f,1)))===void 0&&$.u){p=1}"],
  ["and nobody reads its value", 'if (($R.s = "main\\napp.ts:1:1", »blocking(f)) === void 0 && $R.u) { $pc = 1; }'],
  ["and the place stands before", "if(e.s=`main\napp.ts:1:1`,»c(f,1)===void 0&&$.u){p=1}"],
  ["and it is assigned within", 'if((e.s="main",t=»c(f,1))===void 0&&$.u){p=1}'],
  ["and terser has swapped it", 'if(void 0===(t=(e.s="main",»c(f,1)))&&$.u){p=1}'],
  ["and it is swapped without a variable", 'if(void 0!==(e.s="main",»c(f,1))||!$.u)return t'],
])("a checked call: %s", (_, marked) => {
  expect(asked(marked)).toBe(true);
});

test.each([
  ["no check", "t=»f(a);return t"],
  ["a check of something else", "if((t=»f(a))===void 0&&a.u){p=1}"],
  ["a flag of another name", "if((t=»f(a))===void 0&&$.up){p=1}"],
  ["a flag that is called", "if((t=»f(a))===void 0&&$.u(1)){p=1}"],
  ["undefined, then the wrong operator", "if((t=»f(a))===void 0||$.u){p=1}"],
  ["swapped, and the operators do not fit", "if(void 0!==(t=»f(a))&&$.u){p=1}"],
  ["an argument of the checked call", "if((t=f(»g(a)))===void 0&&$.u){p=1}"],
  ["an argument, swapped", "if(void 0===f(»g(a))&&$.u){p=1}"],
  ["an argument of a call without a variable", "if(f(»g(a))===void 0&&$.u){p=1}"],
  ["an argument of new", "if(t=new F(»g(a)),$.u){p=1}"],
  ["an operand", "if((t=1+»f(a))===void 0&&$.u){p=1}"],
  ["a getter: no call", "if((t=a.»b)===void 0&&$.u){p=1}"],
  ["an assignment: no call", "if((»t=f(a))===void 0&&$.u){p=1}"],
  ["a check in a closure behind", "t=»f(a);g(()=>{if($.u)p=1})"],
  ["an argument, where a goroutine is created", 'if((t=(e.s="main",c(»g(1))))===void 0&&$.u){p=1}'],
  ["an argument, where its value is not read", 'if((e.s="main",c(»g(1)))===void 0&&$.u){p=1}'],
  ["another expression in brackets", 'if((t=(e.q="main",»c(1)))===void 0&&$.u){p=1}'],
  ["brackets that do not pair", "if((t=»f(a]))===void 0&&$.u){p=1}"],
  ["the end of the text", "t=»f(a"],
])("no checked call: %s", (_, marked) => {
  expect(asked(marked)).toBe(false);
});

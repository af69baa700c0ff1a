/**
 * Large functions, as generators of code write them: compiled they give what they gave, also suspended at every call. That the time grows
 * with the text, and not with its square, is measured by hand: the limits here are generous.
 */
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import { expect, test } from "vitest";
import { compile } from "@gort/compiler";
import { run } from "gort";

const filename = "/large.cjs";
const require = createRequire(import.meta.url);

type Main = (f: (n: number) => number) => unknown;

function load(code: string): Main {
  const exports = {} as { main: Main };
  compileFunction(code, ["exports", "require", "__filename"], { filename })(exports, require, filename);
  return exports.main;
}

function list(n: number, item: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => item(i)).join("");
}

/** `s` is what is returned. */
const shapes: Record<string, [n: number, text: (n: number) => string]> = {
  "try blocks": [4000, (n) => list(n, (i) => `try{s+=f(${i});if(${i}===n)throw 1}catch(e){s=-${i}}finally{s+=f(1)}\n`)],
  "ifs with calls": [2000, (n) => list(n, (i) => `if(f(${i})>n){s+=f(1)}else{s-=1}\n`)],
  "a switch": [
    4000,
    (n) => `switch(f(${n - 9})){${list(n, (i) => `case ${i}:s+=f(${i});${i % 3 ? "break;" : ""}\n`)}}`,
  ],
  "a switch on calls": [2000, (n) => `switch(f(${n - 9})){${list(n, (i) => `case f(${i}):s+=f(${i});break;\n`)}}`],
  "an array": [4000, (n) => `s=[${list(n, (i) => `f(${i}),`)}].reduce((a,b)=>a+b)`],
  "captured variables": [
    1000,
    (n) =>
      `${list(n, (i) => `let v${i}=f(${i});`)}for(const h of [${list(n, (i) => `()=>v${i}+=f(1),`)}])s+=h();s+=v${n - 1}`,
  ],
  "a sum of texts": [4000, (n) => `s=(${list(n, (i) => `f(${i})+`)}"").length`],
  "a chain of &&": [4000, (n) => `s=${list(n, (i) => `f(${i + 1})&&`)}7`],
  "a chain of ?:": [2500, (n) => `s=${list(n, (i) => `f(${i})===${n - 5}?f(${i}):`)}1`],
  "a chain of else if": [
    1500,
    (n) => `${list(n, (i) => `if(f(${i})===${n - 5}){s+=f(${i})}else `)}if(f(1)===0)s=1;else{s=2}`,
  ],
  loops: [200, (n) => list(n, () => "for(const x of [1,2])s+=f(x);for(let i=0;i<f(2);i++)s+=f(i);\n")],
  "nested arrow functions": [
    400,
    (n) => `s=(${list(n, (i) => `(a${i})=>`)}f(a0)+f(a${n - 1}))${list(n, (i) => `(${i + 1})`)}`,
  ],
};

test.each(Object.entries(shapes))("%s", { timeout: 120_000 }, async (_, [n, text]) => {
  const source = `exports.main=function main(f){let s=0;const n=${n >> 1};${text(n)}\nreturn s}`;
  const f = (x: number): number => x;
  const expected = load(source)(f);
  for (const force of [false, true]) {
    const main = load(compile(source, { filename, force }).code);
    expect(await run(() => main(f))).toBe(expected);
  }
});

test(
  "what the parser's stack is too small for is compiled where it is larger, or refused",
  { timeout: 120_000 },
  () => {
    const chain = (n: number): string => `exports.main=(f)=>${list(n, (i) => `f(${i})===7?f(${i}):`)}1`;
    expect(compile(chain(12_000), { filename }).code).toContain("11999");
    expect(() => compile(chain(40_000), { filename })).toThrow(/GORT_UNSUPPORTED.*nested tens of thousands deep/);
    // Brackets in texts and comments nest nothing; what stands behind one another nests nothing either.
    const flat = `/* ${"(".repeat(900)} */ exports.main = ${JSON.stringify("[{(".repeat(400))};${"if (a) { } else { b = 1; }\n".repeat(900)}`;
    expect(compile(flat, { filename }).code).toContain("exports");
  },
);

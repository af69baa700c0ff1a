/**
 * What other threads make of a module: declarations mean the same there, also those that are completed by statements (enums, namespaces,
 * decorators, members of functions and classes). What would be another thing is refused, in whatever module it stands.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const declarations = `
export enum E { A, B = 4 }
export enum Two { X }
export enum Two { Y = 3 }
export namespace N { export const x = 1; export function f() { return x; } export namespace Deep { export const z = 9; } }
export function fn() { return 1; }
export namespace fn { export const extra = 2; }
export class K { static v = 1; m() { return K.v; } }
export namespace K { export const more = 5; }
function tagged(tag: string) {
  return (f: any, c: any) => (c.kind === "method" ? function (this: any) { return tag + f.call(this); } : f);
}
export class C { @tagged("C") m() { return 2; } constructor(private readonly a: number) {} get() { return this.a; } }
export class D { @tagged("D") accessor q = 1; static s = 3; }
function renamed(c: any, _: any) { return class extends c { w = 7; }; }
@renamed export class F { w = 1; }
export function Old(this: any, n: number) { this.n = n; }
Old.prototype.twice = function () { return this.n * 2; };
Old.limit = 5;
export class S { static list: string[] = []; static { S.list.push("made"); } }
export var plain = [1, 2];
export const table = (() => { const t: number[] = []; for (let i = 0; i < 5; i++) t.push(i * i); return t; })();
`;

const say = `[E[4], Two, N.f(), N.Deep.z, fn(), fn.extra, K.more, new K().m(), new C(4).m(), new C(4).get(), new D().q, D.s, new F().w,
  new (Old as any)(3).twice(), Old.limit, S.list, plain, table]`;

const files = {
  "state.ts": `export let n = 0;
export function inc() { return ++n; }
export const filled: number[] = [];
for (let i = 0; i < 5; i++) filled[i] = i;
const registry = new Map<string, number>();
export function register(name: string) { registry.set(name, 1); }
export function find(name: string) { return registry.get(name) ?? 0; }
export const limit = 3;
`,
  "declarations.ts": declarations,
  "imports.ts": `import { blocking, parallel } from "gort";
import { E, Two, N, fn, K, C, D, F, Old, S, plain, table } from "./declarations.ts";
const f = parallel((): string => JSON.stringify(${say}));
export function main() { console.log(f()); console.log(blocking(f)); }
`,
  "itself.ts": `import { blocking, parallel } from "gort";
${declarations}
const f = parallel((): string => JSON.stringify(${say}));
export function main() { console.log(f()); console.log(blocking(f)); }
`,
  "own.ts": `import { blocking, parallel } from "gort";
const own = parallel((): string => [import.meta.url, import.meta.filename, new URL("x.txt", import.meta.url).href].join());
export function main() { console.log(own() === blocking(own), own().split(",").length); }
`,
  "common.ts": `import { blocking, parallel } from "gort";
import { pause, Q } from "./common-lib.cjs";
import whole from "./common-lib.cjs";
const f = parallel((n: number): string => pause(n) + new Q().get() + typeof whole.pause);
export function main() { console.log(f(1)); console.log(blocking(f, 2)); }
`,
  "common-lib.cjs": `const { sleep } = require("gort");
const table = []; for (let i = 0; i < 5; i++) table.push(i);
exports.pause = function pause(n) { sleep(1); return "p" + table[n]; };
class Q { get() { return 7; } }
exports.Q = Q;
`,
  "refused.ts": `import { blocking, parallel } from "gort";
import { inc, filled, find, limit } from "./state.ts";
import * as all from "./state.ts";
const a = parallel((): number => inc());
const b = parallel((): number => filled.length);
const c = parallel((): number => find("x"));
const d = parallel((): number => limit + all.limit);
export function main() {
  for (const f of [a, b, c, d])
    try { console.log(blocking(f)); } catch (e: any) { console.log(e.line, e.message.replace(/.*: (?=State)|, which.*/gs, "")); }
}
`,
};

let project: UserProject;
beforeAll(() => {
  project = new UserProject(files);
  project.install("esbuild");
}, 60_000);
afterAll(() => project[Symbol.dispose]());

const expected = `["B",{"0":"X","3":"Y","X":0,"Y":3},1,9,1,2,5,1,"C2",4,1,3,7,6,5,["made"],[1,2],[0,1,4,9,16]]\n`;

test.each(["imports.ts", "itself.ts"])(
  "declarations mean the same on every thread: %s",
  { timeout: 60_000 },
  async (file) => {
    const { status, stdout, stderr } = await project.type("npx", ["gort", "run", file]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: expected + expected, stderr: "" });
  },
);

test(
  "state of another module is refused where it is loaded, what stands beside it is not",
  { timeout: 60_000 },
  async () => {
    const { status, stdout, stderr } = await project.type("npx", ["gort", "run", "refused.ts"]);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: [
        "1 State of a module in a parallel function: a parallel function uses `n`",
        "4 State of a module in a parallel function: a parallel function uses `filled`",
        "6 State of a module in a parallel function: a parallel function uses `registry`",
        "6",
        "",
      ].join("\n"),
      stderr: "",
    });
  },
);

test("a module's own name is the same on every thread", { timeout: 60_000 }, async () => {
  expect(await project.type("npx", ["gort", "run", "own.ts"])).toMatchObject({
    status: 0,
    stdout: "true 3\n",
    stderr: "",
  });
});

test("a CommonJS module is loaded whole", { timeout: 60_000 }, async () => {
  expect(await project.type("npx", ["gort", "run", "common.ts"])).toMatchObject({
    status: 0,
    stdout: "p17function\np27function\n",
    stderr: "",
  });
});

/**
 * Bugs that other compilers and runtimes of this kind have shipped. Each is a test here, by the name of what went wrong, run
 * compiled, and compiled with a suspension forced at every safepoint.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "@gort/compiler";
import { run } from "gort";

// Inside the package, so that the output finds `gort` the way a user's file does.
const out = join(import.meta.dirname, ".out", `bugs-${process.pid}`);
beforeAll(() => mkdirSync(out, { recursive: true }));
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Before each program: `later(x)` blocks until another goroutine has sent `x` back; `each` is not compiled. */
const prelude = `import { chan, go, gosched, select, onRecv, stats } from "gort";
function later<T>(x: T): T {
  const c = chan<T>();
  go(() => { gosched(); c.send(x); });
  return c.recv() as T;
}
const lines: unknown[] = [];
const log = (...xs: unknown[]): void => void lines.push(...xs);
export function main(each: (f: (x: number) => unknown) => unknown[]): unknown[] {
  program(each);
  return lines;
}
`;

let programs = 0;

function bug(name: string, text: string, expected: unknown[]): void {
  for (const force of [false, true])
    test(`${name}${force ? ", forced" : ""}`, async () => {
      const filename = join(out, `${++programs}.ts`);
      const program = `${prelude}function program(each: (f: (x: number) => unknown) => unknown[]): void {\n${text}\n}\n`;
      const { code } = compile(program, { filename, force });
      const file = filename.replace(/ts$/, "mjs");
      writeFileSync(file, code);
      const { main } = (await import(pathToFileURL(file).href)) as { main: (each: unknown) => unknown[] };
      expect(await run(main, each)).toEqual(expected);
    });
}

/** A library's function, which is not compiled: it calls back, and collects what it is given. */
function each(f: (x: number) => unknown): unknown[] {
  const got: unknown[] = [];
  for (const x of [1, 2]) got.push(f(x));
  return got;
}

bug(
  "where the runtime stands for the engine, its own functions stand above the code that failed",
  `const fails: Record<string, () => unknown> = {
     dead() { const f = (): unknown => late; f(); const late = later(1); return late; },
     assigned() { const f = (): void => { late = 1; }; f(); let late = later(2); return late; },
     constant() { const c = later(1); const f = (): void => { c = 2; }; f(); return c; },
     looped() { for (const x of later(5 as never)) log(later(x)); },
     unlooped() { for (const x of { [Symbol.iterator]: () => later(5) } as never) log(x); },
     taken() { const [a, b = later(1)] = later({} as never); return [a, b]; },
     opened() { const { a = later(1) } = later(null as never); return a; },
     disposed() { using _ = later({} as never); later(1); },
     primitive() { using _ = later(5 as never); later(1); },
     derived() { class A {} class B extends A { constructor() { super(); return later(5) as never; } } return new B(); },
   };
   for (const [name, f] of Object.entries(fails))
     try { f(); } catch (e) { const { stack } = e as Error; log(/[\\/]bugs-/.test(stack!.split("\\n")[1] ?? "") ? name : stack); }`,
  ["dead", "assigned", "constant", "looped", "unlooped", "taken", "opened", "disposed", "primitive", "derived"],
);

bug(
  "what a `using` that throws takes the place of lacks its callers",
  `const leaves = (e: unknown): unknown => (e as SuppressedError).suppressed;
   function fails(): void {
     using _ = { [Symbol.dispose]() { later(1); throw new Error("disposal"); } };
     later(2);
     throw new TypeError("body");
   }
   function calls(): void { fails(); later(3); }
   try { calls(); } catch (e) {
     const { stack } = leaves(e) as Error;
     log(stack!.match(/at \\w+/g)!.slice(0, 3).join(), /gort:|execute/.test(stack!));
   }`,
  ["at fails,at calls,at program", false],
);

bug(
  "an operand that was read before the suspension is read again after it",
  `let a = 1; const o = { n: 1 };
   const change = (): number => { a = 100; o.n = 100; return later(2); };
   log(a + change(), o.n); a = 1; o.n = 1;
   log(o.n * change() + a); a = 1;
   log([a, change(), a].join(), \`\${a = 1}\${change()}\${a}\`);`,
  [3, 100, 102, "1,2,100", "12100"],
);

bug(
  "the receiver of a call is evaluated again with its arguments: (r = f()).m(r)",
  `let r: { n: number; m(x: unknown): boolean } | undefined; let made = 0;
   const f = () => { made++; return later({ n: made, m(x: unknown) { return x === this && later(true); } }); };
   log((r = f()).m(r), made);`,
  [true, 1],
);

bug(
  "two sent values overwrite each other",
  `const a = chan<string>(); const b = chan<string>();
   go(() => { b.send("b"); }); go(() => { a.send("a"); });
   const pair = (x: unknown, y: unknown): string => String(x) + String(y);
   log(pair(a.recv(), b.recv()));
   go(() => { a.send("c"); a.send("d"); }); log(pair(a.recv(), a.recv()));`,
  ["ab", "cd"],
);

bug(
  "return out of try and finally in a loop goes on with the loop",
  `const f = (): string => { for (const x of [1, 2, 3]) { try { if (later(x) === 2) return "two"; } finally { log(later("f" + x)); } } return "end"; };
   log(f());`,
  ["f1", "f2", "two"],
);

bug(
  "nested finally blocks are left out, or run twice, on return",
  `const f = (): string => { try { try { try { return later("r"); } finally { log(later(1)); } } finally { log(later(2)); } } finally { log(later(3)); } };
   log(f());
   const g = (): string => { for (;;) { try { try { return later("lost"); } finally { log(4); break; } } finally { log(later(5)); } } return "after"; };
   log(g());`,
  [1, 2, 3, "r", 4, 5, "after"],
);

bug(
  "a closure in a loop breaks return, and closures share the loop's variable",
  `const f = (): (() => number)[] => { const fs: (() => number)[] = []; for (let i = 0; ; i++) { fs.push(() => later(i)); if (later(i) === 2) return fs; } };
   log(...f().map((g) => g()));`,
  [0, 1, 2],
);

bug(
  "a preemption while resuming throws away the frames below",
  `const deep = (n: number): number => { if (n === 0) return later(1); const below = deep(n - 1); for (let i = 0; i < 3; i++) if (i < 0) return -1; return below + 1; };
   let state = { over: false }; go(() => { while (!state.over) gosched(); });
   log(deep(50)); state.over = true;`,
  [51],
);

bug(
  "a value is repeated, or lost, after an undetected block in a native callback",
  `const c = chan<number>(); const got: (number | undefined)[] = []; let code = "";
   go(() => { for (let i = 0; i < 5; i++) c.send(i); });
   try { each(() => got.push(c.recv())); } catch (e) { code = (e as { code: string }).code; }
   while (got.length < 5) got.push(c.recv());
   log(code, got.join());`,
  ["GORT_NATIVE_FRAME", "0,1,2,3,4"],
);

bug(
  "property reads return bound copies of methods, so that identity breaks",
  `class A { m(): number { return later(1); } static s(): void {} }
   const a = new A(); const o = { f() { return later(2); } };
   log(a.m === a.m, a.m === A.prototype.m, o.f === o.f, A.s === A.s, a.constructor === A, [].map === Array.prototype.map, a.m.call(a), (0, o.f)());`,
  [true, true, true, true, true, true, 1, 2],
);

bug(
  "built-in functions were forgotten",
  `log([3, later(1), 2].sort((x, y) => later(x) - y).join(), Math.max(...[later(4), 5]), Object.entries({ a: later(6) }).flat().join(), [..."ab"].map((s) => later(s) + s).join(""),
     new Map([[1, later(2)]]).get(1), Array.from({ length: 2 }, (_, i) => later(i)).join(), "aXb".replace(/X/, (x) => later(x + x)), Reflect.apply((x: number) => later(x), null, [7]),
     BigInt(later(8)) + 1n, parseInt(later("12"), 10), JSON.stringify(later({ a: 1 })), Symbol.for(later("s")).description, structuredClone(later([1]))[0]);`,
  ["1,2,3", 5, "a,6", "aabb", 2, "0,1", "aXXb", 7, 9n, 12, '{"a":1}', "s", 1],
);

bug(
  "unwinding through a frame that was not compiled ends in a crash",
  `let caught = ""; const never = chan<number>();
   try { each(() => never.recv()); } catch (e) { caught = (e as { code: string }).code; }
   log(caught, later("goes on"), never.len);
   try { JSON.stringify({ toJSON: () => never.recv() }); } catch (e) { caught = (e as Error).message.split(";")[0]!; }
   log(/toJSON|stringify/.test(caught), later("and on"));`,
  ["GORT_NATIVE_FRAME", "goes on", 0, true, "and on"],
);

bug(
  "a goroutine is resumed while it runs",
  `const a = chan<number>(); const b = chan<number>(); const seen: number[] = [];
   go(() => { for (const n of a) b.send(n + 1); b.close(); });
   for (let i = 0; i < 3; i++) { a.send(i); seen.push(b.recv()!); }
   a.close();
   log(seen.join(), select(onRecv(b, (v, ok) => String(v) + ok)));`,
  ["1,2,3", "undefinedfalse"],
);

bug(
  "exceptions out of a recursion use up the count of the native stack",
  `const thrower = (n: number): number => { if (n === 0) throw new Error("x"); return thrower(n - 1) + 1; };
   const caught = (n: number): number => { try { return thrower(n); } catch { return n; } };
   const before = stats().growths;
   let sum = 0;
   for (let i = 0; i < 3000; i++) sum += caught(20);
   log(sum, stats().growths - before);`,
  [60000, 0],
);

/** A function given a callback that blocks: who it was is asked behind the call. */
const through = `const call = (f: () => number): number => f() + 1;
const list = [call, call, call];
let i = 0;
`;

bug("the key of a callee is evaluated once", `${through}log(list[i++]!(() => later(1)), i);`, [2, 1]);
bug("a callee behind a comma is evaluated once", `${through}log((i++, call)(() => later(1)), i);`, [2, 1]);
bug(
  "a condition about a callee is evaluated once",
  `${through}log((i++ > 0 ? list[0]! : call)(() => later(1)), i);`,
  [2, 1],
);
bug(
  "the key of a callee in a chain is evaluated once",
  `${through}const o: { list?: typeof list } = { list };
log((o.list?.[i++])!(() => later(1)), i, o.list?.[i++]?.(() => later(1)), i);`,
  [2, 1, 2, 2],
);
bug(
  "a function that is applied or called is evaluated once",
  `${through}log(list[i++]!.call(null, () => later(1)), i, Reflect.apply(list[i++]!, null, [() => later(1)]), i);`,
  [2, 1, 2, 2],
);
bug(
  "the key of a method of super is evaluated once",
  `let i = 0;
class Base {
  m0(f: () => number): number { return f(); }
  m1(): number { return -1; }
}
class Heir extends Base {
  override m0(f: () => number): number { return super[\`m\${i++}\` as "m0"](f) + super[\`m\${--i}\` as "m0"](() => later(2)); }
}
log(new Heir().m0(() => later(1)), i);`,
  [3, 0],
);
bug(
  "a class that is made where it is instantiated is made once",
  `let made = 0;
const instance = new (class { static { made++; } n: number; constructor(f: () => number) { this.n = f(); } })(() => later(1));
log(made, instance.n, instance.constructor.name);`,
  [1, 1, ""],
);
bug(
  "a method that a getter or a proxy gives is asked for once",
  `const reads: unknown[] = [];
const call = (f: () => number): number => f();
const handler = { get(target: object, key: PropertyKey, receiver: unknown): unknown {
  reads.push(key);
  return Reflect.get(target, key, receiver);
} };
const proxy = new Proxy({ call }, handler);
const behind = Object.create(proxy) as { call: typeof call };
const object = { get call() { reads.push("getter"); return call; } };
log(proxy.call(() => later(1)), behind.call(() => later(2)), object.call(() => later(3)), ...reads);`,
  [1, 2, 3, "call", "call", "getter"],
);

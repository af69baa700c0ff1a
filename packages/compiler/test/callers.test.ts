/**
 * Every way the engine, Node or a library may call a function of the user's, with a function that blocks there, gives way, is
 * preempted, or does none of it: the result is the uncompiled one, or an error with the user's line. Never another
 * value, and a library never goes on with `undefined`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

const folder = join(import.meta.dirname, "fixtures/callers");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

const project = new UserProject({
  "app.ts": read("app.ts"),
  "rows.ts": read("rows.ts"),
  "plain.ts": read("plain.ts"),
  "node_modules/lib/package.json": '{ "name": "lib", "type": "module", "exports": "./index.js" }',
  "node_modules/lib/index.js": read("lib.js"),
});
afterAll(() => project[Symbol.dispose]());

let plain: string[] = [];
beforeAll(async () => {
  plain = (await project.type("node", ["plain.ts"])).stdout.trimEnd().split("\n");
});

async function lines(args: string[], env: Record<string, string>): Promise<string[]> {
  const done = await project.type("node", [project.path("node_modules/.bin/gort"), "run", "app.ts", ...args], env);
  expect(done).toMatchObject({ stderr: "", status: 0 });
  return done.stdout.trimEnd().split("\n");
}

/** What is neither the uncompiled result nor the error. */
function wrong(got: string[]): string[] {
  expect(got.length).toBe(plain.length);
  const failed = (line: string): boolean => line.includes(": GORT_NATIVE_FRAME gort: ");
  expect(got.some(failed)).toBe(true);
  return got.filter((line, i) => line !== plain[i] && (!failed(line) || line.includes("saw undefined")));
}

describe.concurrent("with a function that", () => {
  test("blocks nowhere", async () => expect(await lines(["passes"], {})).toEqual(plain));
  test("loops", async () => expect(await lines(["spins"], {})).toEqual(plain));
  test("is preempted at every poll", async () => expect(await lines(["spins"], { GORT_FORCE: "1" })).toEqual(plain));
  test("sleeps", async () => expect(wrong(await lines(["sleeps"], {}))).toEqual([]));
  test("gives way", async () => expect(wrong(await lines(["yields"], {}))).toEqual([]));
  test("sleeps, and has done so in a goroutine's own code before", async () =>
    expect(wrong(await lines(["sleeps", "before"], {}))).toEqual([]));
});

test("the error says what waited, where, who called, and what to write", async () => {
  const got = await lines(["sleeps"], {});
  const line = got.find((text) => text.startsWith("library: through two of ours:"))!;
  expect(line).toMatch(
    /GORT_NATIVE_FRAME gort: a blocking operation was called below a function that cannot be suspended: sleep at sleeps \(\S+app\.ts:14:7\), below .*\.func1 \(\S+rows\.ts:\d+:\d+\), called by Bus\.fire \(file:\S+lib\/index\.js:7:27\); write `.*\.func1` as an `async` function where a promise is welcome .*, or compile the package too: `gort run --include lib`, GORT_INCLUDE=lib, .*; or call it outside: a loop in place/,
  );
});

test("its stack has who called the function that blocked, also where the engine did", async () => {
  using own = new UserProject({
    "app.ts": `import { sleep } from "gort";
const table = new Proxy({} as Record<string, number>, { get(): number { sleep(1); return 1; } });
class A { constructor() { sleep(1); } }
class B extends A { x: number; constructor() { super(); this.x = 1; } }
function reads(): number { return table["x"]!; }
function makes(): B { return new B(); }
function writes(): string { return JSON.stringify(1, () => { sleep(1); return 1; }); }
export function main(): void {
  for (const f of [reads, makes, writes])
    try { f(); } catch (e) { console.log([...(e as Error).stack!.matchAll(/^ +at (?:async )?(.*?) \\(/gm)].map((m) => m[1]).join(", ")); }
}
`,
  });
  expect(await own.gort("run", "app.ts")).toMatchObject({
    stderr: "",
    stdout: "get, reads, main\nnew A, new B, makes, main\nwrites.func1, JSON.stringify, writes, main\n",
  });
});

test("what is seen late, because the function has just blocked elsewhere, is no silent difference either", async () => {
  project.write({
    "late.ts": `import { chan, go } from "gort";
      import * as lib from "lib";
      export function main(): void {
        const ch = chan<{ x: number }>();
        const f = (): { x: number } => ch.recv()!;
        const attempt = (name: string, g: (f: () => { x: number }) => unknown): void => {
          go(() => ch.send({ x: 1 }));
          f();
          try {
            g(f);
            console.log(name, "went on");
          } catch (e) {
            console.log(name, (e as { code: string }).code);
          }
        };
        attempt("throws", (f) => lib.reads(f));
        attempt("gives nothing", () => lib.calls(f));
        go(() => ch.send({ x: 42 }));
        console.log("nobody took the value before:", ch.recv());
      }`,
    "node_modules/lib/index.js": `${read("lib.js")}
      export const reads = (f) => f().x;
      export const calls = (f) => { f(); };`,
  });
  const done = await project.type("node", [project.path("node_modules/.bin/gort"), "run", "late.ts"]);
  expect(done).toMatchObject({
    stderr: "",
    stdout: "throws GORT_NATIVE_FRAME\ngives nothing GORT_NATIVE_FRAME\nnobody took the value before: { x: 42 }\n",
  });
});

test("SQL that calls a function of ours is not left as a slice ends, and hears of what blocks", async () => {
  using own = new UserProject({
    "app.ts": `import { DatabaseSync } from "node:sqlite";
import { chan, go } from "gort";
interface Database { exec(sql: string): void; function(name: string, f: () => number | undefined): void; }
const ch = chan<number>();
function slow(): number { const end = performance.now() + 30; let n = 0; while (performance.now() < end) n++; return n > 0 ? 1 : 0; }
const insert = (db: Database): void => db.exec("INSERT INTO t VALUES (waits())");
const give = (db: Database, fs: (() => number | undefined)[]): void => { for (const f of fs) db.function("waits", f); };
export function main(): void {
  const db = new DatabaseSync(":memory:");
  db.function("slow", slow);
  db.exec("CREATE TABLE t(a)");
  const ask = db.prepare("SELECT slow() AS v");
  go(() => {});
  console.log({ ...ask.get() });
  give(db, [() => ch.recv()]);
  go(() => ch.send(1));
  try { insert(db); } catch (e) { console.log((e as { code: string }).code); }
  console.log(ch.recv());
}
`,
  });
  for (const GORT_FORCE of ["0", "1"])
    expect(
      await own.type("node", ["--no-warnings", own.path("node_modules/.bin/gort"), "run", "app.ts"], { GORT_FORCE }),
    ).toMatchObject({
      stderr: "",
      stdout: "{ v: 1 }\nGORT_NATIVE_FRAME\n1\n",
    });
});

test("a program that has its own writeUint32 of a serializer is preempted as any other", async () => {
  using own = new UserProject({
    "app.ts": `import { Serializer } from "node:v8";
import { go, stats } from "gort";
const { writeUint32 } = Serializer.prototype;
const others: Record<string, (this: Serializer, n: number) => void> = {
  nothing() {},
  fails() { throw new Error("not ours"); },
  writeUint32(n) { writeUint32.call(this, n); },
};
Serializer.prototype.writeUint32 = others[process.argv[2]!]!;
export function main(): void {
  go(() => {});
  const { preemptions } = stats();
  while (stats().preemptions === preemptions);
  console.log("preempted");
}
`,
  });
  for (const other of ["nothing", "fails", "writeUint32"])
    expect(await own.gort("run", "app.ts", other)).toMatchObject({ stderr: "", stdout: "preempted\n", status: 0 });
});

test("a function that has just blocked elsewhere, and many times, is asked about when a package calls it", async () => {
  const given: Record<string, string> = {
    "by name": "bus.on(f)",
    "by name, in a variable of anything": "const any: any = bus; any.on(f)",
    "in an object": "lib.keep({ on: { it: f } }); bus.on(() => lib.kept.on.it())",
    "as a property": "lib.host['on'] = f; bus.f = () => lib.invoke('on')",
    "what a function returns": "const make = () => f; bus.on(make())",
    "through a function of ours": "const put = (g: () => unknown) => { bus.on(g); }; put(f)",
    bound: "bus.on(f.bind(null))",
    "a method": "class C { m() { return ch.recv(); } } const c = new C(); warm(() => c.m()); bus.on(c.m)",
    "an instance":
      "class C { m() { return ch.recv(); } } const c = new C(); warm(() => c.m()); lib.keep(c); bus.on(() => lib.kept.m())",
    "an heir":
      "class C extends lib.Bus { m() { return ch.recv(); } } const c = new C(); warm(() => c.m()); bus.on(() => lib.calls(c))",
    this: "class C { m() { return ch.recv(); } give() { lib.keep(this); } } const c = new C(); warm(() => c.m()); c.give(); bus.on(() => lib.kept.m())",
    "an operation, bound": "bus.on(ch.recv.bind(ch))",
    "an operation, bound before": "const recv = ch.recv.bind(ch); warm(recv); bus.on(recv)",
    "an export of gort": "bus.on(gosched)",
  };
  const rows = Object.entries(given).map(
    ([name, text]) => `attempt(${JSON.stringify(name)}, () => {
      const ch = chan<number>();
      const f = (): number => ch.recv()!;
      const warm = (g: () => unknown): void => {
        for (let i = 0; i < 30; i++) { go(() => ch.send(1)); g(); }
      };
      warm(() => f());
      const bus = new lib.Bus();
      ${text};
      bus.fire();
    });`,
  );
  project.write({
    "given.ts": `import { chan, go, gosched } from "gort";
      import * as lib from "lib";
      function attempt(name: string, body: () => void): void {
        lib.seen.length = 0;
        let end = "went on";
        try {
          body();
        } catch (e) {
          end = (e as { code: string }).code;
        }
        console.log(name + ":", end, lib.seen.includes(undefined));
      }
      export function main(): void {
        ${rows.join("\n")}
      }`,
    "node_modules/lib/index.js": `${read("lib.js")}
      export let kept;
      export const keep = (x) => { kept = x; };
      export const calls = (o) => note(o.m());`,
  });
  const done = await project.type("node", [project.path("node_modules/.bin/gort"), "run", "given.ts"]);
  expect(done).toMatchObject({
    stderr: "",
    stdout: Object.keys(given)
      .map((name) => `${name}: GORT_NATIVE_FRAME false\n`)
      .join(""),
  });
});

test("what a package hands on of the runtime, or of ours, may block", async () => {
  project.write({
    "handed.ts": `import { chan, go } from "gort";
      import * as lib from "lib";
      import { sleep, take } from "lib";
      const ours = (c: { recv(): number | undefined }): number => c.recv()!;
      class Own extends lib.Base { step(): number { return ours(this.c); } declare c: { recv(): number | undefined }; }
      export function main(): void {
        const ch = lib.chan<number>(0);
        go(() => { for (let i = 1; i < 6; i++) { sleep(1); ch.send(i); } });
        lib.kept.f = ours;
        const own = new Own();
        own.c = ch;
        sleep(1);
        lib.sleep(1);
        console.log(ch.recv(), lib.kept.f(ch), lib.kept.f.call(null, ch), own.step());
        try {
          take(ch);
        } catch (e) {
          console.log((e as { code: string }).code);
        }
        console.log(ch.recv());
      }`,
    "node_modules/lib/index.js": `${read("lib.js")}
      export { chan, sleep } from "gort";
      export const kept = {};
      export const take = (c) => note(kept.f(c));`,
  });
  const done = await project.type("node", [project.path("node_modules/.bin/gort"), "run", "handed.ts"]);
  expect(done).toMatchObject({ stderr: "", stdout: "1 2 3 4\nGORT_NATIVE_FRAME\n5\n" });
});

test("a function that blocks all the time in one place is asked about elsewhere, however it gets to a package", async () => {
  const warm = "warm(ch, f);";
  // Where the goroutine goes on at the same place as before the package was called.
  const same = "for (let i = 0; i < 3000; i++) { go(() => ch.send(1)); f(); }";
  const rows: Record<string, [text: string, expected: string | RegExp]> = {
    "through an array of another module": [`${warm} list.push(f); fire();`, "GORT_NATIVE_FRAME false"],
    "and nobody knows who is called": [`${warm} list.push(f); any.fire();`, "GORT_NATIVE_FRAME false"],
    "in an object": [`${warm} keep({ f }); fire();`, "GORT_NATIVE_FRAME false"],
    "by a name made up": [`${warm} any["li" + "st"].push(f); any.lib.all(any.list);`, "GORT_NATIVE_FRAME false"],
    // The package has gone on by then, unless a slice has just begun.
    "in the same place: as the package returns": [`${same} list.push(f); lib.all(list);`, /^GORT_NATIVE_FRAME/],
    "in the same place: it returns something": [`${same} list.push(f); lib.five(list); any.x;`, /^GORT_NATIVE_FRAME/],
    // What is left: see ADR 6.
    "in the same place, and nobody knows who is called": [
      `${same} list.push(f); go(() => ch.send(1)); any.lib.all(list);`,
      /^went on true|^GORT_NATIVE_FRAME/,
    ],
  };
  project.write({
    "ours.ts": `import * as lib from "lib";
      const bus = new lib.Bus();
      export const list: (() => unknown)[] = [];
      export const keep = (o: { f: () => unknown }): void => void list.push(o.f);
      export const fire = (): unknown => {
        bus.f = list[0];
        return bus.fire();
      };
      export const any: any = { fire, lib, list };`,
    "segments.ts": `import { chan, go, type Chan } from "gort";
      import * as lib from "lib";
      import { any, fire, keep, list } from "./ours.ts";
      function attempt(name: string, body: () => void): void {
        lib.seen.length = list.length = 0;
        let end = "went on";
        try {
          body();
        } catch (e) {
          end = (e as { code: string }).code;
        }
        console.log(name + ":", end, lib.seen.includes(undefined));
      }
      function warm(ch: Chan<number>, f: () => unknown): void {
        ${same}
      }
      export function main(): void {
        ${Object.entries(rows)
          .map(
            ([name, [text]]) =>
              `attempt(${JSON.stringify(name)}, () => { const ch = chan<number>(); const f = () => ch.recv()!; ${text} });`,
          )
          .join("\n")}
      }`,
    "node_modules/lib/index.js": `${read("lib.js")}
      export const all = (fs) => { for (const f of fs) note(f()); };
      export const five = (fs) => { all(fs); return 5; };`,
  });
  const done = await project.type("node", [project.path("node_modules/.bin/gort"), "run", "segments.ts"]);
  expect(done).toMatchObject({ stderr: "", status: 0 });
  const lines = done.stdout.trimEnd().split("\n");
  expect(lines.length).toBe(Object.keys(rows).length);
  Object.entries(rows).forEach(([name, [, expected]], i) => {
    expect(lines[i]!.startsWith(`${name}: `)).toBe(true);
    expect(lines[i]!.slice(name.length + 2)).toMatch(expected);
  });
});

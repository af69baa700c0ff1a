/** Compiled code that blocks where no goroutine runs: what its callers are given, and what they find afterwards. */
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

async function print(text: string, env: Record<string, string> = {}): Promise<string> {
  using project = new UserProject({ "app.ts": text });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"], env);
  expect(done).toMatchObject({ stderr: "", status: 0 });
  return done.stdout;
}

test("a store is left where the code below goes on, not only where the goroutine does", async () => {
  const text = `
    import { AsyncLocalStorage } from "node:async_hooks";
    import { EventEmitter } from "node:events";
    import { gosched, sleep } from "gort";
    const als = new AsyncLocalStorage<string>();
    const inside = (): unknown => als.run("a", () => als.run("b", () => { gosched(); return [als.getStore(), als.exit(() => { sleep(1); return als.getStore(); })]; }));
    async function body(): Promise<void> {
      console.log(inside(), als.getStore());
      await null;
      console.log(inside(), als.getStore());
    }
    await body();
    const emitter = new EventEmitter();
    emitter.on("e", () => { console.log(inside(), als.getStore()); });
    als.run("outer", () => { emitter.emit("e"); console.log("emitted", als.getStore()); });
    console.log("after", als.getStore());
    await Promise.resolve().then(inside);
    console.log("then", als.getStore());`;
  const expected =
    "[ 'b', undefined ] undefined\n[ 'b', undefined ] undefined\nemitted outer\nafter undefined\n[ 'b', undefined ] outer\nthen undefined\n";
  expect(await print(text)).toBe(expected);
  expect(await print(text, { GORT_FORCE: "1" })).toBe(expected);
});

test("who uses what a callback returns is given it, or the callback fails", async () => {
  const text = `
    import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
    import { channel } from "node:diagnostics_channel";
    import { cpSync } from "node:fs";
    import { performance } from "node:perf_hooks";
    import { stringify } from "node:querystring";
    import { Readable } from "node:stream";
    import { mock } from "node:test";
    import { sleep } from "gort";
    const five = (): number => { sleep(1); return 5; };
    const asks: Record<string, () => unknown> = {
      timerify: () => performance.timerify(five)(),
      runStores: () => channel("c").runStores({}, five),
      querystring: () => stringify({ a: "b" }, "&", "=", { encodeURIComponent: (s) => s + five() }),
      cpSync: () => cpSync(import.meta.dirname, import.meta.dirname + "-copy", { recursive: true, filter: () => five() === 0 }),
      mock: () => mock.fn(five)(),
      headers: () => new Headers({ a: "1" }).forEach(five),
      resource: () => new AsyncResource("r").runInAsyncScope(five),
      bound: () => AsyncResource.bind(five)(),
      snapshot: () => AsyncLocalStorage.snapshot()(five),
    };
    for (const [name, f] of Object.entries(asks)) {
      try { console.log(name, f()); } catch (e) { if ((e as { code: string }).code !== "GORT_NO_GOROUTINE") console.log(name, e); }
    }
    console.log(await Readable.from([1, 2]).map((n) => n * five()).toArray());
    console.log(await Readable.from([4, 5, 6]).filter((n) => n > five()).toArray());
    let busy = 0, most = 0;
    const writer = new WritableStream({ write() { most = Math.max(most, ++busy); sleep(2); busy--; } }).getWriter();
    await Promise.all([writer.write(1), writer.write(2)]);
    let n = 0;
    const pulled = [];
    for await (const x of new ReadableStream({ pull(c) { sleep(1); c.enqueue(++n); if (n === 3) c.close(); } })) pulled.push(x);
    console.log(most, pulled);
    await new Promise<void>((resolve) => setTimeout(AsyncResource.bind(() => { console.log(five()); resolve(); })));
    console.log(await Promise.resolve().then(AsyncLocalStorage.bind(five)));`;
  expect(await print(text)).toBe("[ 5, 10 ]\n[ 6 ]\n1 [ 1, 2, 3 ]\n5\n5\n");
});

test("so is Node where it calls from an event: a completer, onread, a constructor, an iterator, a connection, C++", async () => {
  const text = `
    import { createServer, ServerResponse } from "node:http";
    import { connect as connect2 } from "node:http2";
    import { connect, createServer as listen, type AddressInfo, type Server } from "node:net";
    import { createInterface } from "node:readline";
    import { PassThrough, Readable } from "node:stream";
    import { DefaultSerializer } from "node:v8";
    import { sleep } from "gort";
    const five = (): number => { sleep(1); return 5; };
    class Slow extends ServerResponse { five: number; constructor(...args: any) { super(...(args as [any])); this.five = five(); } }
    class Sizes extends DefaultSerializer { _writeHostObject() { this.writeUint32(five()); } }
    const port = (server: Server): Promise<number> => new Promise((resolve) => server.listen(0, () => resolve((server.address() as AddressInfo).port)));
    const asks: Record<string, () => unknown> = {
      completer() {
        const input = new PassThrough();
        createInterface({ input, output: new PassThrough(), terminal: true, completer: (line: string) => [[String(five())], line] });
        input.write("a\\t");
      },
      async onread() {
        const server = listen((socket) => socket.end("a"));
        connect({ port: await port(server), onread: { buffer: Buffer.alloc(1), callback: () => five() === 5 } });
      },
      async constructed() {
        const server = createServer({ ServerResponse: Slow as never }, (_, res) => res.end(String((res as Slow).five)));
        connect(await port(server), "127.0.0.1").write("GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n");
      },
      iterator: () => Readable.from({ [Symbol.iterator]: () => ({ next: () => ({ value: five(), done: false }) }) }).on("error", caught).resume(),
      connection: () => connect2("http://127.0.0.1:1", { createConnection: () => (five(), connect(1)) }),
      delegate() {
        const to = new Sizes();
        to.writeHeader();
        console.log(to.writeValue([new Uint8Array(1)]), to.releaseBuffer());
      },
    };
    let caught: (e: Error) => void;
    process.on("uncaughtException", (e) => caught(e));
    for (const [name, f] of Object.entries(asks)) {
      const error = await new Promise<Error>((resolve) => { caught = resolve; setImmediate(async () => { try { await f(); } catch (e) { resolve(e as Error); } }); });
      console.log(name, (error as { code?: string }).code);
    }
    process.exit();`;
  expect(await print(text)).toBe(
    ["completer", "onread", "constructed", "iterator", "connection", "delegate"]
      .map((name) => `${name} GORT_NO_GOROUTINE\n`)
      .join(""),
  );
});

test("an error names what entered compiled code; not by a place of the compiled text", async () => {
  const text = `
    import { run, sleep } from "gort";
    const five = (): number => { sleep(1); return 5; };
    const said: string[] = [];
    const tell = (f: () => unknown): void => { try { f(); said.push("passed"); } catch (e) { said.push(/called by ([^;]*)/.exec((e as Error).message)?.[1] ?? String(e)); } };
    class Box { get g() { return five(); } static { tell(five); } }
    class Field { x = five(); }
    class Derived extends Box { constructor() { const x = five(); super(); void x; } }
    tell(() => new Box().g);
    tell(() => new Field());
    tell(() => new Derived());
    await run(() => tell(() => new Field()));
    console.log(said);`;
  expect(await print(text)).toBe(
    `${[
      "[",
      "  'a static block or field',",
      "  'get g',",
      "  'a field of a class',",
      "  'new Derived',",
      "  'a field of a class'",
      "]",
    ].join("\n")}\n`,
  );
});

test("a chain with calls inside: at the top of a module, and where its first call blocks", async () => {
  const text = `
    import { chan, go, run } from "gort";
    const ch = chan<{ n: number }>();
    const none = undefined as any;
    console.log(none?.m().n, none?.recv().n);
    go(() => ch.send({ n: 1 }));
    class Box { get first() { return this.ch?.recv().n; } get caught() { try { return this.ch?.recv().n; } catch (e) { return (e as { code: string }).code; } } constructor(readonly ch: any) {} }
    await run(() => {
      for (const box of [new Box(undefined), new Box(chan())]) {
        try { console.log(box.first); } catch (e) { console.log((e as { code: string }).code); }
        console.log(box.caught);
      }
      console.log(ch.recv());
    });`;
  expect(await print(text)).toBe(
    "undefined undefined\nundefined\nundefined\nGORT_NATIVE_FRAME\nGORT_NATIVE_FRAME\n{ n: 1 }\n",
  );
});

test("a body of node:test with `done`: one that blocks gives a promise too, which node:test refuses; one parameter, and it waits", async () => {
  using project = new UserProject({
    "a.test.ts": `import { test } from "node:test";
    import { chan, sleep } from "gort";
    const slow = (f: () => void): void => void setTimeout(f, 1);
    test("calls done", (t, done) => slow(done));
    test("blocks", (t, done) => { sleep(1); done(); });
    test("waits", (t) => { const ended = chan<void>(); slow(() => ended.close()); ended.recv(); });`,
  });
  const done = await project.type("node", ["--import", "@gort/compiler/register", "--test", "a.test.ts"]);
  expect(done.stdout).toMatch(/✔ calls done/);
  expect(done.stdout).toMatch(/✖ blocks[^]*passed a callback but also returned a Promise/);
  expect(done.stdout).toMatch(/✔ waits/);
  expect(done.stdout).toMatch(/fail 1\n/);
});

const double = `
    import { chan, go, parallel, type Chan } from "gort";
    const double = parallel((n: number, out: Chan<number>) => { out.send(2 * n); });
    function both(): number {
      const out = chan<number>();
      go(double, 1, out);
      go(double, 20, out);
      const first = out.recv()!;
      return first + out.recv()!;
    }`;

test.each([
  ["the first goroutine of all is parallel", "console.log(await (async () => both())());"],
  [
    "others have come and gone, and something else keeps the event loop open, as a server does",
    `await new Promise((resolve) => go(resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const open = setInterval(() => {}, 1e6);
    console.log(await (async () => both())());
    clearInterval(open);`,
  ],
  [
    "async code receives itself",
    "const out = chan<number>(1);\n go(double, 21, out);\n console.log(await out.recvAsync());",
  ],
])("parallel goroutines started where none runs: %s", async (_, text) => {
  for (const GOMAXPROCS of ["1", "2"]) expect(await print(double + text, { GOMAXPROCS })).toBe("42\n");
});

test("a deadlock is told where nothing but parallel goroutines ever was", async () => {
  using project = new UserProject({
    "app.ts": `import { chan, go, parallel, type Chan } from "gort";
      const waits = parallel((ch: Chan<number>) => ch.recv());
      await go(waits, chan<number>()).asPromise();`,
  });
  const { status, stderr } = await project.type("node", ["--import", "@gort/compiler/register", "app.ts"]);
  expect(stderr).toMatch(/^fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 \[chan receive\]:\n/);
  expect(status).toBe(2);
});

/**
 * What to do where code blocks that cannot be suspended, by who called it: a package can be compiled too, a listener can start a goroutine,
 * a getter can be a method. The errors of entry.ts ask here, and `parallel`.
 */
import type { GortErrorCode } from "./catalogue.ts";

/** The package whose file `place` names, as `name (file:line:column)`: the innermost one. */
const IN_PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/@.][^\\/]*)[\\/]/s;
/** Packages that run tests. */
const RUNNERS = /^(?:@vitest\/.*|vitest|mocha|ava|tap|@tapjs\/.*|jasmine-core|jasmine|uvu|jest-circus|@jest\/.*)$/;

const runner =
  "in a test, give the runner `goTest(() => …)` of gort/testing, or an `async` function; hooks, `expect.poll` and `expect(…).rejects` take an `async` one too, " +
  "in place of `expect(…).toThrow()`";

/** Who called, as the error names it, and what to write instead. */
const byCaller: readonly (readonly [RegExp, string])[] = [
  [
    /^called by (?:\S+\.)?(?:emit|dispatchEvent|\[nodejs\.internal\.kHybridDispatch\])$/,
    "start a goroutine in the listener, `(x) => void go(() => …)`: whoever emits does not wait for it",
  ],
  [
    /^called by (?:(?:[\w$]*\.)?(?:_write|doWrite|writeOrBuffer|clearBuffer|callFinal|prefinish|final|_destroy|constructNT)|(?:\w*Readable|Duplex|Transform|PassThrough|ReadStream|Socket)\.read)(?: \[as \w+\])?$/,
    "write the stream's method `async`, `async transform(chunk, encoding, callback) { … }`: it may block then, and awaits",
  ],
  [/^called by JSON\./, "do what blocks before, and give JSON the results"],
  [/^called by (?:new )?Promise$/, "`go(f).asPromise()` is a promise of what blocks, `wait(promise)` waits for one"],
  [
    /^called by `super\(\)` in /,
    "block in a method, or in a function that makes the object and gives it what it has waited for: a constructor cannot wait for its `super()`",
  ],
  [/^below the getter /, "write a method in place of the getter"],
  [
    /^below the generator /,
    "write a goroutine that sends to a channel, and `for (const x of ch)` in place of the generator",
  ],
  [/^below the top level of a module$/, "export a function that does it, and call that: a module is loaded at once"],
  [/^below the class field or static block$/, "give the field its value in the constructor, or in a method"],
  [/^below the function with direct `eval` /, "move the `eval` to a function of its own, or write `(0, eval)(text)`"],
  [
    /^(?:called by|below) the engine$/,
    "do it before, and hand over what it gives: `toString`, `valueOf`, a proxy's traps, a spread or a pattern cannot wait",
  ],
];

/** A resource's own function, through which a package calls back: its result is the package's. */
const IN_SCOPE = /^called by (?:\S+\.)?runInAsyncScope$/;
const inScope =
  "what is called there may be `async` where a promise is welcome (it may block, and awaits), or start a goroutine: `go(() => …)`; a (req, res) handler " +
  "goes into `handler(f)` of gort/http";

/** What takes the place of a function in a test. */
const MOCKS =
  /[\\/]node_modules[\\/](?:@vitest[\\/]spy|vitest[\\/]dist[\\/](?:chunks[\\/])?spy|sinon|tinyspy|jest-mock)\b/;
const mock =
  "a mock goes on at once: make its function `async` where its caller awaits, or put a function of your own in its place";
/** Node's and chai's: what they call is to throw. */
const ASSERTS = /^called by (?:getActual|(?:assert|strict)\.(?:throws|doesNotThrow))$|[\\/]node_modules[\\/]chai[\\/]/;
const asserts =
  "who asserts that it throws calls it at once: catch it with `try`, or `await assert.rejects(async () => …)`";

/** A function of a file that is no package's: compiled ones are named otherwise, or were suspended. */
const IN_PROGRAM = /^called by (?!.*\bnode:).*\S:\d+:\d+\)?$/;
const uncompiled =
  'that function is not compiled (a file of .astro, .svelte or .vue, one that says "use no gort" or is built without the plugin): ' +
  "compile it too, or call what blocks outside of it: a loop in place of a callback; `go` and `run` want a function of a file that is compiled, with its " +
  "arguments, `await run(f, x)` in place of `run(() => f(x))`";

/** The cure for `code` where `where` called `callee`, if its name is known; undefined: the catalogue's. */
export function cureFor(code: GortErrorCode, where: string, callee: string = ""): string | undefined {
  if (MOCKS.test(where)) return mock;
  if (ASSERTS.test(where)) return asserts;
  const name = IN_PACKAGE.exec(where)?.[1]?.replace("\\", "/");
  if (name === undefined && IN_SCOPE.test(where)) return inScope;
  if (name === undefined)
    return byCaller.find(([who]) => who.test(where))?.[1] ?? (IN_PROGRAM.test(where) ? uncompiled : undefined);
  if (/^(?:gort$|@gort\/)/.test(name)) return undefined;
  if (RUNNERS.test(name)) return runner;
  const compiled = `compile the package too: \`gort run --include ${name}\`, GORT_INCLUDE=${name}, or \`gort({ include: ["${name}"] })\` in a bundler`;
  if (code === "GORT_PARALLEL_PLACE") return compiled;
  if (code === "GORT_NATIVE_FRAME") {
    const f = callee === "" ? "the function that is called" : `\`${callee}\``;
    return `write ${f} as an \`async\` function where a promise is welcome (it may block, and awaits), or ${compiled}; or call it outside: a loop in place of the callback`;
  }
  return (
    "this package uses at once what the function gives back: make that function `async` where a promise is welcome (it may block, and awaits), " +
    `wrap a (req, res) handler in \`handler(f)\` of gort/http, start a goroutine in it with \`go(() => …)\`, or ${compiled}`
  );
}

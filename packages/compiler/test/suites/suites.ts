/**
 * Packages whose published files hold their own tests, and how those are run. The packages and their tests are compiled;
 * the test libraries they ask for are stood in for by `shims/`, compiled too, so that no native frame is between a test and
 * the code it tests.
 */
import { globSync } from "node:fs";
import { join } from "node:path";

export interface Suite {
  /** The package, as it is installed. */
  name: string;
  /** Other packages that are compiled with it. */
  beside?: string[];
  /** Test files, by patterns. */
  files: string[];
  /** Files left out: they ask for what is not installed or not stood in for, or change what the tests of other files see. */
  without?: string[];
  /** Which of the files are run for every change; all of them nightly. */
  quick?: string[];
  /** Of this many safepoints in the quick form, one suspends by force. */
  every?: number;
  /**
   * `registers`: loading a file registers tests. `nodeunit`: it exports them. `body`: each file is a test, which runs as the
   * body of a function, because the top of a module cannot be suspended.
   */
  kind: "registers" | "nodeunit" | "body";
  /** Tests that fail as they are: on a newer Node.js than they were written for, or by what the stand-ins lack. */
  failing?: number;
  /** Tests that look at structured stack traces, which tell places of the compiled text. */
  differing?: string[];
  /** So many tests look at what events have done so far, and may fail once a suspended goroutine lets events go before it. */
  races?: number;
  /** At least so many, in the quick form, or nothing was tested. */
  least: { tests: number; assertions: number };
  /** What is asserted differs from run to run: times, addresses, whether a promise is still pending. */
  varies?: boolean;
}

const modules = join(import.meta.dirname, "../../../../node_modules");

export const suites: Suite[] = [
  // Parsers.
  { name: "esprima", files: ["test/runner.js"], every: 7, kind: "body", least: { tests: 1, assertions: 675 } },
  {
    name: "fast-uri",
    files: ["test/*.test.js"],
    // A suspension each few instructions makes its 100,000 random references take 30 s.
    quick: ["test/!(relative-normalization-security|uri-js*).test.js"],
    kind: "registers",
    least: { tests: 80, assertions: 500 },
  },
  // Data structures.
  {
    name: "bintrees",
    beside: ["underscore"],
    files: ["test/test_*.js"],
    quick: ["test/test_api.js"],
    every: 397,
    kind: "nodeunit",
    least: { tests: 28, assertions: 100_000 },
  },
  {
    name: "functional-red-black-tree",
    beside: ["iota-array"],
    files: ["test/*.js"],
    every: 3,
    kind: "registers",
    least: { tests: 9, assertions: 25_000 },
  },
  {
    name: "fastq",
    beside: ["reusify"],
    files: ["test/test.js", "test/promise.js"],
    kind: "registers",
    races: 4,
    varies: true,
    least: { tests: 49, assertions: 270 },
  },
  // Utilities.
  {
    name: "hoek",
    files: ["test/*.js"],
    kind: "registers",
    failing: 1,
    differing: ["callStack() > returns the full call stack"],
    varies: true,
    least: { tests: 183, assertions: 400 },
  },
  {
    name: "events",
    files: ["tests/*.js"],
    without: ["tests/{index,common,legacy-compat,events-once}.js"],
    kind: "body",
    least: { tests: 19, assertions: 19 },
  },
  // In TypeScript: schemas, classes, a code generator of its own.
  {
    name: "zod",
    files: ["src/**/*.test.ts"],
    without: [
      "src/v4/classic/tests/{to-json-schema,file,redos,detached-methods,recursive-types,error,cyclic-data}.test.ts",
      "src/v4/classic/tests/{prototypes,default-locale,global-config,instance-footprint,jitless-allows-eval,readonly}.test.ts",
      "src/v4/core/tests/**",
      "src/v4/mini/tests/{recursive-types,string,cyclic-data,deep-partial,error,standard-schema}.test.ts",
      "src/v3/tests/{object-in-es5-env,language-server,standard-schema}.test.ts",
    ],
    quick: [
      "src/v3/tests/*.test.ts",
      "src/v4/classic/tests/{array,catch,codec,discriminated-unions,intersection,lazy,map,object,pipe,record,refine,set,transform,tuple,union}.test.ts",
    ],
    every: 11,
    varies: true,
    kind: "registers",

    least: { tests: 900, assertions: 2300 },
  },
];

/** The absolute paths of a suite's test files. */
export function filesOf(suite: Suite, quick: boolean): string[] {
  const folder = join(modules, suite.name);
  const out = new Set(globSync(suite.without ?? [], { cwd: folder }));
  return globSync((quick ? suite.quick : undefined) ?? suite.files, { cwd: folder })
    .filter((name) => !out.has(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * What is more than types, made JavaScript before the pass sees it: enums, namespaces, parameter properties, decorators,
 * `accessor`, JSX, `import x = require()`, `export =`, fields that are assigned. esbuild does it, with TypeScript's
 * meaning; what the types of decorated things are is told by oxc-transform, because esbuild does not look at types.
 * Helpers they write into the file are compiled with it. Files without such constructs never load either.
 */
import { createRequire } from "node:module";
import type * as esbuild from "esbuild";
import type * as oxc from "oxc-transform";
import { decode } from "@jridgewell/sourcemap-codec";
import type { Node } from "../tree/ast.ts";
import type { Language } from "./language.ts";
import { mappings, withMetadata } from "./metadata.ts";
import type { Format } from "../files/module-text.ts";
import { Source } from "./source.ts";

/** What to do about a mistake that esbuild has found. */
function hintFor(mistake: string): string {
  if (mistake.startsWith("panic"))
    return "It is esbuild that fails here, as it does over a decorated member with a computed key in a class of a namespace: give the member a name, or move the class out.";
  return mistake.includes("experimental decorators")
    ? 'Set "experimentalDecorators": true in the compilerOptions of tsconfig.json, and "emitDecoratorMetadata": true where a library reads types (NestJS, TypeORM).'
    : "Correct the syntax.";
}

/** What a construct is called in a message. */
const names: Record<string, string> = {
  Decorator: "a decorator",
  AccessorProperty: "an `accessor` field",
  TSEnumDeclaration: "an enum",
  TSModuleDeclaration: "a namespace",
  TSParameterProperty: "a parameter property",
  TSExportAssignment: "`export =`",
  TSImportEqualsDeclaration: "`import x =`",
  JSXElement: "JSX",
  JSXFragment: "JSX",
  PropertyDefinition: "a field that is assigned, not defined (useDefineForClassFields)",
};

export interface DownlevelOptions {
  language: Language;
  format: Format;
  /** Whether `require` is there: a bundler's, or one that the compiler gives the module. */
  hasRequire: boolean;
}

/**
 * Rewrites a file to JavaScript.
 * @param constructs What makes it necessary, at least one.
 */
export function downlevel(source: Source, constructs: Node[], options: DownlevelOptions): Source {
  const { language, format } = options;
  if (format === "module") {
    const assigned = constructs.find((node) => node.type === "TSExportAssignment");
    if (assigned !== undefined)
      source.refuse(
        "GORT_UNSUPPORTED",
        assigned.start,
        "`export =` in an ECMAScript module",
        "Write `export default`, or name the file `.cts`.",
      );
  }
  const decorator = constructs.find((node) => node.type === "Decorator");
  if (decorator === undefined || !language.emitDecoratorMetadata || !source.typescript)
    return withEsbuild(source, constructs, options);
  const space = constructs.find((node) => node.type === "TSModuleDeclaration");
  if (space !== undefined)
    source.refuse(
      "GORT_UNSUPPORTED",
      space.start,
      "a namespace in a file of decorators with metadata (emitDecoratorMetadata)",
      "Move the namespace, or the classes, to a file of their own.",
    );
  const tool = need<typeof oxc>("oxc-transform", source, decorator);
  return withEsbuild(withMetadata(source, tool, language), constructs, options);
}

function withEsbuild(source: Source, constructs: Node[], { language, format, hasRequire }: DownlevelOptions): Source {
  const tool = (own ??= ownCopy(() => need<typeof esbuild>("esbuild", source, constructs[0]!)));
  const { typescript, syntax, file } = source;
  let result: esbuild.TransformResult;
  try {
    result = tool.transformSync(source.text, {
      loader: syntax,
      sourcefile: file,
      sourcemap: "external",
      sourcesContent: false,
      target: "esnext",
      supported: { decorators: false },
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      platform: "node",
      ...(typescript && format === "commonjs" ? { format: "cjs" as const } : {}),
      tsconfigRaw: { compilerOptions: compilerOptions(language) },
    });
  } catch (error) {
    const [failure] = (error as Partial<esbuild.TransformFailure>).errors ?? [];
    if (failure === undefined) throw error;
    const at = failure.location === null ? 0 : source.offsetOfBytes(failure.location.line, failure.location.column);
    source.refuse("GORT_PARSE", at, failure.text.replace(/\.$/, ""), hintFor(failure.text));
  } finally {
    rest();
  }
  // In place, as TypeScript does it: the module may use `exports` and `this` itself.
  let code = result.code.replace(
    /^module\.exports = (__toCommonJS\d*\(\w+\));$/m,
    "Object.defineProperties(exports, Object.getOwnPropertyDescriptors($1));",
  );
  // What the language has on a prototype is not enumerable; the descriptor that esbuild makes of an `accessor` is.
  code = code.replace(
    "desc && __defProp(target, name, desc)",
    "desc && (desc.enumerable = false, __defProp(target, name, desc))",
  );
  const requires = constructs.some((node) => node.moduleReference?.type === "TSExternalModuleReference");
  if (requires && format === "module" && !hasRequire && !/\b(?:const|let|var|function)\s+require\b/.test(code))
    code += require_;
  return source.rewritten(code, decode(mappings(result.map)), "js");
}

function compilerOptions(language: Language): NonNullable<esbuild.TsconfigRaw["compilerOptions"]> {
  const { jsx, jsxFactory, jsxFragmentFactory, jsxImportSource } = language;
  return {
    jsx: jsx === "classic" ? "react" : "react-jsx",
    ...(jsxFactory === undefined ? {} : { jsxFactory }),
    ...(jsxFragmentFactory === undefined ? {} : { jsxFragmentFactory }),
    ...(jsxImportSource === undefined ? {} : { jsxImportSource }),
    experimentalDecorators: language.experimentalDecorators,
    useDefineForClassFields: language.useDefineForClassFields,
    verbatimModuleSyntax: language.verbatimModuleSyntax,
  };
}

/** In an ECMAScript module TypeScript gives `import x = require()` a `require` of its own. Hoisted, so behind the text. */
const require_ = `
function require(id) {
  return process.getBuiltinModule("node:module").createRequire(import.meta.url)(id);
}
`;

const require = createRequire(import.meta.url);

/** Loads a library, or says how to get it. */
function need<T>(name: string, source: Source, construct: Node): T {
  try {
    return require(name) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    const what = names[construct.type]!;
    source.refuse(
      "GORT_DEPENDENCY",
      construct.start,
      `${what} is compiled with the help of ${name}`,
      `In the program's folder: npm install --save-dev ${name}`,
    );
  }
}

/** Our copy of esbuild; null until it is needed. */
let own: typeof esbuild | null = null;

/**
 * A copy that nobody else has: `stop` ends all that a copy is doing, and the one the program or the bundler loads may be in
 * the middle of a build.
 */
function ownCopy(load: () => typeof esbuild): typeof esbuild {
  const file = resolved("esbuild");
  const theirs = require.cache[file];
  delete require.cache[file];
  try {
    return load();
  } finally {
    if (theirs === undefined) delete require.cache[file];
    else require.cache[file] = theirs;
  }
}

/** A library's file, or "" where it is not installed, which `need` tells. */
function resolved(name: string): string {
  try {
    return require.resolve(name);
  } catch {
    return "";
  }
}

/** esbuild is a process of its own, which does not stay once nothing more is loaded. Milliseconds. */
const patience = 1000;
let resting: NodeJS.Timeout | undefined;

function rest(): void {
  if (resting !== undefined) resting.refresh();
  else resting = setTimeout(() => void own?.stop(), patience).unref();
}

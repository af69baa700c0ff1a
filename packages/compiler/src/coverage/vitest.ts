/**
 * vitest's coverage, in the user's text. Its provider goes through the compiled text and takes what the last of two copies says; so
 * what V8 counted is told of the user's text first, as for c8 (covered.ts), and the provider's own conversion runs on that: the report is
 * what it is without the compiler.
 *
 * vitest has no seam there. Its provider is changed as it is made; where it looks otherwise, that is said.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Node } from "../tree/ast.ts";
import { coveredFunctions, coveredTree, type CoveredFunction } from "./covered.ts";
import { isOptedOut } from "../files/module-text.ts";
import { isCompiled, type Rules } from "../files/package-rules.ts";

/** What vitest's development server made of a file. */
interface Sources {
  code: string;
  map?: { mappings: unknown; sourcesContent?: (string | null)[] } | null;
}

interface Provider {
  name: string;
  options: { ignoreClassMethods?: string[]; ignoreNode?: (node: Node, type: string) => unknown };
  remapCoverage(url: string, wrapper: number, sources: Sources, functions: CoveredFunction[]): Promise<unknown>;
}

/** What is used of vitest. */
export interface Vitest {
  config: { root: string; coverage: { enabled?: boolean; provider?: string } };
  logger: { warn(text: string): void };
  coverageProvider?: unknown;
  initCoverageProvider?: unknown;
}

type Convert = (of: object) => Promise<unknown>;

/** The rules of the projects, each with a plugin of its own. */
const rulesOf = new WeakMap<Vitest, Rules[]>();

/** Makes the coverage of this vitest count both copies. */
export function countCopies(vitest: Vitest, rules: Rules): void {
  const known = rulesOf.get(vitest);
  if (known !== undefined) {
    known.push(rules);
    return;
  }
  const all = [rules];
  rulesOf.set(vitest, all);
  const { coverage } = vitest.config;
  if (coverage.enabled === true && coverage.provider === "istanbul")
    vitest.logger.warn(
      'gort: coverage by istanbul puts counters between a call and its check: what blocks will fail, as GORT_NATIVE_FRAME. Use `coverage.provider: "v8"`.',
    );
  const make = vitest.initCoverageProvider;
  if (typeof make !== "function") {
    if (coverage.enabled === true) refuse(vitest);
    return;
  }
  vitest.initCoverageProvider = async function initCoverageProvider(this: Vitest): Promise<unknown> {
    const before = this.coverageProvider;
    const made: unknown = await (make as () => Promise<unknown>).call(this);
    const provider = this.coverageProvider as Provider | null | undefined;
    if (provider !== before && provider?.name === "v8") changeProvider(this, provider, all);
    return made;
  };
}

function changeProvider(vitest: Vitest, provider: Provider, rules: readonly Rules[]): void {
  const { remapCoverage } = provider;
  const convert = converter(vitest.config.root);
  if (typeof remapCoverage !== "function" || convert === null) {
    refuse(vitest);
    return;
  }
  provider.remapCoverage = async function remap(url, wrapper, sources, functions): Promise<unknown> {
    const text = textOf(url, sources, rules);
    if (text === null) return remapCoverage.call(this, url, wrapper, sources, functions);
    const file = fileURLToPath(url);
    const lineLengths = sources.code.split("\n").map((line) => line.length);
    const compiled = { lineLengths, mappings: sources.map!.mappings as string };
    const shifted = functions.map((f) => ({
      ...f,
      ranges: f.ranges.map((r) => ({ ...r, startOffset: r.startOffset - wrapper, endOffset: r.endOffset - wrapper })),
    }));
    const program = coveredTree(text, file);
    // Of a file that no test has loaded there are no functions.
    const how = { partial: functions.length === 0, exact: true };
    const { ignoreClassMethods, ignoreNode } = this.options;
    return (await convert)({
      code: text,
      ast: program,
      coverage: { url, functions: coveredFunctions(text, program, compiled, shifted, how) },
      ignoreClassMethods,
      ignoreNode: (node: Node, type: string) =>
        type !== "function" && isTestInSource(node) ? "ignore-this-and-nested-nodes" : ignoreNode?.(node, type),
    });
  };
}

/** The user's text of a file that was compiled; null of others. */
function textOf(url: string, { map }: Sources, rules: readonly Rules[]): string | null {
  const text = map?.sourcesContent?.[0];
  if (typeof text !== "string" || map!.sourcesContent!.length !== 1 || typeof map!.mappings !== "string") return null;
  const file = fileURLToPath(url);
  return rules.some((r) => isCompiled(file, r)) && !isOptedOut(text) ? text : null;
}

/** `if (import.meta.vitest)` */
function isTestInSource(node: Node): boolean {
  if (node.type !== "IfStatement" || node.test.type !== "MemberExpression") return false;
  return node.test.object.type === "MetaProperty" && node.test.property.name === "vitest";
}

/** What the provider itself converts with, from where it finds it. */
function converter(root: string): Promise<Convert> | null {
  try {
    const provider = createRequire(`${root}/package.json`).resolve("@vitest/coverage-v8");
    const found = createRequire(`${dirname(provider)}/`).resolve("ast-v8-to-istanbul");
    return import(pathToFileURL(found).href).then((m: { default: Convert }) => m.default);
  } catch {
    return null;
  }
}

function refuse({ logger }: Vitest): void {
  logger.warn(
    "gort: this version of vitest counts coverage in a way the compiler does not know: a line may be shown as not run that was.",
  );
}

/**
 * Calls of Node's synchronous functions that are known to take long: `execSync(…)` becomes `$R.syscall(execSync, undefined, …)`, which
 * hands the thread's P on meanwhile. Only what is imported from Node by name, or through the module's namespace or default, is
 * known; what a program has given another name stays as it is.
 */
import { eachChild, type Node } from "../tree/ast.ts";
import type { Binding } from "../tree/binding.ts";
import { undef } from "../tree/node.ts";

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** By module. None of them calls anybody back. */
const slow: Readonly<Record<string, ReadonlySet<string>>> = {
  child_process: names("execSync execFileSync spawnSync"),
  crypto: names("pbkdf2Sync scryptSync hkdfSync argon2Sync generateKeyPairSync generatePrimeSync checkPrimeSync"),
  fs: names(
    "appendFileSync copyFileSync fdatasyncSync fsyncSync readFileSync readSync readdirSync readvSync rmSync writeFileSync writeSync " +
      "writevSync",
  ),
  zlib: names(
    "brotliCompressSync brotliDecompressSync deflateSync deflateRawSync gunzipSync gzipSync inflateSync inflateRawSync unzipSync " +
      "zstdCompressSync zstdDecompressSync",
  ),
};

/** Rewrites them in place. After names have been resolved. */
export function wrapSyscalls(program: Node): void {
  const known = (program.body as Node[]).some(
    (s) => s.type === "ImportDeclaration" && slowOf(s.source.value as string) !== undefined,
  );
  if (known) walk(program);
}

function slowOf(from: string): ReadonlySet<string> | undefined {
  return slow[from.replace(/^node:/, "")];
}

function walk(node: Node): void {
  eachChild(node, walk);
  if (node.type !== "CallExpression" || node.optional === true) return;
  const callee = node.callee as Node;
  const self = selfOf(callee);
  if (self === null) return;
  node.arguments = [callee, self, ...(node.arguments as Node[])];
  node.callee = { type: "$Field", name: "syscall", start: callee.start, end: callee.end };
}

/** What the function is called on; null if it is none of them. */
function selfOf(callee: Node): Node | null {
  if (callee.type === "Identifier") {
    const b = imported(callee);
    return b !== null && slowOf(b.from)!.has(b.imported) ? undef : null;
  }
  if (callee.type !== "MemberExpression" || callee.computed || callee.optional === true) return null;
  const object = callee.object as Node;
  const b = imported(object);
  const whole = b !== null && (b.imported === "*" || b.imported === "default");
  return whole && slowOf(b.from)!.has(callee.property.name as string) ? { ...object } : null;
}

function imported(node: Node): Binding | null {
  const b = node.type === "Identifier" ? (node.$b as Binding | undefined) : undefined;
  return b?.kind === "import" && slowOf(b.from) !== undefined ? b : null;
}

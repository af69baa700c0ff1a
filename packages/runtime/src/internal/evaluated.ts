/**
 * The text of a script that was evaluated from memory, as Vite's development server and vitest do it: no file holds it, but
 * the engine does, and tells it to a debugger. One is attached for a moment, when a script is met for the first time, which
 * takes milliseconds to tenths of a second, by how much code is loaded. Asked by sites.ts, and only for scripts a compiled module named when it was loaded.
 */

/** Files of compiled modules, as they were named when they were compiled. */
const files: Set<string> = new Set();

/** A compiled module begins. */
export function addFile(file: string): void {
  files.add(file);
}

/** A script's text, and where its first line begins: the evaluator may have put something before it. */
export interface Evaluated {
  text: string;
  line: number;
  column: number;
}

/** By hash: what the engine has told so far. A script it does not know is not asked for again: sites.ts remembers. */
const known: Map<string, Evaluated> = new Map();

/** The text of the script `name` with the hash `hash`; null when no module of ours was evaluated as it, or the engine does not tell. */
export function evaluatedText(name: string, hash: string): Evaluated | null {
  if (!isOfModule(name)) return null;
  if (!known.has(hash)) askEngine();
  return known.get(hash) ?? null;
}

/**
 * Whether somebody may be counting what runs: with the last debugger that leaves, V8 forgets the counts of all blocks there are. So ours
 * stays then, and is told of what is evaluated later, too.
 */
const isCounted = (): boolean => process.env["NODE_V8_COVERAGE"] !== undefined || process.env["VITEST"] !== undefined;
let attached = false;

/** Takes the texts of all modules evaluated so far, because attaching is what costs. Everything here answers at once. */
function askEngine(): void {
  if (attached) return;
  const inspector = process.getBuiltinModule?.("node:inspector");
  if (inspector === undefined) return;
  const session = new inspector.Session();
  try {
    session.connect();
    session.on("Debugger.scriptParsed", ({ params }) => {
      const { scriptId, url, hash, startLine: line, startColumn: column } = params;
      if (known.has(hash) || !isOfModule(url)) return;
      session.post("Debugger.getScriptSource", { scriptId }, (error, result) => {
        if (error === null) known.set(hash, { text: result.scriptSource, line, column });
      });
    });
    session.post("Debugger.enable");
    if (isCounted()) attached = true;
    else session.post("Debugger.disable");
  } catch {
    // No inspector in this build, or no permission: the scripts stay unknown.
  } finally {
    if (!attached) session.disconnect();
  }
}

/** Whether a script may hold a compiled module: bundlers tell file names that are relative to the project. */
function isOfModule(name: string): boolean {
  const path = name.replace(/^file:\/\//, "").replace(/[?#].*$/, "");
  for (const file of files) if (path === file || path.endsWith(file.startsWith("/") ? file : `/${file}`)) return true;
  return false;
}

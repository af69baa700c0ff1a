/** Where a thread begins: with a file of the runtime, or, where a bundle has the runtime inside, with the text of it. */
import module from "node:module";
import { dirname } from "node:path";
import { SHARE_ENV, Worker, type WorkerOptions } from "node:worker_threads";
import { fileOf, inside } from "../internal/here.ts";
import { KEY, type ThreadData } from "./thread.ts";

/** What a thread runs first where the runtime is in a bundle: its modules are what it is handed. */
const fromText = `
const { registerHooks } = require("node:module");
const { base, files } = require("node:worker_threads").workerData["gort.files"];
const at = (url) => ({ url, format: "module", shortCircuit: true });
registerHooks({
  resolve(specifier, context, next) {
    const name = /^gort(?:\\/|$)/.test(specifier) ? (specifier.slice(5) || "index") + ".js" : "";
    if (Object.hasOwn(files, name)) return at(base + name);
    if (specifier.startsWith(base)) return at(specifier);
    return specifier.startsWith("./") && context.parentURL?.startsWith(base)
      ? at(new URL(specifier, base).href)
      : next(specifier, context);
  },
  load(url, context, next) {
    return url.startsWith(base) ? { format: "module", source: files[url.slice(base.length)], shortCircuit: true } : next(url, context);
  },
});
import(base + "worker.js");
`;

/** Where this thread keeps what the engine has made of texts; undefined: nowhere. */
function keptIn(): string | undefined {
  // Under it Node.js has a folder for each of its versions.
  const folder = module.getCompileCacheDir();
  return folder === undefined ? undefined : dirname(folder);
}

/** Starts a thread of the runtime. */
export function startWorker(data: ThreadData, name: string): Worker {
  const bundled = inside();
  // The environment is the process's: a copy would lack what the program sets later, and keep from it what a goroutine sets.
  const workerData = { [KEY]: data, "gort.files": bundled, "gort.kept": keptIn() };
  const options: WorkerOptions = { workerData, name, env: SHARE_ENV, transferList: [data.line] };
  if (bundled !== null) return new Worker(fromText, { ...options, eval: true });
  return new Worker(new URL(fileOf("worker.js", "shared/startup.ts")), options);
}

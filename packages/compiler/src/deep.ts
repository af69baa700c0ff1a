/**
 * Files nested so deep that the compiler's own recursion runs out of stack: generated ones, with sums and chains of thousands
 * of terms. They are compiled once more on a thread with a stack that is large, while this one waits.
 */
import { MessageChannel, receiveMessageOnPort, Worker, workerData } from "node:worker_threads";
import type { CompileOptions, CompileResult } from "./compile.ts";
import { CompileError } from "./errors.ts";
import { ownFile } from "./lazy.ts";
import { DEEP, DEEPEST, nesting } from "./read/nesting.ts";

/** MB of stack; only what is used of it is memory. */
const STACK = 256;
/** How long it may take, ms: some megabytes take half a minute. */
const LONGEST = 300_000;

type Answer = { result: CompileResult } | { refused: CompileError & object } | { failed: string };

/** The thread: what it imports, or compiles, may fail, and whoever waits must be woken all the same. */
const code = `
const { workerData: { url, text, options, port, done } } = require("node:worker_threads");
import(url).then(({ compile }) => ({ result: compile(text, options) })).catch((e) =>
  e?.name === "RangeError" || !("hint" in Object(e)) ? { failed: String(e?.stack ?? e) } : { refused: { ...e, message: e.message } },
).then((answer) => {
  port.postMessage(answer);
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});
`;

/** Whether this is that thread: there is no larger stack. */
function isDeepThread(): boolean {
  return (workerData as { deep?: boolean } | null)?.deep === true;
}

/** Whether a text must be parsed where the stack is large. */
export function isDeep(text: string): boolean {
  return !isDeepThread() && nesting(text) > DEEP;
}

/** What `compile` gives, or throws, for what is too deep for this stack. `overflow`: how it said so, if it was tried. */
export function compileDeep(text: string, options: CompileOptions, overflow?: RangeError): CompileResult {
  if (overflow !== undefined && isDeepThread()) throw overflow;
  if (nesting(text) > DEEPEST) throw tooDeep(options.filename);
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const url = ownFile("index").href;
  const worker = new Worker(code, {
    eval: true,
    workerData: { deep: true, url, text, options, port: port2, done },
    transferList: [port2],
    resourceLimits: { stackSizeMb: STACK },
    env: { ...process.env, NODE_OPTIONS: "" },
    execArgv: process.execArgv.filter((flag) => flag.startsWith("--conditions=")),
  });
  worker.unref();
  try {
    // A thread that dies, of too little memory, wakes nobody.
    if (Atomics.wait(done, 0, 0, LONGEST) === "timed-out") throw overflow ?? tooDeep(options.filename);
    const answer = receiveMessageOnPort(port1)!.message as Answer;
    if ("result" in answer) return answer.result;
    if ("refused" in answer) {
      const { code, file, line, column, hint, message } = answer.refused;
      const error = new CompileError(code, "", hint, file, { line, column });
      error.message = message;
      throw error;
    }
    if (!answer.failed.startsWith("RangeError")) throw new Error(answer.failed);
    throw tooDeep(options.filename);
  } finally {
    port1.close();
    void worker.terminate();
  }
}

function tooDeep(file: string): CompileError {
  return new CompileError(
    "GORT_UNSUPPORTED",
    "code that is nested tens of thousands deep",
    'Take it apart, or leave the file as it is with `"use no gort"` at its top.',
    file,
    { line: 1, column: 1 },
  );
}

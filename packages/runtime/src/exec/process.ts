/**
 * Other programs: what they print comes as channels of lines, their end is waited for. Go: package os/exec.
 *
 *     child.stdout ──'data'──► lines ──► Chan<string> ──► for (const line of child.lines)
 *                                          full: the stream is paused, and so, when its pipe is full, is the program
 */
import { spawn as spawnProcess, type ChildProcess, type SpawnOptions as NodeOptions } from "node:child_process";
import { existsSync } from "node:fs";
import { linesOf } from "./lines.ts";
import type { RecvChan } from "../chan/ends.ts";
import type { Context } from "../context/context.ts";
import { watch } from "../scheduler/ctx.ts";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { current, park, ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { arriving } from "../scheduler/stack.ts";
import { WaitQ } from "../scheduler/waitq.ts";

/** What those who wait for the end of a program wait for. */
export const EXEC_WAIT: number = waitReason("exec wait");
/** A program that could not be started, was killed, or ended with another status than 0. Go: exec.ExitError, exec.Error. */
export class ExecError extends Error {
  /** Node's code when it could not be started ("ENOENT"), "ERR_STRING_TOO_LONG", else "ERR_EXIT". */
  readonly code: string;
  /** "spawn" when it could not be started, "read" when it printed more than a string holds, else "wait". */
  readonly op: string;
  /** The program and its arguments, with spaces between them. */
  readonly command: string;
  /** The exit status; null if it was killed or not started. */
  readonly status: number | null;
  /** The signal that ended it; null if none did. */
  readonly signal: NodeJS.Signals | null;
  /** The end, 65,536 characters at most, of what it printed as errors, where {@link exec} has collected it; else "". */
  readonly stderr: string;
  constructor(
    command: string,
    why: string,
    about: {
      code?: string;
      op?: string;
      status?: number | null;
      signal?: NodeJS.Signals | null;
      stderr?: string;
      cause?: unknown;
    },
  ) {
    super(`${command}: ${why}`, about.cause === undefined ? undefined : { cause: about.cause });
    this.name = "ExecError";
    this.code = about.code ?? "ERR_EXIT";
    this.op = about.op ?? (this.code === "ERR_EXIT" ? "wait" : "spawn");
    this.command = command;
    this.status = about.status ?? null;
    this.signal = about.signal ?? null;
    this.stderr = about.stderr ?? "";
    // It is made in an event of Node's: where it is thrown is what counts, and is added there.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** For who waits for a program, or for what it prints: `line` could not be started. */
export function notStarted(
  command: string,
  line: string,
  { shell, cwd }: SpawnOptions,
  e: NodeJS.ErrnoException,
): ExecError {
  const isMissing = e.code === "ENOENT";
  // The system says the same of a program and of the folder it is to run in, and Node names the program.
  const hint =
    isMissing && cwd !== undefined && !existsSync(cwd)
      ? `; there is no folder ${cwd} to run it in`
      : isMissing && !shell && /\s/.test(command.trim())
        ? "; that is a line for a shell, not a program: pass { shell: true }, or the arguments as an array"
        : "";
  const about = { ...(e.code === undefined ? {} : { code: e.code }), cause: e };
  return new ExecError(line, `${e.message}${hint}`, about);
}

/** How a program is started. */
export interface SpawnOptions {
  /** The folder it runs in; this process's own if left out. */
  cwd?: string;
  /** All of its environment; this process's own if left out. */
  env?: NodeJS.ProcessEnv;
  /** Given to the program, whose input then ends; without it the program reads nothing. */
  input?: string | Uint8Array;
  /** Through a shell: `command` is then a line for it, and arguments are put behind it as they are. Default: false. */
  shell?: boolean;
}

/** How a program ended. */
export interface Exit {
  /** The exit status; null if a signal ended it. */
  status: number | null;
  /** The signal that ended it; null if none did. */
  signal: NodeJS.Signals | null;
}

/** A running program. `using` ends it at the end of the block. Go: exec.Cmd. */
export class Process implements Waitable, Disposable {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly #waiting: WaitQ = new WaitQ();
  #exit: Exit | null = null;
  #error: ExecError | null = null;
  /**
   * The lines it prints, UTF-8, without their ends; closed at the end. 256 are kept; nobody who reads them: it stops when its pipe is full.
   * A line longer than a string can be is thrown to receivers, as Node's error.
   */
  readonly lines: RecvChan<string>;
  /** The same for standard error. */
  readonly errorLines: RecvChan<string>;

  /** For {@link spawn}. */
  constructor(command: string, args: readonly string[], options: SpawnOptions) {
    const { cwd, env, input, shell } = options;
    const node: NodeOptions = {
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
      ...(shell === undefined ? {} : { shell }),
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      windowsHide: true,
    };
    this.#command = [command, ...args].join(" ");
    this.#child = spawnProcess(command, args, node);
    const { stdin, stdout, stderr } = this.#child;
    this.lines = linesOf(stdout);
    this.errorLines = linesOf(stderr);
    this.#child.on("error", (e: NodeJS.ErrnoException) => this.#failed(notStarted(command, this.#command, options, e)));
    this.#child.on("close", (status, signal) => this.#ended({ status, signal }));
    if (stdin !== null) {
      stdin.on("error", () => {}); // it has ended without reading it all
      stdin.end(input);
    }
  }

  /** The system's number for it; 0 if it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Parks the caller until the program has ended and its output is at its end; says how. Another status than 0 is no error here. Read
   * its lines before: a program that nobody reads may not end. Go: Cmd.Wait.
   * @param ctx stop waiting when it ends (throws its error), and send the program a SIGTERM
   * @throws ExecError if it could not be started
   */
  wait(ctx?: Context): Exit {
    if (this.#error !== null) throw this.#error;
    if (this.#exit !== null) return this.#exit;
    const g = current();
    this.#waiting.push(g);
    park(g, EXEC_WAIT, this);
    if (ctx !== undefined) watch(g, ctx);
    return undefined as unknown as Exit;
  }

  /** Sends it a signal; SIGTERM if none is named. False if it has ended. Go: Process.Signal. @throws TypeError of Node's on a signal that there is not */
  kill(signal?: NodeJS.Signals): boolean {
    return this.#child.kill(signal);
  }

  /** Ends it by SIGTERM, and does not wait: `using child = spawn(…)`. What it printed and nobody has read is dropped. */
  [Symbol.dispose](): void {
    if (this.#exit !== null) return;
    this.#child.kill();
    // Its output may be open in programs that it has started.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  cancelWait(g: G): void {
    this.#waiting.remove(g);
    this.#child.kill();
  }

  #failed(e: ExecError): void {
    if (this.#exit !== null || this.#child.pid !== undefined) return; // a signal that could not be sent
    this.#error = e;
    this.#wake(e, THROW);
  }

  #ended(exit: Exit): void {
    if (this.#error !== null) return;
    this.#exit = exit;
    this.#wake(exit, VALUE);
  }

  #wake(v: unknown, x: number): void {
    for (let g = this.#waiting.shift() as G | null; g !== null; g = this.#waiting.shift() as G | null) {
      if (x === THROW) arriving(v, g);
      g.v = v;
      g.x = x;
      ready(g);
    }
  }
}

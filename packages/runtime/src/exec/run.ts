/** Starting programs. */
import { spawn as spawnProcess } from "node:child_process";
import type { Context } from "../context/context.ts";
import { mustGoOn } from "../context/given.ts";
import { argument, isA, mustBeOptions, wants } from "../errors/catalogue.ts";
import { waitFor } from "../scheduler/wait.ts";
import { EXEC_WAIT, ExecError, notStarted, Process, type SpawnOptions } from "./process.ts";

/** What a program has printed. */
export interface Output {
  stdout: string;
  stderr: string;
}

function check(of: string, command: unknown, args: unknown, options: SpawnOptions): void {
  if (typeof command !== "string" || command === "") throw wants(of, "the name of a program", command);
  if (!Array.isArray(args) || args.some((a) => typeof a !== "string"))
    throw argument(`${of}: wants arguments as an array of strings`);
  mustBeOptions(options, of);
  const { input } = options;
  // Node would take a function for a callback, and the program would wait for its input.
  if (input !== undefined && input !== null && typeof input !== "string" && !isA(input, Uint8Array))
    throw wants(of, "a text or a Uint8Array as input", input);
}

/**
 * Starts a program, and does not park; its lines come as channels. One that cannot be started says so in `wait`. Go: Cmd.Start.
 *
 *     using child = spawn("git", ["log", "--oneline"]);
 *     for (const line of child.lines) …
 *     child.wait();
 * @throws TypeError GORT_ARGUMENT if an argument is of a wrong type
 */
export function spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): Process {
  check("spawn", command, args, options);
  return new Process(command, args, options);
}

/**
 * Runs a program to its end, parking the caller; returns what it has printed, as UTF-8. Go: Cmd.Output.
 * @param ctx kill it (SIGKILL) when it ends (throws its error)
 * @throws ExecError if it cannot be started, is killed, ends with another status than 0, or prints more than a string holds; TypeError GORT_ARGUMENT
 *   if an argument is of a wrong type
 */
export function exec(command: string, args: readonly string[] = [], options: SpawnOptions = {}, ctx?: Context): Output {
  check("exec", command, args, options);
  mustGoOn(ctx, "exec");
  return waitFor(collect(command, args, options, ctx), EXEC_WAIT, ctx);
}

function collect(command: string, args: readonly string[], options: SpawnOptions, ctx?: Context): Promise<Output> {
  const { input, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawnProcess(command, args, {
      ...rest,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      windowsHide: true,
      ...(ctx === undefined ? {} : { signal: ctx.signal, killSignal: "SIGKILL" }),
    });
    const cut = (): void => {
      // Programs that it has started may have them open.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    ctx?.signal.addEventListener("abort", cut, { once: true });
    const said = { stdout: "", stderr: "" };
    const line = [command, ...args].join(" ");
    const hear = (of: "stdout" | "stderr", text: string): void => {
      try {
        said[of] += text;
      } catch (cause) {
        // Longer than a string can be: here, in an event, nobody could catch it.
        said.stdout = said.stderr = "";
        child.kill("SIGKILL");
        cut();
        const why = `it has printed more on ${of} than a string holds; read its lines: spawn`;
        reject(new ExecError(line, why, { code: "ERR_STRING_TOO_LONG", op: "read", cause }));
      }
    };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => hear("stdout", text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => hear("stderr", text));
    child.stdin?.on("error", () => {}); // it has ended without reading it all
    child.stdin?.end(input);
    child.on("error", (e: NodeJS.ErrnoException) => {
      reject(notStarted(command, line, options, e));
    });
    child.on("close", (status, signal) => {
      ctx?.signal.removeEventListener("abort", cut);
      if (status === 0) resolve(said);
      else {
        const why = signal === null ? `exit status ${status}` : `signal: ${signal}`;
        const { stderr } = said;
        reject(new ExecError(line, why, { status, signal, stderr: stderr.slice(-65_536) }));
      }
    });
  });
}

/** The `gort` command. */
import { readFileSync } from "node:fs";
import type { CAC } from "cac";
import { splitArguments } from "./arguments.ts";
import { explain } from "./explain.ts";
import { Failure, showFailure, useColor } from "./failure.ts";
import { findPrograms } from "./program.ts";
import { runProgram, type RunOptions } from "./run.ts";
import type { TopOptions } from "./top/command.ts";

/** Runs one command line. @param args What follows `gort`. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await command(args);
  } catch (error) {
    // cac's own errors name what is wrong with the command line.
    if (error instanceof Failure) showFailure(error.message);
    else if (error instanceof Error && error.name === "CACError") showFailure(sentence(error.message));
    else throw error;
    process.exitCode = 1;
  }
}

async function command(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  // What `top` runs may have an option of that name, behind `--`.
  const once =
    name === "top" ? rest.slice(0, rest.includes("--") ? rest.indexOf("--") : undefined).indexOf("--once") : -1;
  if (once >= 0) rest.unshift(...rest.splice(once, 1));
  const { own, program } = splitArguments(rest);
  // `check` has no program to hand arguments to: they are files.
  if (name === "check") own.push(...program.splice(0));
  // What is typed most waits for no parser (2 ms).
  if (name === "run" && own.length === 1 && !own[0]!.startsWith("-")) return runProgram(own[0]!, program, {});
  const cli = await describe(program);
  cli.parse(["node", "gort", ...(name === undefined ? [] : [name]), ...own], { run: false });
  if (name === undefined) {
    cli.outputHelp();
    process.exitCode = 1;
    return;
  }
  if (cli.options["help"] === true || cli.options["version"] === true) return;
  if (cli.matchedCommand === undefined) {
    const known = name.startsWith("-") ? "option" : "command";
    const file = /\.[cm]?[jt]sx?$/.test(name) ? ` To run a file: gort run ${name}` : " See gort --help.";
    throw new Failure(`There is no ${known} ${name}.${file}`);
  }
  await cli.runMatchedCommand();
}

async function describe(programArguments: readonly string[]): Promise<CAC> {
  const { cac } = await import("cac");
  const cli = cac("gort");
  cli
    .command("run <file>", "Compile a program and run its exported main as the main goroutine")
    .usage("run [options] <file> [arguments of the program]")
    .option("--procs <n>", "How many Ps (GOMAXPROCS)")
    .option("--seed <n>", "Make the scheduler's random choices repeatable")
    .option("--include <package>", "Compile this package too; may be given several times")
    .option("--trace <file>", "Write an execution trace for go tool trace; as JSON for Perfetto if it ends in .json")
    .option(
      "--pprof <address>",
      "Serve profiles for go tool pprof, and a live page, at [HOST:]PORT; alone: localhost:6060",
    )
    .example("gort run app.ts input.txt")
    .example("gort run --procs 4 app.ts -- --seed is-for-the-program")
    .action((file: string, options: RunOptions) => runProgram(file, programArguments, options));
  cli
    .command("check <...files>", "List what cannot be compiled or suspended and what could be parallel; runs nothing")
    .usage("check [options] <files and folders>")
    .option("--include <package>", "Compile this package too; may be given several times")
    .option("--json", "Print the findings as JSON")
    .example("gort check app.ts")
    .example("gort check src --json")
    .action((files: string[], options: { include?: string | string[]; json?: boolean }) =>
      runCheck(files, [options.include ?? []].flat(), options.json === true),
    );
  cli
    .command("top [target]", "Show a running program's goroutines, live: [HOST:]PORT of its --pprof, or a file to run")
    .option("--once", "Print one screen and end")
    .option("--interval <seconds>", "Between two screens (1)")
    .option("--token <token>", "What the program's pprof port asks for")
    .example("gort top")
    .example("gort top localhost:6060 --once")
    // Not before it is asked for: it brings node:http, which takes longer to load than all the rest.
    .action(async (target: string | number | undefined, options: TopOptions) => {
      const { runTop } = await import("./top/command.ts");
      await runTop(target === undefined ? undefined : String(target), programArguments, options);
    });
  cli
    .command("explain [code]", "Show what an error means and what to do; without a code, all codes")
    .example("gort explain GORT_DEADLOCK")
    .action((code: string | undefined) => {
      process.stdout.write(explain(code, Math.min(process.stdout.columns ?? 80, 120)));
    });
  cli.help();
  cli.version(version());
  return cli;
}

/** Here the whole compiler is loaded, which a cached program does not need. */
async function runCheck(named: readonly string[], include: readonly string[], json: boolean): Promise<void> {
  const { showCompileError } = await import("@gort/compiler");
  const { check, jsonOf, showChecked } = await import("./check.ts");
  const checked = check(named.flatMap(findPrograms), { include });
  if (checked.errors.length > 0) process.exitCode = 1;
  if (json) {
    process.stdout.write(`${jsonOf(checked)}\n`);
    return;
  }
  for (const error of checked.errors) process.stderr.write(`${showCompileError(error, { color: useColor() })}\n\n`);
  process.stdout.write(`${showChecked(checked)}\n`);
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** One of cac's messages, which are neither capitalised nor ended. */
function sentence(text: string): string {
  // It tells options as it keeps them: --inspectBrk.
  const typed = text.replace(/`--.*?`/, (option) => option.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`));
  const start = typed.charAt(0).toUpperCase() + typed.slice(1);
  const option = /^unknown option `(--[\w-]+)/i.exec(typed)?.[1] ?? "";
  if (!isNodes(option)) return `${start}. See gort --help.`;
  return `${start}. It is Node's, which takes it before the command: node ${option} node_modules/@gort/devtools/bin/gort.js run app.ts`;
}

/** Whether Node.js has an option of that name. Those of its command line alone are in no list. */
function isNodes(option: string): boolean {
  return (
    process.allowedNodeEnvironmentFlags.has(option) || /^--(?:watch|env-file|test$|cpu-prof|heap-prof)/.test(option)
  );
}

/**
 * The command line, split in two: what is for `gort`, and what is for the program. Everything after the file is the
 * program's, except gort's own options before a `--`: both `gort run --procs 2 app.ts x` and `gort run app.ts x --procs 2`
 * mean the same, and `gort run app.ts -- --procs 2` hands the option to the program.
 */
import { parseAddress } from "./pprof/address.ts";

/** Options that take a value. */
const valued = new Set(["--procs", "--seed", "--include", "--trace", "--interval", "--token"]);

export interface Split {
  own: string[];
  program: string[];
}

/** @param args The command line after `gort run`, `gort check`, `gort top`. */
export function splitArguments(args: readonly string[]): Split {
  const own: string[] = [];
  const program: string[] = [];
  let file = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") {
      const rest = args.slice(i + 1);
      if (!file && rest.length > 0) own.push(rest.shift()!);
      program.push(...rest);
      break;
    }
    const name = arg.split("=", 1)[0]!;
    if (arg === "--pprof") {
      // Its value may be left out: what follows is one only if it looks like an address.
      const next = args[i + 1];
      const given = next !== undefined && parseAddress(next) !== null;
      if (given) i++;
      own.push(`--pprof=${given ? next : "localhost:6060"}`);
    } else if (valued.has(name)) {
      own.push(arg);
      // A value that looks like an option is a missing one: the parser says so.
      if (!arg.includes("=") && i + 1 < args.length && !/^--?[a-z]/.test(args[i + 1]!)) own.push(args[++i]!);
    } else if (file) {
      program.push(arg);
    } else {
      own.push(arg);
      file = !arg.startsWith("-");
    }
  }
  return { own, program };
}

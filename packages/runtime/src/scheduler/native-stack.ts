/** The engine's own stacks as the user should see them: without the runtime's frames, clones by their function's name. */
import { here, onDisk } from "../internal/here.ts";
import { WHOLE } from "../internal/trace.ts";
import { traceback } from "./traceback.ts";

/** The runtime's own package folder, whose dist and src (by source maps) are not shown; "" when a bundler has mixed all. */
export const home: string = (onDisk() && /^(.*\/(?:gort|runtime)\/)(?:dist|src)\//.exec(here)?.[1]) || "";
const homePath: string = home.startsWith("file:///") ? decodeURIComponent(home.slice(7)) : home;

/** A clone in a stack line: `at Object.name$r12 (…`, since it is called as a method of its frame. */
const CLONE = /^(\s+at )(?:[\w$]+\.)?([^\s(.]*?)\$r\d*(?: \[as r\])?(?=[\s.(]|$)/;

/** A clone's name as the user's: the compiler spells what no identifier may hold. */
function readable(name: string): string {
  return name.replaceAll("$_", ".").replaceAll("$s", " ").replaceAll("$p", "#");
}

/** The runtime's own functions that have a name of their own, wherever a bundler has put them. */
const BOTTOM = /^\s+at (?:[^(]*[. ])?gort:execute(?: |$)/;
const LEFT = /^\s+at (?:[^(]*[. ])?gort:leave(?: |$)/;
const OWN_NAME = /^\s+at (?:[^(]*[. ])?gort:/;
/** … and where it has taken their names, and Node's source maps tell the places. */
const MAPPED = /[\\/]node_modules[\\/]gort[\\/](?:dist|src)[\\/]/;
/** Some bundlers read the maps of what they bundle, and some do not: those tell the name, of what is in dist. */
const MAPPED_BOTTOM =
  /[\\/]node_modules[\\/]gort[\\/]src[\\/]scheduler[\\/]execute\.ts:|^\s+at execute \(.*[\\/]node_modules[\\/]gort[\\/]dist[\\/]/;

/** Whether a line of a stack is a frame, and no part of the message. */
export const isFrame = (line: string): boolean => /^\s+at /.test(line);

/** True for a line of a native stack that belongs to the runtime itself. */
function isOwn(line: string): boolean {
  // In webpack's bundles `import.meta.url` says where the file was, which may still be there.
  if (MAPPED.test(line)) return true;
  return home !== "" && (line.includes(homePath) || line.includes(home)) && /\/(?:dist|src)\/[^/]/.test(line);
}

/** A native stack (with or without its message) as the user should see it: own frames out, clones by their function's name. */
export function cleanStack(stack: string): string {
  const lines = stack.split("\n");
  const out: string[] = [];
  // A fast copy that goes on in its clone: it stands below its exit, at no place of the user's.
  let left = false;
  for (const line of lines) {
    if (isFrame(line)) {
      if (BOTTOM.test(line) || MAPPED_BOTTOM.test(line)) break;
      if (left && traceback.level < 2) {
        left = false;
        continue;
      }
      left = LEFT.test(line);
      if (traceback.level < 2 && (OWN_NAME.test(line) || isOwn(line))) continue;
      out.push(line.includes("$r") ? line.replace(CLONE, (_, at: string, name: string) => at + readable(name)) : line);
    } else {
      out.push(line);
    }
  }
  return out.join("\n");
}

/** The native stack here, without the runtime's own frames, as `    at …` lines. */
export function nativeLines(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = WHOLE;
  const stack = new Error("here").stack ?? "";
  Error.stackTraceLimit = limit;
  return cleanStack(stack).split("\n").filter(isFrame);
}

/**
 * Runs a program's text: as it is, compiled, compiled with a suspension forced at every safepoint, and compiled with
 * another goroutine running whenever it may: at each `k.p` over a channel, at each poll by preemption.
 */
import { createRequire, stripTypeScriptTypes } from "node:module";
import { compileFunction } from "node:vm";
import { compile } from "@gort/compiler";
import { chan, run, type Chan } from "gort";
import { R, suspendable, U } from "gort/internal";
import { Host, show } from "./host.ts";

const require = createRequire(import.meta.url);
const filename = "/program.cts";

/** How often the goroutine of a program was suspended, all programs together. */
export const suspended = { channel: 0, preempted: 0 };

type Load = (k: Host) => { main?: () => unknown };

function load(code: string): Load {
  const body = compileFunction(code, ["exports", "require", "__filename", "k"], { filename });
  return (k) => {
    const exports = {};
    body(exports, require, filename, k);
    return exports;
  };
}

const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));

/** The lines a program logs, and what ends it. */
async function linesOf(code: string, host: Host, start: (main: () => unknown) => unknown): Promise<string[]> {
  const globals = new Set(Reflect.ownKeys(globalThis));
  try {
    const { main } = load(code)(host);
    // `run` starts main a microtask later than a call does: what the top has begun goes first in both.
    await turn();
    await start(main!);
  } catch (e) {
    host.log(`threw ${show(e)}`);
  }
  // What async functions still have to say.
  await turn();
  host.end();
  for (let i = 0; i < 3; i++) await turn();
  host.log(`fuel ${host.fuel}`);
  // Sloppy code makes globals: the next program must not find them.
  for (const name of Reflect.ownKeys(globalThis)) {
    if (globals.has(name)) continue;
    host.log(`global ${String(name)}`);
    Reflect.deleteProperty(globalThis, name);
  }
  return host.lines;
}

/** The text of a compiled function is not what was written, so no program gets to see it. */
Object.defineProperty(Function.prototype, Symbol.toPrimitive, {
  value: function toPrimitive(this: Function): string {
    return show(this);
  },
  configurable: true,
});

export function plain(text: string): Promise<string[]> {
  const code = stripTypeScriptTypes(text);
  return linesOf(code, new Host(), (main) => main());
}

export function compiled(text: string): Promise<string[]> {
  const { code } = compile(text, { filename });
  return linesOf(code, new Host(), (main) => run(main));
}

/** `change` is for the test of the tests: it breaks what the compiler made. */
export function forced(text: string, change: (code: string) => string = (code) => code): Promise<string[]> {
  // Half of them as bundlers write them, in a function that is run once.
  const around = text.length % 2 === 0 ? text : `(function (exports) {${text}\n})(exports);`;
  const { code } = compile(around, { filename, force: true });
  return linesOf(change(code), new Host(), (main) => run(main));
}

/** The other goroutine: answers each question on the channel, and takes its turns between. Compiled, as a user's is. */
const other = `
const { go, gosched } = require("gort");
exports.weave = (main, state) => () => {
  go(answer, state);
  try {
    return main();
  } finally {
    state.over = true;
  }
};
function answer(state) {
  while (!state.over) {
    if (state.asked.length > 0) state.values.send(state.asked.pop());
    else gosched();
  }
}
`;
interface State {
  over: boolean;
  asked: unknown[];
  values: Chan<unknown>;
}
const { weave } = (() => {
  const name = "/weave.cjs";
  const exports = {} as { weave: (main: () => unknown, state: State) => () => unknown };
  const { code } = compile(other, { filename: name });
  compileFunction(code, ["exports", "require", "__filename"], { filename: name })(exports, require, name);
  return exports;
})();

export async function woven(text: string): Promise<string[]> {
  // A turn of the event loop between two turns of the program would let its promises go ahead.
  if (/\basync (?:function|m\b|[(#])/.test(text)) return compiled(text);
  const { code } = compile(text, { filename });
  const state: State = { over: false, asked: [], values: chan<unknown>() };
  const host = new Host();
  host.p = suspendable((id, value) => {
    host.log(`pause ${id} ${show(value)}`);
    // Asks whether the stack may be unwound here, and takes it back: the channel does it.
    if (R.u !== 0 || !R.force(0)) return value;
    R.u = 0;
    R.fv = undefined;
    suspended.channel++;
    state.asked.push(value);
    return state.values.recv();
  });
  const { sliceOver } = R;
  R.sliceOver = () => {
    suspended.preempted++;
    return true;
  };
  // Whatever is logged ends the slice: the next poll is preempted.
  host.ended = () => {
    U[0] = 1;
  };
  try {
    return await linesOf(code, host, (main) => run(weave(main, state)));
  } finally {
    R.sliceOver = sliceOver;
    U[0] = 0;
  }
}

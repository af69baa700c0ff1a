/**
 * Selects of every shape, their channels in every state: operands evaluated once each, in the order written, whatever is
 * chosen; only what is ready is chosen, and everything that is ready some time; what it does is done.
 */
import { chan, nilChan, onDefault, onRecv, onSend, otherwise, select, sending, type Case, type Chan } from "gort";

const STATES = ["ready", "not ready", "nil", "closed"] as const;
type State = (typeof STATES)[number];

let effects: number[] = [];
function effect<T>(n: number, x: T): T {
  effects.push(n);
  return x;
}

/** A channel to receive i from, or to send to, in that state. */
function source(state: State, i: number): Chan<number> {
  if (state === "nil") return nilChan();
  const ch = chan<number>(1);
  if (state === "ready") ch.send(i);
  if (state === "closed") ch.close();
  return ch;
}

function sink(state: State): Chan<number> {
  if (state === "nil") return nilChan();
  const ch = chan<number>(1);
  if (state === "not ready") ch.send(-1);
  if (state === "closed") ch.close();
  return ch;
}

/** Case i of a select on channel `c[i]`: what was chosen, with what it received. */
type Shape = (c: Chan<number>[]) => { case: string; value?: number | undefined; ok: boolean };
const CLOSED = "send on closed channel";

/** Which cases receive (r) and send (s), and whether there is a default (d); the select itself, written out. */
const shapes: [string, Shape][] = [
  ["rd", (c) => select({ c0: effect(0, c[0]!), none: otherwise })],
  ["sd", (c) => select({ c0: sending(effect(0, c[0]!), effect(1, 10)), none: otherwise })],
  ["r", (c) => select({ c0: effect(0, c[0]!) })],
  ["s", (c) => select({ c0: sending(effect(0, c[0]!), effect(1, 10)) })],
  ["rr", (c) => select({ c0: effect(0, c[0]!), c1: effect(1, c[1]!) })],
  ["rs", (c) => select({ c0: effect(0, c[0]!), c1: sending(effect(1, c[1]!), effect(2, 11)) })],
  ["sr", (c) => select({ c0: sending(effect(0, c[0]!), effect(1, 10)), c1: effect(2, c[1]!) })],
  [
    "ssd",
    (c) =>
      select({
        none: otherwise,
        c0: sending(effect(0, c[0]!), effect(1, 10)),
        c1: sending(effect(2, c[1]!), effect(3, 11)),
      }),
  ],
  ["rsr", (c) => select({ c0: effect(0, c[0]!), c1: sending(effect(1, c[1]!), effect(2, 11)), c2: effect(3, c[2]!) })],
  [
    "srsd",
    (c) =>
      select({
        c0: sending(effect(0, c[0]!), effect(1, 10)),
        c1: effect(2, c[1]!),
        none: otherwise,
        c2: sending(effect(3, c[2]!), effect(4, 12)),
      }),
  ],
  ["rrsr", (c) => select(...handlers("rrsr", c))],
  ["srrsd", (c) => select(...handlers("srrsd", c))],
];

/** The same with handlers, as a list made at run time. */
function handlers(kinds: string, c: Chan<number>[]): Case<ReturnType<Shape>>[] {
  let k = 0;
  return [...kinds].map((kind, i) => {
    if (kind === "d") return onDefault(() => ({ case: "none", ok: true }));
    const ch = effect(k++, c[i]!);
    if (kind === "r") return onRecv(ch, (value, ok) => ({ case: `c${i}`, value, ok }));
    return onSend(ch, effect(k++, 10 + i), () => ({ case: `c${i}`, ok: true }));
  });
}

/** One select; which case it chose, or what is wrong. */
function one(kinds: string, shape: Shape, states: State[]): string {
  effects = [];
  const cases = kinds.replace("d", "");
  const c = states.map((state, i) => (cases[i] === "r" ? source(state, i) : sink(state)));
  let r: ReturnType<Shape>;
  try {
    r = shape(c);
  } catch (e) {
    if ((e as Error).message !== CLOSED) throw e;
    r = { case: CLOSED, ok: false };
  }
  const operands = cases.length + cases.replaceAll("r", "").length;
  const right = Array.from({ length: operands }, (_, i) => i).join();
  if (effects.join() !== right) return `evaluated ${effects.join()}`;
  if (r.case === "none" || r.case === CLOSED) return r.case;
  const i = Number(r.case[1]);
  if (cases[i] === "r") {
    const done = states[i] === "ready" ? r.value === i && r.ok && c[i]!.len === 0 : r.value === undefined && !r.ok;
    return done ? r.case : `received ${String(r.value)} ${r.ok}`;
  }
  return c[i]!.recv() === 10 + i ? r.case : "sent something else";
}

/** What may be chosen. */
function possible(kinds: string, states: State[]): Set<string> {
  const out = new Set<string>();
  states.forEach((state, i) => {
    if (state === "closed") out.add(kinds.replace("d", "")[i] === "r" ? `c${i}` : CLOSED);
    else if (state === "ready") out.add(`c${i}`);
  });
  if (out.size === 0 && kinds.includes("d")) out.add("none");
  return out;
}

function combinations(n: number): State[][] {
  if (n === 0) return [[]];
  return combinations(n - 1).flatMap((rest) => STATES.map((state) => [state, ...rest]));
}

export function main(): void {
  for (const [kinds, shape] of shapes) {
    let right = 0;
    let all = 0;
    for (const states of combinations(kinds.replace("d", "").length)) {
      const expected = possible(kinds, states);
      if (expected.size === 0) continue; // would wait for ever
      all++;
      const seen = new Set<string>();
      for (let i = 0; i < 400 && (i < 3 || seen.size < expected.size); i++) {
        const got = one(kinds, shape, states);
        if (!expected.has(got)) console.log(`${kinds} with ${states.join(", ")}: ${got}`);
        seen.add(got);
      }
      if (seen.size === expected.size) right++;
    }
    console.log(`${kinds}: ${right} of ${all}`);
  }
}

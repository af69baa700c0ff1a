/** `select` as people write it. A literal's object form is compiled to the functions of lowered.ts. */
import { GortError, isA, milliseconds, shown, wants } from "../errors/catalogue.ts";
import { random } from "../internal/host.ts";
import { S } from "../scheduler/p.ts";
import { suspendable } from "../internal/state.ts";
import { Chan } from "./chan.ts";
import type { RecvChan, SendChan } from "./ends.ts";
import { begin, HANDLER, NOTHING, OBJECT } from "./selector.ts";

/** A send as a case of a select. */
export class Sending<T = unknown> {
  readonly ch: SendChan<T> | null | undefined;
  readonly v: T;
  constructor(ch: SendChan<T> | null | undefined, v: T) {
    mustBeChannel(ch, "sending");
    this.ch = ch;
    this.v = v;
  }
}

/** A time as a case of a select. */
export class Timeout {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = milliseconds(ms, "timeout");
  }
}

class Otherwise {
  readonly otherwise = true;
}

/** A case of the object form that sends `v`. Go: `case ch <- v:`. */
export function sending<T>(ch: SendChan<T> | null | undefined, v: T): Sending<T> {
  return new Sending(ch, v);
}

/** A case of the object form that fires `ms` milliseconds later if nothing else has. Go: `case <-time.After(d):`. */
export function timeout(ms: number): Timeout {
  return new Timeout(ms);
}

/** The case of the object form that fires when no other is ready. Go: `default:`. */
export const otherwise: Otherwise = new Otherwise();
export type { Otherwise };

/** What the object form takes: a channel receives; null and undefined are nil channels. */
// oxlint-disable-next-line typescript/no-explicit-any -- a channel takes its own element type: neither unknown nor never would do
export type Selectable = RecvChan<unknown> | Sending<any> | Timeout | Otherwise | null | undefined;

/** What the object form gives for its cases `C`: a union told apart by `case`. */
export type Selected<C> = {
  [K in keyof C & string]: C[K] extends RecvChan<infer T> | null | undefined
    ? { case: K; value: T | undefined; ok: boolean }
    : { case: K; value: undefined; ok: boolean };
}[keyof C & string];

/** What makes each kind of case. */
const OPERATION = { recv: "onRecv", send: "onSend", default: "onDefault", timeout: "onTimeout" } as const;

/** A case of the expression form. */
export class Case<R = unknown> {
  readonly kind: "recv" | "send" | "default" | "timeout";
  readonly ch: Chan | null;
  readonly v: unknown;
  readonly f: (...args: never[]) => R;
  constructor(kind: "recv" | "send" | "default" | "timeout", ch: unknown, v: unknown, f: (...args: never[]) => R) {
    this.kind = kind;
    if (typeof f !== "function") throw wants(OPERATION[kind], "a function to call", f);
    this.ch = (ch ?? null) as Chan | null;
    this.v = v;
    this.f = f;
  }
}

function mustBeChannel(ch: unknown, of: string): void {
  if (ch !== null && ch !== undefined && !isA(ch, Chan)) throw wants(of, "a channel", ch);
}

const nothing = (): undefined => undefined;

/** Receives from `ch` and calls `f` with the value; `ok` is false once it is closed and drained. Go: `case v, ok := <-ch:`. */
export function onRecv<T, R = void>(
  ch: RecvChan<T> | null | undefined,
  f: (v: T | undefined, ok: boolean) => R = nothing as () => R,
): Case<R> {
  mustBeChannel(ch, "onRecv");
  return new Case("recv", ch, undefined, f);
}

/** Sends `v` to `ch`, then calls `f`. Go: `case ch <- v:`. */
export function onSend<T, R = void>(
  ch: SendChan<T> | null | undefined,
  v: T,
  f: () => R = nothing as () => R,
): Case<R> {
  mustBeChannel(ch, "onSend");
  return new Case("send", ch, v, f);
}

/** Calls `f` when no other case is ready. Go: `default:`. */
export function onDefault<R = void>(f: () => R = nothing as () => R): Case<R> {
  return new Case("default", null, undefined, f);
}

/** Calls `f` when nothing else has happened for `ms` milliseconds. Go: `case <-time.After(d):`. */
export function onTimeout<R = void>(ms: number, f: () => R = nothing as () => R): Case<R> {
  return new Case("timeout", null, milliseconds(ms, "onTimeout"), f);
}

/**
 * Waits for the first of several channel operations; at most one happens. Among those ready, each has the same chance.
 * Go's `select`.
 *
 * Object form: `const r = select({ job: jobs, quit, tick: timeout(50) })`, then `switch (r.case)`. Expression form:
 * `select(onRecv(a, f), onDefault(g))` returns what the chosen handler returns; handlers may block. Without cases it
 * blocks for ever.
 * @throws ChannelError GORT_SEND_CLOSED "send on closed channel" if a send case meets a closed channel
 */
export function select<const C extends Readonly<Record<string, Selectable>>>(cases: C): Selected<C>;
export function select(): never;
export function select<R>(...cases: Case<R>[]): R;
export function select(...cases: unknown[]): unknown {
  const first = cases[0];
  if (first === undefined || first instanceof Case) return expression(cases as Case[]);
  if (typeof first !== "object" || first === null || first instanceof Chan || first instanceof Sending)
    throw new GortError("GORT_SELECT_CASE", described(first));
  if (cases.length > 1) throw new GortError("GORT_SELECT_CASE", `argument ${cases.length} beside an object of cases`);
  return object(first as Readonly<Record<string, Selectable>>);
}
suspendable(select);

/** What was given in place of an object of cases. */
function described(v: unknown): string {
  if (v instanceof Chan || v instanceof Sending)
    return "a channel or sending(…) without a name: write select({ name: … })";
  return typeof v === "object" && v !== null ? "an object beside cases" : shown(v);
}

/** `ch` of a case that sends, or null. */
export function target(c: Sending<unknown>): Chan | null {
  return (c.ch ?? null) as unknown as Chan | null;
}

/**
 * The object form. One pass chooses among the ready cases (as {@link Select} does, k-th with chance 1/k) and allocates only
 * the result; a Select is made when the goroutine must wait.
 */
function object(cases: Readonly<Record<string, Selectable>>): unknown {
  let chosen: string | null = null;
  let winner: Selectable = null; // kept beside its name: a keyed read by a variable costs 10 ns
  let byDefault: string | null = null;
  let k = 0;
  let shared = false;
  for (const name in cases) {
    const c = cases[name];
    if (c instanceof Chan) {
      if (!c.canRecv()) {
        if (c.isShared) shared = true;
        continue;
      }
    } else if (c instanceof Sending) {
      const ch = target(c);
      if (ch === null) continue;
      if (ch.isShared) shared = true;
      if (!ch.canSend()) continue;
    } else if (c === otherwise) {
      byDefault = name;
      continue;
    } else if (c instanceof Timeout || c === null || c === undefined) {
      continue;
    } else {
      throw new GortError("GORT_SELECT_CASE", `${name}: ${shown(c)}`);
    }
    if (++k === 1 || random.below(k) === 0) {
      chosen = name;
      winner = c;
    }
  }
  if (shared) {
    S.met = 0;
    return waitFor(cases, byDefault);
  }
  if (chosen !== null) {
    if (winner instanceof Chan) {
      const ok = !winner.closed || winner.count > 0;
      return { case: chosen, value: winner.takeNow() as unknown, ok };
    }
    const c = winner as unknown as Sending<unknown>;
    (target(c) as Chan).send(c.v);
    return { case: chosen, value: undefined, ok: true };
  }
  return byDefault === null ? waitFor(cases, null) : { case: byDefault, value: undefined, ok: false };
}
suspendable(object);

function isPlain(o: object): boolean {
  const parent: unknown = Object.getPrototypeOf(o);
  // Also of another realm, as under a test runner.
  return parent === null || Object.getPrototypeOf(parent) === null;
}

/** No case is ready, or shared channels take part, of which nothing is certain until it is done. */
function waitFor(cases: Readonly<Record<string, Selectable>>, byDefault: string | null): unknown {
  const s = begin(OBJECT);
  const names: string[] = [];
  let nothing = byDefault === null;
  for (const name in cases) {
    const c = cases[name];
    if (c === otherwise) continue;
    if (c !== null && c !== undefined) nothing = false;
    if (c instanceof Sending) s.send(target(c) as Chan, c.v);
    else if (c instanceof Timeout) s.timeout(c.ms);
    else s.recv((c ?? null) as Chan);
    names.push(name);
  }
  // An array, a promise or a context in place of an object of cases would wait for ever.
  if (nothing && !isPlain(cases))
    throw new GortError("GORT_SELECT_CASE", `${shown(cases)} in place of an object of cases`);
  s.names = names;
  if (byDefault === null) return s.wait();
  const fired = s.tryNow();
  return fired === NOTHING ? { case: byDefault, value: undefined, ok: false } : fired;
}

/** The expression form, in the same way. The handler is called in tail position: if it parks, its frames join select's caller. */
function expression(cases: readonly Case[]): unknown {
  let chosen: Case | null = null;
  let byDefault: Case | null = null;
  let k = 0;
  for (let i = 0; i < cases.length; i++) {
    const c = cases[i] as Case;
    if (!(c instanceof Case)) throw new GortError("GORT_SELECT_CASE", described(c));
    if (c.kind === "default") {
      byDefault = c;
      continue;
    }
    const ch = c.ch;
    if (ch !== null && ch.isShared) {
      S.met = 0;
      return waitForHandler(cases);
    }
    if (ch === null || !(c.kind === "recv" ? ch.canRecv() : ch.canSend())) continue;
    if (++k === 1 || random.below(k) === 0) chosen = c;
  }
  if (chosen === null) {
    if (byDefault !== null) return byDefault.f();
    return waitForHandler(cases);
  }
  const f = chosen.f as (v?: unknown, ok?: boolean) => unknown;
  const ch = chosen.ch as Chan;
  if (chosen.kind === "recv") {
    const ok = !ch.closed || ch.count > 0;
    return f(ch.takeNow(), ok);
  }
  ch.send(chosen.v);
  return f();
}
suspendable(expression);

/** As `waitFor`; suspendable, since a handler may be called at once. */
function waitForHandler(cases: readonly Case[]): unknown {
  const s = begin(HANDLER);
  const handlers: Function[] = [];
  let byDefault: Case | null = null;
  for (const c of cases) {
    if (c.kind === "default") {
      byDefault = c;
      continue;
    }
    if (c.kind === "recv") s.recv(c.ch as Chan);
    else if (c.kind === "send") s.send(c.ch as Chan, c.v);
    else s.timeout(c.v as number);
    handlers.push(c.f);
  }
  s.handlers = handlers;
  if (byDefault === null) return s.wait();
  const fired = s.tryNow();
  return fired === NOTHING ? byDefault.f() : fired;
}
suspendable(waitForHandler);

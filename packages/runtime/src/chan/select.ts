/**
 * `select` as people write it. Compiled code lowers the object form of a literal to {@link selectBegin} and friends, which
 * allocate nothing; this is the same for everything else.
 */
import { GortError } from "../errors/catalogue.ts";
import { suspendable } from "../internal/state.ts";
import { Chan, type RecvChan, type SendChan } from "./chan.ts";
import { begin, HANDLER, INDEX, OBJECT, type Select } from "./selector.ts";

/** A send as a case of a select. */
export class Sending<T = unknown> {
  readonly ch: SendChan<T> | null | undefined;
  readonly v: T;
  constructor(ch: SendChan<T> | null | undefined, v: T) {
    this.ch = ch;
    this.v = v;
  }
}

/** A time as a case of a select. */
export class Timeout {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

class Otherwise {
  readonly otherwise = true;
}

/** A case of the object form that sends `v`. Go: `case ch <- v:`. */
export function sending<T>(ch: SendChan<T> | null | undefined, v: T): Sending<T> {
  return new Sending(ch, v);
}

/** A case of the object form that fires `ms` milliseconds later if nothing else has. */
export function timeout(ms: number): Timeout {
  return new Timeout(ms);
}

/** The case of the object form that fires when no other is ready. Go: `default:`. */
export const otherwise: Otherwise = new Otherwise();
export type { Otherwise };

/** What the object form takes: a channel receives; null and undefined are nil channels. */
export type Selectable = RecvChan<unknown> | Sending<never> | Timeout | Otherwise | null | undefined;

/** What the object form gives for its cases `C`: a union told apart by `case`. */
export type Selected<C> = {
  [K in keyof C & string]: C[K] extends RecvChan<infer T> | null | undefined
    ? { case: K; value: T | undefined; ok: boolean }
    : { case: K; value: undefined; ok: boolean };
}[keyof C & string];

/** A case of the expression form. */
export class Case<R = unknown> {
  readonly kind: "recv" | "send" | "default" | "timeout";
  readonly ch: Chan | null;
  readonly v: unknown;
  readonly f: (...args: never[]) => R;
  constructor(kind: "recv" | "send" | "default" | "timeout", ch: unknown, v: unknown, f: (...args: never[]) => R) {
    this.kind = kind;
    this.ch = (ch ?? null) as Chan | null;
    this.v = v;
    this.f = f;
  }
}

const nothing = (): undefined => undefined;

/** Receives from `ch` and calls `f` with the value; `ok` is false once it is closed and drained. */
export function onRecv<T, R = void>(
  ch: RecvChan<T> | null | undefined,
  f: (v: T | undefined, ok: boolean) => R = nothing as () => R,
): Case<R> {
  return new Case("recv", ch, undefined, f);
}

/** Sends `v` to `ch`, then calls `f`. */
export function onSend<T, R = void>(
  ch: SendChan<T> | null | undefined,
  v: T,
  f: () => R = nothing as () => R,
): Case<R> {
  return new Case("send", ch, v, f);
}

/** Calls `f` when no other case is ready. */
export function onDefault<R = void>(f: () => R = nothing as () => R): Case<R> {
  return new Case("default", null, undefined, f);
}

/** Calls `f` when nothing else has happened for `ms` milliseconds. */
export function onTimeout<R = void>(ms: number, f: () => R = nothing as () => R): Case<R> {
  return new Case("timeout", null, ms, f);
}

/**
 * Waits for the first of several channel operations; at most one happens. Among those ready, each has the same chance.
 * Go's `select`.
 *
 * Object form: `const r = select({ job: jobs, quit, tick: timeout(50) })`, then `switch (r.case)`. Expression form:
 * `select(onRecv(a, f), onDefault(g))` returns what the chosen handler returns; handlers may block. Without cases it
 * blocks for ever.
 * @throws ChannelError "send on closed channel" if a send case meets a closed channel
 */
export function select<const C extends Readonly<Record<string, Selectable>>>(cases: C): Selected<C>;
export function select(): never;
export function select<R>(...cases: Case<R>[]): R;
export function select(...cases: unknown[]): unknown {
  const first = cases[0];
  if (first === undefined || first instanceof Case) return expression(cases as Case[]);
  return object(first as Readonly<Record<string, Selectable>>);
}
suspendable(select);

function object(cases: Readonly<Record<string, Selectable>>): unknown {
  const s = begin(OBJECT);
  const names: string[] = [];
  let byDefault: string | null = null;
  for (const name in cases) {
    const c = cases[name];
    if (c instanceof Chan) {
      s.recv(c);
    } else if (c === otherwise) {
      byDefault = name;
      continue;
    } else if (c instanceof Sending) {
      addSend(s, c.ch, c.v);
    } else if (c instanceof Timeout) {
      s.timeout(c.ms);
    } else if (c === null || c === undefined) {
      s.recv(null as never);
    } else {
      s.clear();
      throw new GortError("GORT_SELECT_CASE", name);
    }
    names.push(name);
  }
  if (byDefault !== null) names.push(byDefault);
  s.names = names;
  return s.go(byDefault === null);
}
suspendable(object);

function addSend(s: Select, ch: unknown, v: unknown): void {
  s.send((ch ?? null) as Chan, v);
}

function expression(cases: readonly Case[]): unknown {
  const s = begin(HANDLER);
  const handlers: Function[] = [];
  let byDefault: Function | null = null;
  for (const c of cases) {
    if (c.kind === "default") {
      byDefault = c.f;
      continue;
    }
    if (c.kind === "recv") s.recv(c.ch as Chan);
    else if (c.kind === "send") s.send(c.ch as Chan, c.v);
    else s.timeout(c.v as number);
    handlers.push(c.f);
  }
  if (byDefault !== null) handlers.push(byDefault);
  s.handlers = handlers;
  return s.go(byDefault === null);
}
suspendable(expression);

/**
 * For compiled code: `s = selectBegin(); s.recv(ch); s.send(ch, v); s.timeout(ms); i = s.go(block)`, all operands evaluated before.
 * `i` is the case's index, -1 for default; R.sv and R.sok hold what was received, to be read at once.
 */
export function selectBegin(): Select {
  return begin(INDEX);
}

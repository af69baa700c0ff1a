/**
 * `select({ … })` as compiled code has it, the object taken apart: `i = $R.select2(byDefault, c0, c1)`. Gives the index of the case that
 * fired; R.sv and R.sok hold what was received, to be read at once. `byDefault` is what a select with `otherwise` gives
 * when nothing is ready, -1 where there is none.
 *
 * Neither object nor result is made. Two to four cases have functions of their own: no array either.
 */
import { GortError, shown } from "../errors/catalogue.ts";
import { random } from "../internal/host.ts";
import { R } from "../internal/state.ts";
import { S } from "../scheduler/p.ts";
import { Chan } from "./chan.ts";
import { otherwise, Sending, target, Timeout, type Selectable } from "./select.ts";
import { begin, INDEX, NOTHING, type Select } from "./selector.ts";

function ready(c: Selectable): boolean {
  return c instanceof Chan ? c.canRecv() : readyOther(c);
}

function readyOther(c: Selectable): boolean {
  if (c instanceof Sending) {
    const ch = target(c);
    return ch !== null && ch.canSend();
  }
  if (c === null || c === undefined || c instanceof Timeout || c === otherwise) return false;
  throw new GortError("GORT_SELECT_CASE", shown(c));
}

/** Fires a ready case. */
function fire(c: Selectable, i: number): number {
  if (c instanceof Chan) {
    R.sok = !c.closed || c.count > 0;
    R.sv = c.takeNow() as unknown;
  } else {
    const s = c as unknown as Sending<unknown>;
    (target(s) as Chan).send(s.v);
    R.sok = true;
    R.sv = undefined;
  }
  return i;
}

function none(byDefault: number): number {
  R.sok = false;
  R.sv = undefined;
  return byDefault;
}

/** Which of the bits of `mask` is the one that fires: each of them as likely. */
function pick(mask: number): number {
  if ((mask & (mask - 1)) !== 0) {
    let k = 0;
    for (let m = mask; m !== 0; m &= m - 1) k++;
    for (k = random.below(k); k > 0; k--) mask &= mask - 1;
  }
  return 31 - Math.clz32(mask & -mask);
}

/** Parks until a case fires. None is ready. */
function wait(cases: readonly Selectable[]): number | undefined {
  const k = cases.indexOf(otherwise); // in a variable, where the compiler did not see it
  if (k >= 0) return none(k);
  return filled(cases).wait();
}

function filled(cases: readonly Selectable[]): Select {
  const s = begin(INDEX);
  for (let i = 0; i < cases.length; i++) {
    const c = cases[i];
    if (c instanceof Sending) s.send(target(c) as Chan, c.v);
    else if (c instanceof Timeout) s.timeout(c.ms);
    else s.recv(c === otherwise ? (null as never) : ((c ?? null) as Chan));
  }
  return s;
}

/** Shared channels take part: what is ready is known only by doing it. */
function withShared(byDefault: number, cases: readonly Selectable[]): number | undefined {
  S.met = 0;
  if (!cases.some(isShared)) return selectN(byDefault, cases); // somebody else had met one
  const k = byDefault >= 0 ? byDefault : cases.indexOf(otherwise);
  const s = filled(cases);
  if (k < 0) return s.wait();
  const i = s.tryNow();
  return i === NOTHING ? none(k) : (i as number);
}

function isShared(c: Selectable): boolean {
  if (c instanceof Chan) return c.isShared;
  return c instanceof Sending && target(c)?.isShared === true;
}

function select2(byDefault: number, a: Selectable, b: Selectable): number | undefined {
  const first = ready(a);
  const second = ready(b);
  if (S.met !== 0) return withShared(byDefault, [a, b]);
  if (second) return first && random.below(2) === 0 ? fire(a, 0) : fire(b, 1);
  if (first) return fire(a, 0);
  return byDefault >= 0 ? none(byDefault) : wait([a, b]);
}

function select3(byDefault: number, a: Selectable, b: Selectable, c: Selectable): number | undefined {
  const mask = (ready(a) ? 1 : 0) | (ready(b) ? 2 : 0) | (ready(c) ? 4 : 0);
  if (S.met !== 0) return withShared(byDefault, [a, b, c]);
  if (mask === 0) return byDefault >= 0 ? none(byDefault) : wait([a, b, c]);
  const i = pick(mask);
  return fire(i === 0 ? a : i === 1 ? b : c, i);
}

function select4(byDefault: number, a: Selectable, b: Selectable, c: Selectable, d: Selectable): number | undefined {
  const mask = (ready(a) ? 1 : 0) | (ready(b) ? 2 : 0) | (ready(c) ? 4 : 0) | (ready(d) ? 8 : 0);
  if (S.met !== 0) return withShared(byDefault, [a, b, c, d]);
  if (mask === 0) return byDefault >= 0 ? none(byDefault) : wait([a, b, c, d]);
  const i = pick(mask);
  return fire(i === 0 ? a : i === 1 ? b : i === 2 ? c : d, i);
}

function selectN(byDefault: number, cases: readonly Selectable[]): number | undefined {
  let chosen = -1;
  let k = 0;
  for (let i = 0; i < cases.length; i++) {
    if (ready(cases[i]) && (++k === 1 || random.below(k) === 0)) chosen = i;
  }
  if (S.met !== 0) return withShared(byDefault, cases);
  if (chosen >= 0) return fire(cases[chosen], chosen);
  return byDefault >= 0 ? none(byDefault) : wait(cases);
}

R.select2 = select2;
R.select3 = select3;
R.select4 = select4;
R.selectN = selectN;

/**
 * Power series once more, every answer through a channel that came with the question: whoever wants a coefficient sends the channel
 * it will read. Series may be finite, refer to themselves, and be read at two speeds; what is read from two at once, and
 * what a split serves, is a select whose cases are switched on and off by nil channels. Over a thousand goroutines.
 */
import { chan, go, goexit, gosched, nilChan, numGoroutine, select, sending, type Chan } from "gort";

/** What a series yields: coefficients, and at last, if it is finite, the end; again and again, if asked again. */
interface Item {
  readonly text: string;
  equals(other: Item): boolean;
}

class End implements Item {
  readonly text: string = ".";
  equals(other: Item): boolean {
    return other instanceof End;
  }
}

class Rat implements Item {
  readonly num: bigint;
  readonly den: bigint;

  constructor(num: bigint, den: bigint = 1n) {
    let [a, b] = [num, den];
    while (b !== 0n) [a, b] = [b, a % b];
    this.num = num / a;
    this.den = den / a;
    if (this.den > 0n) return;
    this.num = -this.num;
    this.den = -this.den;
  }

  get text(): string {
    return this.den === 1n ? String(this.num) : `${this.num}/${this.den}`;
  }
  equals(other: Item): boolean {
    return other instanceof Rat && other.num === this.num && other.den === this.den;
  }
  plus(b: Rat): Rat {
    return new Rat(this.num * b.den + b.num * this.den, this.den * b.den);
  }
  times(b: Rat): Rat {
    return new Rat(this.num * b.num, this.den * b.den);
  }
  over(b: Rat): Rat {
    return new Rat(this.num * b.den, this.den * b.num);
  }
}

const q = (num: number, den: number = 1): Rat => new Rat(BigInt(num), BigInt(den));
const [zero, one, minusOne, end] = [q(0), q(1), q(-1), new End()];

/** A question is the channel to answer on. */
type Series = Chan<Chan<Item>>;

const quit: Chan<void> = chan();
let most = 0;

/** A series fed by a goroutine of its own, until everything quits. */
function feed(f: (out: Series) => void): Series {
  const out: Series = chan();
  go(() => {
    f(out);
    for (;;) put(out, end);
  });
  most = Math.max(most, numGoroutine());
  return out;
}

/** Waits to be asked; where to answer. */
function asked(out: Series): Chan<Item> {
  const r = select({ question: out, quit });
  if (r.case === "quit") goexit();
  return r.value!;
}

function put(out: Series, item: Item): void {
  asked(out).send(item);
}

function get(from: Series): Item {
  const answer = chan<Item>();
  from.send(answer);
  return answer.recv()!;
}

const noSeries: Series = nilChan();
const noItem: Chan<Item> = nilChan();

/** The next of both, asked and answered in whatever order they are ready. */
function getBoth(F: Series, G: Series): [Item, Item] {
  const [fAnswer, gAnswer] = [chan<Item>(), chan<Item>()];
  let [fAsk, gAsk, fFrom, gFrom] = [F, G, noItem, noItem];
  let [f, g]: [Item | null, Item | null] = [null, null];
  while (f === null || g === null) {
    const r = select({ askF: sending(fAsk, fAnswer), askG: sending(gAsk, gAnswer), f: fFrom, g: gFrom });
    switch (r.case) {
      case "askF":
        [fAsk, fFrom] = [noSeries, fAnswer];
        break;
      case "askG":
        [gAsk, gFrom] = [noSeries, gAnswer];
        break;
      case "f":
        [f, fFrom] = [r.value!, noItem];
        break;
      case "g":
        [g, gFrom] = [r.value!, noItem];
    }
  }
  return [f, g];
}

/**
 * Two series with the items of one. The server of both goes on serving while its own question is open: a series that
 * refers to itself asks for earlier items before it answers.
 */
function split(from: Series): [Series, Series] {
  const sides: [Series, Series] = [chan(), chan()];
  go(serveSides, from, sides);
  return sides;
}

function serveSides(from: Series, sides: [Series, Series]): void {
  const ahead: [Item[], Item[]] = [[], []];
  const open: [Chan<Item> | null, Chan<Item> | null] = [null, null];
  const answer = chan<Item>();
  let asking = false;
  for (;;) {
    const want = !asking && (open[0] !== null || open[1] !== null);
    const r = select({
      left: open[0] === null ? sides[0] : noSeries,
      right: open[1] === null ? sides[1] : noSeries,
      ask: sending(want ? from : noSeries, answer),
      item: asking ? answer : noItem,
      quit,
    });
    if (r.case === "quit") return;
    if (r.case === "ask") asking = true;
    else if (r.case === "item") {
      asking = false;
      for (const side of [0, 1] as const) {
        const to = open[side];
        open[side] = null;
        if (to === null) ahead[side].push(r.value!);
        else to.send(r.value!);
      }
    } else {
      const side = r.case === "left" ? 0 : 1;
      if (ahead[side].length > 0) r.value!.send(ahead[side].shift()!);
      else open[side] = r.value!;
    }
  }
}

/** Passes on what is left. */
function copy(from: Series, out: Series): void {
  for (;;) {
    const to = asked(out);
    const item = get(from);
    to.send(item);
    if (item === end) return;
  }
}

/** Each coefficient by a function of itself and its place. */
const each = (F: Series, f: (c: Rat, n: number) => Rat): Series =>
  feed((out) => {
    for (let n = 0; ; n++) {
      const to = asked(out);
      const c = get(F);
      to.send(c instanceof Rat ? f(c, n) : end);
      if (c === end) return;
    }
  });

const poly = (...coefficients: Rat[]): Series =>
  feed((out) => {
    for (const c of coefficients) put(out, c);
  });

const repeat = (c: Rat): Series =>
  feed((out) => {
    for (;;) put(out, c);
  });

const scale = (c: Rat, F: Series): Series => each(F, (f) => c.times(f));

const add = (F: Series, G: Series): Series =>
  feed((out) => {
    for (;;) {
      const to = asked(out);
      const [f, g] = getBoth(F, G);
      if (f instanceof Rat && g instanceof Rat) to.send(f.plus(g));
      else {
        to.send(f === end ? g : f);
        copy(f === end ? G : F, out);
        return;
      }
    }
  });

/** x times F, nothing if F is nothing. */
const shift = (F: Series): Series =>
  feed((out) => {
    const to = asked(out);
    const first = get(F);
    to.send(first === end ? end : zero);
    put(out, first);
    copy(F, out);
  });

/** FG = fg + x(fG' + gF' + xF'G'), F' and G' what is left of F and G. */
const multiply = (F: Series, G: Series): Series =>
  feed((out) => {
    const to = asked(out);
    const [f, g] = getBoth(F, G);
    if (!(f instanceof Rat && g instanceof Rat)) {
      to.send(end);
      return;
    }
    to.send(f.times(g));
    const [F1, F2] = split(F);
    const [G1, G2] = split(G);
    copy(add(add(scale(f, G1), scale(g, F1)), shift(multiply(F2, G2))), out);
  });

const derivative = (F: Series): Series =>
  feed((out) => {
    const to = asked(out);
    get(F);
    const rest = each(F, (c, n) => c.times(q(n + 1)));
    to.send(get(rest));
    copy(rest, out);
  });

const integral = (F: Series, c: Rat): Series =>
  feed((out) => {
    put(out, c);
    copy(
      each(F, (f, n) => f.over(q(n + 1))),
      out,
    );
  });

/** (1 + x)^c: finite where c is a natural number. */
const binomial = (c: Rat): Series =>
  feed((out) => {
    let term = one;
    for (let n = 0; !term.equals(zero); n++) {
      put(out, term);
      term = term.times(c.plus(q(-n))).over(q(n + 1));
    }
  });

/** A series defined by means of itself: f gets what it yields. */
function recursive(f: (again: Series) => Series): Series {
  const late = chan<Series>(1);
  const [result, again] = split(feed((out) => copy(late.recv()!, out)));
  late.send(f(again));
  return result;
}

/** R = 1/F: with F = f + xF', R = (1 - xF'R)/f. */
const reciprocal = (F: Series): Series =>
  recursive((again) =>
    feed((out) => {
      const to = asked(out);
      const r = one.over(get(F) as Rat);
      to.send(r);
      copy(scale(minusOne.times(r), multiply(F, again)), out);
    }),
  );

/** F(0) = 0; E = exp(F): E' = F'E, E(0) = 1. */
const exponential = (F: Series): Series => recursive((again) => integral(multiply(derivative(F), again), one));

/** F(G), G = xG': f + xG'F'(G). */
const substitute = (F: Series, G: Series): Series =>
  feed((out) => {
    const to = asked(out);
    const f = get(F);
    to.send(f);
    if (f === end) return;
    const [G1, G2] = split(G);
    get(G1);
    copy(multiply(G1, substitute(F, G2)), out);
  });

/** R with F(R) = x, F = xF': R = x / F'(R). */
const reverse = (F: Series): Series =>
  recursive((again) =>
    feed((out) => {
      put(out, zero);
      get(F);
      copy(reciprocal(substitute(F, again)), out);
    }),
  );

/** The value of the first n terms at x. */
function value(F: Series, x: Rat, n: number): Rat {
  let [sum, power] = [zero, one];
  for (let i = 0; i < n; i++) {
    const c = get(F);
    if (!(c instanceof Rat)) break;
    sum = sum.plus(c.times(power));
    power = power.times(x);
  }
  return sum;
}

const ones = (): Series => repeat(one);
const x = (): Series => poly(zero, one);
/** sin' = cos, cos' = -sin: two series that refer to each other. */
function sineAndCosine(): [Series, Series] {
  const late = chan<Series>(1);
  const [sine, again] = split(feed((out) => copy(late.recv()!, out)));
  const [cosine, inner] = split(integral(scale(minusOne, again), one));
  late.send(integral(inner, zero));
  return [sine, cosine];
}
const arctangent = (): Series => integral(substitute(ones(), poly(zero, zero, minusOne)), zero);
const logarithm = (): Series => integral(reciprocal(poly(one, one)), zero);

function show(name: string, F: Series, n: number = 10): void {
  const out: string[] = [];
  for (let i = 0; i < n; i++) {
    const item = get(F);
    out.push(item.text);
    if (item === end) break;
  }
  console.log(`${name}: ${out.join(" ")}`);
}

function same(name: string, F: Series, G: Series, n: number = 10): void {
  for (let i = 0; i < n; i++) {
    const [f, g] = getBoth(F, G);
    if (f.equals(g)) continue;
    console.log(`${name}: term ${i} is ${f.text} and ${g.text}`);
    return;
  }
  console.log(`${name}: the same`);
}

export function main(): void {
  show("ones + twos", add(ones(), repeat(q(2))));
  show("1 + 2x + 3x^2 + 10", add(poly(one, q(2), q(3)), poly(q(10))));
  show("ones - twos", add(ones(), repeat(q(-2))));
  show("derivative of ones", derivative(ones()));
  show("integral of ones", integral(ones(), zero));
  show("ones * ones", multiply(ones(), ones()));
  show("(1 + x)(1 - x + x^2)", multiply(poly(one, one), poly(one, minusOne, one)));
  show("(1 + x)^5", binomial(q(5)));
  show("sqrt(1 + x)", binomial(q(1, 2)));
  show("sqrt(1 + x) squared", multiply(binomial(q(1, 2)), binomial(q(1, 2))));
  show("1 / (1 - x - x^2)", reciprocal(poly(one, minusOne, minusOne)));
  show("exp(x + x^2 + ...)", exponential(shift(ones())));
  show("exp(log(1 + x))", exponential(logarithm()));
  show("arctan", arctangent());
  show("tan, arctan reversed", reverse(arctangent()));
  const [sine, cosine] = sineAndCosine();
  show("tan, sin / cos", multiply(sine, reciprocal(cosine)));
  const [t1, t2] = split(reverse(arctangent()));
  const [t3, t4] = split(t2);
  same("tan' and 1 + tan^2", derivative(t1), add(poly(one), multiply(t3, t4)));
  same("tan(arctan)", substitute(reverse(arctangent()), arctangent()), add(x(), repeat(zero)));
  show("exp(sin)", substitute(exponential(x()), sineAndCosine()[0]));
  show("(1 + y)^3, y = x + x^2", substitute(binomial(q(3)), poly(zero, one, one)));
  console.log(
    `ones at 1/2: ${value(ones(), q(1, 2), 10).text}, (1 + x)^5 at 2: ${value(binomial(q(5)), q(2), 10).text}`,
  );
  console.log(`over a thousand goroutines: ${most > 1000 || most}`);
  quit.close();
  for (let i = 0; i < 1000 && numGoroutine() > 1; i++) gosched();
  console.log(`left: ${numGoroutine()}`);
}

/**
 * Power series as streams of rational coefficients on demand: a goroutine and two channels a stream, splits by pairs
 * of goroutines, hundreds of goroutines alive. A torture of channels and of the scheduler.
 */
import { chan, go, gosched, numGoroutine, select, type Chan } from "gort";

interface Rat {
  num: bigint;
  den: bigint;
}

function rat(num: bigint, den = 1n): Rat {
  if (den < 0n) return rat(-num, -den);
  let [a, b] = [num < 0n ? -num : num, den];
  while (b !== 0n) [a, b] = [b, a % b];
  return a > 1n ? { num: num / a, den: den / a } : { num, den };
}

const plus = (a: Rat, b: Rat): Rat => rat(a.num * b.den + b.num * a.den, a.den * b.den);
const times = (a: Rat, b: Rat): Rat => rat(a.num * b.num, a.den * b.den);
const over = (a: Rat, b: Rat): Rat => rat(a.num * b.den, a.den * b.num);
const negative = (a: Rat): Rat => ({ num: -a.num, den: a.den });
const text = (a: Rat): string => (a.den === 1n ? String(a.num) : `${a.num}/${a.den}`);

/** A stream: ask on `request`, read on `data`. `quit` ends every stream of the program. */
interface Stream {
  request: Chan<void>;
  data: Chan<Rat>;
}

const quit: Chan<void> = chan();

class Stopped extends Error {}

function stream(): Stream {
  return { request: chan(), data: chan() };
}

/** Waits to be asked. */
function asked(s: Stream): void {
  const r = select({ ask: s.request, quit });
  if (r.case === "quit") throw new Stopped();
}

function put(s: Stream, v: Rat): void {
  asked(s);
  s.data.send(v);
}

function get(s: Stream): Rat {
  s.request.send();
  return s.data.recv()!;
}

/** Starts the goroutine that feeds a stream; it ends when the program of streams does. */
function feed(f: (out: Stream) => void): Stream {
  const out = stream();
  go(() => {
    try {
      f(out);
    } catch (e) {
      if (!(e instanceof Stopped)) throw e;
    }
  });
  return out;
}

/** Two streams with the coefficients of one: what one has read ahead waits in a queue for the other. */
function split(from: Stream): [Stream, Stream] {
  const queues: [Rat[], Rat[]] = [[], []];
  const busy = chan<void>(1);
  const side = (mine: 0 | 1): Stream =>
    feed((out) => {
      for (;;) {
        asked(out);
        if (queues[mine].length === 0) {
          busy.send();
          if (queues[mine].length === 0) {
            const v = get(from);
            queues[0].push(v);
            queues[1].push(v);
          }
          busy.recv();
        }
        out.data.send(queues[mine].shift()!);
      }
    });
  return [side(0), side(1)];
}

const constant = (c: Rat): Stream =>
  feed((out) => {
    for (;;) put(out, c);
  });

const add = (a: Stream, b: Stream): Stream =>
  feed((out) => {
    for (;;) {
      asked(out);
      out.data.send(plus(get(a), get(b)));
    }
  });

const scale = (c: Rat, a: Stream): Stream =>
  feed((out) => {
    for (;;) {
      asked(out);
      out.data.send(times(c, get(a)));
    }
  });

const subtract = (a: Stream, b: Stream): Stream => add(a, scale(rat(-1n), b));

/** F(c x^n): the coefficients of F by powers of c, n - 1 zeros between them. */
const substituteMonomial = (F: Stream, c: Rat, n: number): Stream =>
  feed((out) => {
    let power = rat(1n);
    for (;;) {
      asked(out);
      out.data.send(times(power, get(F)));
      power = times(power, c);
      for (let i = 1; i < n; i++) put(out, rat(0n));
    }
  });

/** x times a. */
const shift = (a: Stream, first: Rat): Stream =>
  feed((out) => {
    put(out, first);
    for (;;) {
      asked(out);
      out.data.send(get(a));
    }
  });

/** F*G = f*g + x(f*G' + F'*G), F' and G' the tails. */
const multiply = (F: Stream, G: Stream): Stream =>
  feed((out) => {
    asked(out);
    const f = get(F);
    const g = get(G);
    out.data.send(times(f, g));
    const [F1, F2] = split(F);
    const [G1, G2] = split(G);
    const parts = add(scale(f, G1), scale(g, F1));
    const product = shift(multiply(F2, G2), rat(0n));
    for (;;) {
      asked(out);
      out.data.send(plus(get(parts), get(product)));
    }
  });

const derivative = (F: Stream): Stream =>
  feed((out) => {
    asked(out);
    get(F);
    for (let n = 1n; ; n++) {
      out.data.send(times(rat(n), get(F)));
      asked(out);
    }
  });

const integral = (F: Stream, c: Rat): Stream =>
  feed((out) => {
    put(out, c);
    for (let n = 1n; ; n++) {
      asked(out);
      out.data.send(over(get(F), rat(n)));
    }
  });

/** 1/F: r0 = 1/f0; R = r0 - x * r0 * F' * R. */
const reciprocal = (F: Stream): Stream => {
  const source = feed((out) => {
    asked(out);
    const f0 = get(F);
    const r0 = over(rat(1n), f0);
    out.data.send(r0);
    const product = scale(negative(r0), multiply(F, again));
    for (;;) {
      asked(out);
      out.data.send(get(product));
    }
  });
  const [result, again] = split(source);
  return result;
};

/** exp(F), f0 = 0: the integral of F' * exp(F), from 1. */
const exponential = (F: Stream): Stream => {
  const source = feed((out) => {
    asked(out);
    const inner = integral(multiply(again, derivative(F)), rat(1n));
    for (;;) {
      out.data.send(get(inner));
      asked(out);
    }
  });
  const [result, again] = split(source);
  return result;
};

function show(name: string, s: Stream, n: number): void {
  const out: string[] = [];
  for (let i = 0; i < n; i++) out.push(text(get(s)));
  console.log(`${name}: ${out.join(" ")}`);
}

export function main(): void {
  const one = rat(1n);
  const ones = (): Stream => constant(one);
  show("ones", ones(), 6);
  show("ones + 2 ones", add(ones(), scale(rat(2n), ones())), 6);
  show("ones - 2 ones", subtract(ones(), constant(rat(2n))), 6);
  show("ones * ones", multiply(ones(), ones()), 10);
  show("derivative", derivative(multiply(ones(), ones())), 6);
  show("integral", integral(ones(), rat(0n)), 8);
  show("1 / ones", reciprocal(ones()), 6);
  show("1 / (1 + x + x^2 + x^3/2 + ...)", reciprocal(shift(integral(ones(), one), one)), 6);
  show("exp(x + x^2 + ...)", exponential(shift(ones(), rat(0n))), 10);
  show("arctan", integral(substituteMonomial(ones(), rat(-1n), 2), rat(0n)), 10);
  show("cube", multiply(multiply(ones(), ones()), ones()), 8);
  const alive = numGoroutine();
  console.log(`hundreds of goroutines: ${alive > 200}`);
  quit.close();
  for (let i = 0; i < 200 && numGoroutine() > 1; i++) gosched();
  console.log(`left: ${numGoroutine()}`);
}

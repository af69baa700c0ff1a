/** A small language, read and run over its tree. */
type Expr =
  | { t: "num"; v: number }
  | { t: "var"; name: string }
  | { t: "bin"; op: string; l: Expr; r: Expr }
  | { t: "call"; f: string; args: Expr[] }
  | { t: "if"; c: Expr; a: Expr; b: Expr };

interface Func {
  params: string[];
  body: Expr;
}

class Reader {
  private readonly tokens: string[];
  private at = 0;
  constructor(text: string) {
    this.tokens = text.match(/\d+|\w+|[-+*<()=,]/g)!;
  }
  get done(): boolean {
    return this.at >= this.tokens.length;
  }
  private take(): string {
    return this.tokens[this.at++]!;
  }
  definition(into: Map<string, Func>): void {
    this.take();
    const name = this.take();
    const params: string[] = [];
    for (this.take(); this.tokens[this.at] !== ")";) {
      const t = this.take();
      if (t !== ",") params.push(t);
    }
    this.take();
    this.take();
    into.set(name, { params, body: this.expr(0) });
  }
  private expr(level: number): Expr {
    let left = this.primary();
    for (;;) {
      const op = this.tokens[this.at];
      const power = op === "<" ? 1 : op === "+" || op === "-" ? 2 : op === "*" ? 3 : 0;
      if (op === undefined || power <= level) return left;
      this.take();
      left = { t: "bin", op, l: left, r: this.expr(power) };
    }
  }
  private primary(): Expr {
    const t = this.take();
    if (t === "(") {
      const e = this.expr(0);
      this.take();
      return e;
    }
    if (t === "if") {
      const c = this.expr(0);
      this.take();
      const a = this.expr(0);
      this.take();
      return { t: "if", c, a, b: this.expr(0) };
    }
    if (/\d/.test(t)) return { t: "num", v: Number(t) };
    if (this.tokens[this.at] !== "(") return { t: "var", name: t };
    const args: Expr[] = [];
    for (this.take(); this.tokens[this.at] !== ")";) {
      args.push(this.expr(0));
      if (this.tokens[this.at] === ",") this.take();
    }
    this.take();
    return { t: "call", f: t, args };
  }
}

class Scope {
  readonly names: string[];
  readonly values: number[];
  constructor(names: string[], values: number[]) {
    this.names = names;
    this.values = values;
  }
  get(name: string): number {
    return this.values[this.names.indexOf(name)] ?? 0;
  }
}

class Machine {
  private readonly functions: Map<string, Func> = new Map();
  constructor(text: string) {
    for (const reader = new Reader(text); !reader.done;) reader.definition(this.functions);
  }
  call(name: string, values: number[]): number {
    const f = this.functions.get(name)!;
    return this.eval(f.body, new Scope(f.params, values));
  }
  private eval(e: Expr, scope: Scope): number {
    switch (e.t) {
      case "num":
        return e.v;
      case "var":
        return scope.get(e.name);
      case "if":
        return this.eval(e.c, scope) !== 0 ? this.eval(e.a, scope) : this.eval(e.b, scope);
      case "call": {
        const values: number[] = [];
        for (const a of e.args) values.push(this.eval(a, scope));
        return this.call(e.f, values);
      }
      case "bin": {
        const l = this.eval(e.l, scope);
        const r = this.eval(e.r, scope);
        return e.op === "+" ? l + r : e.op === "-" ? l - r : e.op === "*" ? l * r : l < r ? 1 : 0;
      }
    }
  }
}

const program = `
def fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2)
def sum(a, b) = if b < a then 0 else a * a + sum(a + 1, b)
def main(n) = fib(n) + sum(1, 300)
`;

export function work(): number {
  return new Machine(program).call("main", [19]);
}

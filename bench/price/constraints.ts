/**
 * Constraints that go either way, each with a strength, kept satisfied while they come and go: the strongest win, and a plan runs those
 * that hold in an order in which each finds its inputs known. Very many very small methods.
 */
const REQUIRED = 0;
const PREFERRED = 2;
const NORMAL = 4;
const WEAKEST = 6;

class Variable {
  value: number;
  readonly users: Constraint[] = [];
  by: Constraint | null = null;
  mark = 0;
  /** How strong what determines it is, at its weakest upstream. */
  strength = WEAKEST;
  fixed = true;
  constructor(value: number) {
    this.value = value;
  }
  drop(c: Constraint): void {
    const at = this.users.indexOf(c);
    if (at >= 0) this.users.splice(at, 1);
    if (this.by === c) this.by = null;
  }
}

abstract class Constraint {
  readonly strength: number;
  constructor(strength: number) {
    this.strength = strength;
  }
  abstract join(): void;
  abstract part(): void;
  abstract choose(mark: number): void;
  abstract holds(): boolean;
  abstract output(): Variable;
  abstract markInputs(mark: number): void;
  abstract inputsKnown(mark: number): boolean;
  abstract letGo(): void;
  abstract recalculate(): void;
  execute(): void {}
  isInput(): boolean {
    return false;
  }
  add(planner: Planner): void {
    this.join();
    planner.incrementalAdd(this);
  }
  remove(planner: Planner): void {
    if (this.holds()) planner.incrementalRemove(this);
    else this.part();
  }
  /** Takes its output from a weaker one, which is returned. */
  satisfy(mark: number, planner: Planner): Constraint | null {
    this.choose(mark);
    if (!this.holds()) {
      if (this.strength === REQUIRED) throw new Error("cannot be satisfied");
      return null;
    }
    this.markInputs(mark);
    const out = this.output();
    const weaker = out.by;
    if (weaker !== null) weaker.letGo();
    out.by = this;
    if (!planner.propagate(this, mark)) throw new Error("a cycle");
    out.mark = mark;
    return weaker;
  }
}

abstract class Unary extends Constraint {
  private readonly variable: Variable;
  private held = false;
  constructor(variable: Variable, strength: number, planner: Planner) {
    super(strength);
    this.variable = variable;
    this.add(planner);
  }
  join(): void {
    this.variable.users.push(this);
    this.held = false;
  }
  part(): void {
    this.variable.drop(this);
    this.held = false;
  }
  choose(mark: number): void {
    this.held = this.variable.mark !== mark && this.strength < this.variable.strength;
  }
  holds(): boolean {
    return this.held;
  }
  output(): Variable {
    return this.variable;
  }
  markInputs(): void {}
  inputsKnown(): boolean {
    return true;
  }
  letGo(): void {
    this.held = false;
  }
  recalculate(): void {
    this.variable.strength = this.strength;
    this.variable.fixed = !this.isInput();
    if (this.variable.fixed) this.execute();
  }
}

class Stay extends Unary {}

class Edit extends Unary {
  override isInput(): boolean {
    return true;
  }
}

const NONE = 0;
const FORWARD = 1;
const BACKWARD = 2;

abstract class Binary extends Constraint {
  protected readonly a: Variable;
  protected readonly b: Variable;
  protected way = NONE;
  constructor(a: Variable, b: Variable, strength: number) {
    super(strength);
    this.a = a;
    this.b = b;
  }
  join(): void {
    this.a.users.push(this);
    this.b.users.push(this);
    this.way = NONE;
  }
  part(): void {
    this.a.drop(this);
    this.b.drop(this);
    this.way = NONE;
  }
  choose(mark: number): void {
    if (this.a.mark === mark) this.way = this.b.mark !== mark && this.strength < this.b.strength ? FORWARD : NONE;
    else if (this.b.mark === mark) this.way = this.strength < this.a.strength ? BACKWARD : NONE;
    else if (this.a.strength > this.b.strength) this.way = this.strength < this.a.strength ? BACKWARD : NONE;
    else this.way = this.strength < this.b.strength ? FORWARD : NONE;
  }
  holds(): boolean {
    return this.way !== NONE;
  }
  input(): Variable {
    return this.way === FORWARD ? this.a : this.b;
  }
  output(): Variable {
    return this.way === FORWARD ? this.b : this.a;
  }
  markInputs(mark: number): void {
    this.input().mark = mark;
  }
  inputsKnown(mark: number): boolean {
    const from = this.input();
    return from.mark === mark || from.fixed || from.by === null;
  }
  letGo(): void {
    this.way = NONE;
  }
  recalculate(): void {
    const from = this.input();
    const to = this.output();
    to.strength = Math.max(this.strength, from.strength);
    to.fixed = from.fixed;
    if (to.fixed) this.execute();
  }
}

class Equal extends Binary {
  constructor(a: Variable, b: Variable, strength: number, planner: Planner) {
    super(a, b, strength);
    this.add(planner);
  }
  override execute(): void {
    this.output().value = this.input().value;
  }
}

/** b = a * scale + offset. */
class Scaled extends Binary {
  private readonly scale: Variable;
  private readonly offset: Variable;
  constructor(a: Variable, scale: Variable, offset: Variable, b: Variable, strength: number, planner: Planner) {
    super(a, b, strength);
    this.scale = scale;
    this.offset = offset;
    this.add(planner);
  }
  override join(): void {
    super.join();
    this.scale.users.push(this);
    this.offset.users.push(this);
  }
  override part(): void {
    super.part();
    this.scale.drop(this);
    this.offset.drop(this);
  }
  override markInputs(mark: number): void {
    super.markInputs(mark);
    this.scale.mark = this.offset.mark = mark;
  }
  override execute(): void {
    if (this.way === FORWARD) this.b.value = this.a.value * this.scale.value + this.offset.value;
    else this.a.value = (this.b.value - this.offset.value) / this.scale.value;
  }
  override recalculate(): void {
    const from = this.input();
    const to = this.output();
    to.strength = Math.max(this.strength, from.strength);
    to.fixed = from.fixed && this.scale.fixed && this.offset.fixed;
    if (to.fixed) this.execute();
  }
}

class Planner {
  private mark = 0;
  incrementalAdd(c: Constraint): void {
    const mark = ++this.mark;
    let weaker = c.satisfy(mark, this);
    while (weaker !== null) weaker = weaker.satisfy(mark, this);
  }
  incrementalRemove(c: Constraint): void {
    const out = c.output();
    c.letGo();
    c.part();
    const unsatisfied = this.released(out);
    for (let strength = REQUIRED; strength <= WEAKEST; strength++)
      for (const u of unsatisfied) if (u.strength === strength) this.incrementalAdd(u);
  }
  /** Tells what depends on `c`; false: a cycle. */
  propagate(c: Constraint, mark: number): boolean {
    const todo: Constraint[] = [c];
    while (todo.length > 0) {
      const d = todo.pop()!;
      if (d.output().mark === mark) {
        this.incrementalRemove(c);
        return false;
      }
      d.recalculate();
      this.consumers(d.output(), todo);
    }
    return true;
  }
  planFor(edits: Constraint[]): Constraint[] {
    const mark = ++this.mark;
    const plan: Constraint[] = [];
    const todo = edits.filter((c) => c.isInput() && c.holds());
    while (todo.length > 0) {
      const c = todo.pop()!;
      if (c.output().mark === mark || !c.inputsKnown(mark)) continue;
      plan.push(c);
      c.output().mark = mark;
      this.consumers(c.output(), todo);
    }
    return plan;
  }
  private released(out: Variable): Constraint[] {
    out.by = null;
    out.strength = WEAKEST;
    out.fixed = true;
    const unsatisfied: Constraint[] = [];
    const todo: Variable[] = [out];
    while (todo.length > 0) {
      const v = todo.pop()!;
      for (const c of v.users) if (!c.holds()) unsatisfied.push(c);
      for (const c of v.users)
        if (c !== v.by && c.holds()) {
          c.recalculate();
          todo.push(c.output());
        }
    }
    return unsatisfied;
  }
  private consumers(v: Variable, into: Constraint[]): void {
    for (const c of v.users) if (c !== v.by && c.holds()) into.push(c);
  }
}

function change(planner: Planner, v: Variable, value: number): void {
  const edit = new Edit(v, PREFERRED, planner);
  const plan = planner.planFor([edit]);
  for (let i = 0; i < 10; i++) {
    v.value = value;
    for (const c of plan) c.execute();
  }
  edit.remove(planner);
}

function chain(n: number): number {
  const planner = new Planner();
  const all = Array.from({ length: n + 1 }, () => new Variable(0));
  for (let i = 0; i < n; i++) new Equal(all[i]!, all[i + 1]!, REQUIRED, planner);
  new Stay(all[n]!, NORMAL, planner);
  const edit = new Edit(all[0]!, PREFERRED, planner);
  const plan = planner.planFor([edit]);
  for (let i = 0; i < 100; i++) {
    all[0]!.value = i;
    for (const c of plan) c.execute();
    if (all[n]!.value !== i) throw new Error("the chain is broken");
  }
  edit.remove(planner);
  return plan.length;
}

function projection(n: number): number {
  const planner = new Planner();
  const scale = new Variable(10);
  const offset = new Variable(1000);
  const to: Variable[] = [];
  let from = scale;
  let last = offset;
  for (let i = 0; i < n; i++) {
    from = new Variable(i);
    last = new Variable(i);
    to.push(last);
    new Stay(from, NORMAL, planner);
    new Scaled(from, scale, offset, last, REQUIRED, planner);
  }
  change(planner, from, 17);
  if (last.value !== 1170) throw new Error("not projected");
  change(planner, last, 1050);
  if (from.value !== 5) throw new Error("not projected back");
  change(planner, scale, 5);
  change(planner, offset, 2000);
  let sum = 0;
  for (const v of to) sum += v.value;
  return sum;
}

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += chain(200) + projection(200);
  return sum;
}

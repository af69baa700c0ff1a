/** One-way constraints over variables: a planner that orders them by what depends on what, and runs the plan. */
abstract class Constraint {
  abstract readonly inputs: Variable[];
  readonly output: Variable;
  readonly strength: number;
  constructor(output: Variable, strength: number) {
    this.output = output;
    this.strength = strength;
  }
  abstract execute(): void;
  satisfied(): boolean {
    return this.output.by === this;
  }
}

class Variable {
  value: number;
  by: Constraint | null = null;
  mark = 0;
  readonly users: Constraint[] = [];
  constructor(value: number) {
    this.value = value;
  }
}

class Stay extends Constraint {
  readonly inputs: Variable[] = [];
  execute(): void {}
}

class Edit extends Constraint {
  readonly inputs: Variable[] = [];
  next = 0;
  execute(): void {
    this.output.value = this.next;
  }
}

class Scale extends Constraint {
  readonly inputs: Variable[];
  private readonly from: Variable;
  private readonly by: number;
  private readonly plus: number;
  constructor(from: Variable, to: Variable, by: number, plus: number) {
    super(to, 5);
    this.inputs = [from];
    this.from = from;
    this.by = by;
    this.plus = plus;
  }
  execute(): void {
    this.output.value = (this.from.value * this.by + this.plus) % 10_007;
  }
}

class Planner {
  private mark = 0;
  add(c: Constraint): boolean {
    const held = c.output.by;
    if (held !== null && held.strength <= c.strength) return false;
    c.output.by = c;
    for (const v of c.inputs) v.users.push(c);
    return true;
  }
  remove(c: Constraint): void {
    if (c.satisfied()) c.output.by = null;
    for (const v of c.inputs) v.users.splice(v.users.indexOf(c), 1);
  }
  plan(from: Constraint[]): Constraint[] {
    const mark = ++this.mark;
    const out: Constraint[] = [];
    const todo = [...from];
    while (todo.length > 0) {
      const c = todo.pop()!;
      if (c.output.mark === mark || !c.satisfied() || !this.known(c.inputs, mark)) continue;
      out.push(c);
      c.output.mark = mark;
      for (const user of c.output.users) if (user.satisfied()) todo.push(user);
    }
    return out;
  }
  private known(inputs: Variable[], mark: number): boolean {
    return inputs.every((v) => v.mark === mark || v.by === null || v.by instanceof Stay);
  }
}

function chain(planner: Planner, n: number): number {
  const all = Array.from({ length: n }, () => new Variable(0));
  for (let i = 1; i < n; i++) planner.add(new Scale(all[i - 1]!, all[i]!, 3, i));
  planner.add(new Stay(all[0]!, 9));
  const edit = new Edit(all[0]!, 1);
  planner.add(edit);
  const plan = planner.plan([edit]);
  let sum = 0;
  for (let i = 0; i < 60; i++) {
    edit.next = i;
    for (const c of plan) c.execute();
    sum = (sum + all[n - 1]!.value) | 0;
  }
  planner.remove(edit);
  return sum + plan.length;
}

export function work(): number {
  const planner = new Planner();
  let sum = 0;
  for (let i = 0; i < 12; i++) sum = (sum + chain(planner, 1500)) | 0;
  return sum;
}

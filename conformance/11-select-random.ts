/** Selects made at random, with operands that have effects: evaluated once each, in order, whatever is chosen. */
import { chan, nilChan, onDefault, onRecv, onSend, select, type Case, type Chan } from "gort";

let seed = 12345;
function random(n: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >> 8) % n;
}

let effects: number[] = [];
function effect<T>(n: number, x: T): T {
  effects.push(n);
  return x;
}

function one(round: number): string {
  effects = [];
  const expected: number[] = [];
  const cases: Case<string>[] = [];
  const ready: string[] = [];
  const n = 1 + random(6);
  let k = 0;
  for (let i = 0; i < n; i++) {
    const isReady = random(3) === 0;
    const isNil = !isReady && random(4) === 0;
    const ch: Chan<number> = isNil ? nilChan<number>() : chan<number>(1);
    expected.push(k);
    const operand = effect(k++, ch);
    if (random(2)) {
      if (isReady) {
        ch.send(i);
        ready.push(`recv ${i}`);
      }
      cases.push(onRecv(operand, (v, ok) => `recv ${String(v)}${ok ? "" : "?"}`));
    } else {
      if (!isReady && !isNil) ch.send(-1); // full: cannot go
      if (isReady) ready.push(`send ${i}`);
      expected.push(k);
      cases.push(onSend(operand, effect(k++, i), () => `send ${i}`));
    }
  }
  cases.push(onDefault(() => "default"));
  const got = select(...cases);
  const right = ready.length === 0 ? got === "default" : ready.includes(got);
  if (!right || effects.join() !== expected.join()) return `round ${round}: got ${got}, ready ${ready.join(", ")}`;
  return got === "default" ? "default" : got.slice(0, 4);
}

export function main(): void {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 2000; i++) {
    const what = one(i);
    counts[what] = (counts[what] ?? 0) + 1;
  }
  const names = Object.keys(counts).sort();
  console.log(
    names.join(" "),
    Object.values(counts).reduce((a, b) => a + b),
  );
}

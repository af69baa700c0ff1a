/** `select` of a literal, its result used in every way: the compiler takes both apart where nobody can see it. */
import { chan, go, gosched, otherwise, select, sending, timeout, type Chan, type Selected } from "gort";

function full<T>(...values: T[]): Chan<T> {
  const ch = chan<T>(values.length);
  for (const v of values) ch.send(v);
  return ch;
}

const idle = chan<number>();

/** Asked only for its three fields, over other waits. */
function fields(): string {
  const a = full(1, 2);
  const r = select({ idle, a });
  gosched();
  const { length } = String(r.value);
  a.recv();
  return `${r.case} ${r.value} ${r.ok} ${length}`;
}

/** Nothing ready at first. */
function waited(): string {
  const a = chan<{ n: number; f: (k: number) => number }>();
  go(() => a.send({ n: 5, f: (k) => k + 1 }));
  const r = select({ idle, a, late: timeout(10_000) });
  if (r.case !== "a") return r.case;
  gosched();
  return `${r.case} ${r.value?.n} ${r.value!.f(2)} ${r.ok}`;
}

/** As an object: kept, passed on, changed, enumerated. */
function objects(): string {
  const out: unknown[] = [];
  const kept = select({ idle, a: full("x") });
  const other = kept;
  out.push(other.case, JSON.stringify(kept), Object.keys(kept).join());
  const changed: { case: string; value: unknown; ok: boolean } = select({ idle, a: full("y") });
  changed.value = "changed";
  out.push(changed.value);
  [changed.value] = ["by a pattern"];
  out.push(changed.value);
  ({ v: changed.value } = { v: "by a property" });
  out.push(changed.value);
  for (changed.value of ["by a loop"]) out.push(changed.value);
  let moved = select({ idle, a: full(1) });
  out.push(moved.value);
  moved = select({ idle, a: full(2) });
  out.push(moved.value);
  const captured = select({ idle, a: full("captured") });
  const f = (): unknown => captured.value;
  out.push(f());
  const { case: name, ...rest } = select({ idle, a: full("rest") });
  out.push(name, JSON.stringify(rest));
  const called = select({
    idle,
    a: full(function (this: unknown) {
      return typeof (this as { ok?: boolean } | undefined)?.ok;
    }),
  });
  out.push(called.case === "a" ? called.value!() : "");
  const key = "case" as const;
  const computed = select({ idle, a: full(0) });
  out.push(computed[key], computed?.case);
  return out.join(" ");
}

function given(r: Selected<{ a: Chan<number>; idle: Chan<number> }>): string {
  return `${r.case}${r.value}`;
}

function returned(): { case: string } {
  return select({ idle, a: full(3) });
}

/** In the middle of other expressions, with waits in its own operands. */
function expressions(): string {
  const wait = <T>(v: T): T => {
    gosched();
    return v;
  };
  const out: unknown[] = [];
  out.push(given(select({ idle, a: full(3) })), returned().case);
  out.push(wait(1) + Number(select({ idle, a: full(wait(4)) }).value) + wait(10));
  out.push(select({ idle: wait(idle), a: wait(full(1)) }).case + select({ b: full(1), none: otherwise }).case);
  out.push(select({ a: full(0), idle }).ok ? "yes" : "no", select({ idle, none: otherwise }).ok);
  const closed = chan<number>();
  closed.close();
  out.push(select({ idle, closed }).ok, select({ idle, closed }).value);
  return out.join(" ");
}

/** From one case to many, the default first, between, last, or in a variable. */
const spread = (ch: Chan<number>): { idle: Chan<number>; spread: Chan<number> } => ({ idle, spread: ch });

function shapes(): string {
  const out: string[] = [];
  const ch = full(1, 2, 3, 4, 5, 6, 7, 8);
  out.push(select({ ch }).case, select({ none: otherwise, idle }).case, select({ none: otherwise }).case);
  out.push(select({ a: idle, none: otherwise, b: idle }).case, select({ a: null, b: undefined, c: ch }).case);
  const hidden = otherwise;
  out.push(select({ idle, hidden }).case, select({ idle, other: null, third: idle, hidden }).case);
  out.push(
    select({ a: null, b: null, c: null, d: ch }).case,
    select({ a: null, b: null, c: null, d: null, e: ch }).case,
  );
  const name = "computed";
  out.push(select({ idle, [name]: ch }).case, select({ ...spread(ch) }).case);
  out.push(
    select({ "a name": ch, idle }).case,
    select({ 7: ch, idle } as { "7": Chan<number>; idle: Chan<number> }).case,
  );
  out.push(select({ idle, soon: timeout(1) }).case, select({ soon: timeout(0) }).case);
  return out.join(", ");
}

function sends(): string {
  const out: unknown[] = [];
  const room = chan<string>(1);
  out.push(select({ idle, out: sending(room, "sent") }).case, room.recv());
  const meet = chan<number>();
  const receiver = go(() => meet.recv());
  const r = select({ idle, meet: sending(meet, 8) });
  out.push(r.case, r.value, r.ok, receiver.join());
  const closed = chan<number>();
  closed.close();
  try {
    select({ idle, closed: sending(closed, 1) });
  } catch (e) {
    out.push((e as Error).message);
  }
  const closing = chan<number>();
  go(() => closing.close());
  try {
    select({ idle, closing: sending(closing, 1) });
  } catch (e) {
    out.push((e as Error).message);
  }
  return out.join(" ");
}

/** In loops: `break`, `continue`, `return` out of its switch. */
function loops(): string {
  const numbers = chan<number>();
  const quit = chan<void>();
  go(() => {
    for (let i = 0; i < 6; i++) numbers.send(i);
    quit.close();
  });
  const seen: number[] = [];
  for (;;) {
    const r = select({ n: numbers, quit });
    switch (r.case) {
      case "n":
        if (r.value === undefined) return "no value";
        if (r.value % 2 === 1) continue;
        seen.push(r.value);
        break;
      case "quit":
        return `${seen.join()} quit ${r.ok}`;
    }
  }
}

/** In an async function others run between its end and what follows. */
async function inAsync(): Promise<string> {
  const [a, b] = [chan<string>(), chan<string>()];
  go(() => {
    for (let i = 0; i < 3; i++) {
      a.send(`a${i}`);
      b.send(`b${i}`);
    }
  });
  const out: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    const r = select({ idle, a });
    const q = select({ b, idle });
    out.push(r.case, r.value, q.case, q.value);
    await Promise.resolve();
  }
  return out.join(" ");
}

/** Many at once, so that one's value would be another's if it were not read at once. */
function crowd(): string {
  const chans = Array.from({ length: 50 }, () => chan<number>());
  const quit = chan<void>();
  let wrong = 0;
  const all = chans.map((ch, i) =>
    go(() => {
      for (let k = 0; k < 20; k++) {
        const r = select({ ch, quit });
        if (r.case !== "ch" || r.value !== i * 100 + k || !r.ok) wrong++;
      }
    }),
  );
  for (let k = 0; k < 20; k++) for (const [i, ch] of chans.entries()) ch.send(i * 100 + k);
  for (const g of all) g.join();
  return `${wrong} wrong`;
}

export function main(): void {
  console.log("fields:", fields());
  console.log("waited:", waited());
  console.log("objects:", objects());
  console.log("expressions:", expressions());
  console.log("shapes:", shapes());
  console.log("sends:", sends());
  console.log("loops:", loops());
  const done = chan<string>();
  void inAsync().then((s) => done.send(s));
  console.log("async:", done.recv());
  console.log("crowd:", crowd());
}

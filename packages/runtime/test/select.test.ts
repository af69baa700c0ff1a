import { expect, test } from "vitest";
import { seq, settle } from "./frames.ts";
import {
  chan,
  go,
  nilChan,
  onDefault,
  onRecv,
  onSend,
  onTimeout,
  otherwise,
  run,
  select,
  sending,
  sleep,
  timeout,
} from "../src/index.ts";
import { seedRandom } from "../src/internal/host.ts";
import { R } from "../src/internal/state.ts";

/** What Go's own test allows for 10 000 trials. */
const within = (n: number): boolean => Math.abs(n / 10_000 - 0.5) < 4.891676 / (2 * Math.sqrt(10_000));

test("default, closed, ready, null", () => {
  const c = chan<number>(1);
  expect(select({ c, d: otherwise })).toEqual({ case: "d", value: undefined, ok: false });
  expect(select({ n: null, u: undefined, nil: nilChan<number>(), d: otherwise }).case).toBe("d");
  expect(select({ c: sending(c, 5), d: otherwise })).toEqual({ case: "c", value: undefined, ok: true });
  expect(select({ c, d: otherwise })).toEqual({ case: "c", value: 5, ok: true });
  c.close();
  expect(select({ c })).toEqual({ case: "c", value: undefined, ok: false });
  expect(() => select({ c: sending(c, 1) })).toThrow("send on closed channel");
  expect(() => select({ c: 5 as never })).toThrow(/not a case/);
});

test("the expression form returns what the handler returns", () => {
  const c = chan<number>(1);
  expect(
    select(
      onRecv(c, () => "r"),
      onDefault(() => "d"),
    ),
  ).toBe("d");
  expect(select(onSend(c, 3, () => "s"))).toBe("s");
  expect(select(onRecv(c, (v, ok) => [v, ok]))).toEqual([3, true]);
});

test("fair between two ready cases, whatever stands beside them", () => {
  seedRandom(42);
  const a = chan<number>(1);
  const b = chan<number>(1);
  const idle = chan<number>();
  a.trySend(1);
  b.trySend(1);
  let n = 0;
  let m = 0;
  for (let i = 0; i < 10_000; i++) {
    if (select({ a, b }).case === "a") (n++, a.trySend(1));
    else b.trySend(1);
    if (select({ idle, a, b, nil: null }).case === "a") (m++, a.trySend(1));
    else b.trySend(1);
  }
  expect(within(n)).toBe(true);
  expect(within(m)).toBe(true);
});

test("fair among eight ready cases", () => {
  seedRandom(7);
  const chans = Array.from({ length: 8 }, () => chan<number>(1));
  for (const c of chans) c.trySend(1);
  const counts = Array.from({ length: 8 }, () => 0);
  for (let i = 0; i < 8000; i++) {
    const k = R.selectN(-1, chans as never) as number;
    counts[k] = (counts[k] as number) + 1;
    (chans[k] as (typeof chans)[0]).trySend(1);
  }
  for (const n of counts) expect(Math.abs(n - 1000)).toBeLessThan(150);
});

test("waits, then exactly one case fires and the others are gone", async () => {
  const a = chan<number>();
  const b = chan<number>();
  const got = run(() => select({ a, b, out: sending(b, 9), t: timeout(5000) }));
  await run(
    seq(
      settle,
      () => expect(a.trySend(1)).toBe(true),
      () => expect(a.trySend(2)).toBe(false),
    ),
  );
  await expect(got).resolves.toEqual({ case: "a", value: 1, ok: true });
  expect([a.recvq.first, b.recvq.first, b.sendq.first]).toEqual([null, null, null]);
});

test("a waiting send is taken, or fails when its channel is closed", async () => {
  const a = chan<string>();
  const sent = run(() => select({ out: sending(a, "v"), never: nilChan<number>() }));
  await run(seq(settle, () => expect(a.tryRecv()).toEqual(["v", true])));
  await expect(sent).resolves.toEqual({ case: "out", value: undefined, ok: true });
  const failing = run(() => select({ out: sending(a, "w") }));
  failing.catch(() => {});
  await run(seq(settle, () => a.close()));
  await expect(failing).rejects.toThrow("send on closed channel");
});

test("a timeout fires when nothing else does", async () => {
  const c = chan<number>();
  const start = performance.now();
  await expect(run(() => select({ c, t: timeout(8) }))).resolves.toMatchObject({ case: "t" });
  expect(performance.now() - start).toBeGreaterThan(7);
  await expect(
    run(() =>
      select(
        onRecv(c, () => 1),
        onTimeout(2, () => 2),
      ),
    ),
  ).resolves.toBe(2);
  expect(c.recvq.first).toBe(null);
});

test("a handler may select and block again", async () => {
  const c = chan<number>();
  const d = chan<number>();
  const inner = (v: number | undefined): unknown => select(onRecv(d, (w) => [v, w]));
  const got = run(() => select(onRecv(c, inner)));
  await run(
    seq(
      settle,
      () => c.send(1),
      settle,
      () => d.send(2),
    ),
  );
  await expect(got).resolves.toEqual([1, 2]);
});

test("a send and a receive on one channel in one select do not meet", async () => {
  const c = chan<number>();
  const got = run(() => select({ r: c, s: sending(c, 1) }));
  await run(seq(settle, () => expect(c.trySend(5)).toBe(true)));
  await expect(got).resolves.toEqual({ case: "r", value: 5, ok: true });
  expect(c.sendq.first).toBe(null);
});

test("for compiled code: an index, R.sv and R.sok", async () => {
  const c = chan<number>();
  const read = run(
    seq(
      () => R.select2(-1, nilChan() as never, c as never),
      (i: number) => [i, R.sv, R.sok],
    ),
  );
  await run(seq(settle, () => c.send(4)));
  await expect(read).resolves.toEqual([1, 4, true]);
  expect(R.select2(2, c as never, null as never)).toBe(2);
  const [full, empty] = [chan<number>(1), chan<number>()];
  full.trySend(1);
  const all = [empty, full, timeout(1), undefined] as never[];
  expect(R.select3(9, all[0]!, all[1]!, all[2]!)).toBe(1);
  expect([R.sv, R.sok]).toEqual([1, true]);
  expect(R.select4(9, all[0]!, all[2]!, sending(full, 7) as never, all[3]!)).toBe(2);
  expect(full.tryRecv()).toEqual([7, true]);
  expect(R.selectN(-1, [empty, null, otherwise] as never)).toBe(2); // a default the compiler has not seen
  expect(() => R.select2(-1, empty as never, 5 as never)).toThrow("select was given something that is not a case: 5");
});

test("a goroutine that waits in a select and one that waits plainly share the queue", async () => {
  const c = chan<number>();
  const log: string[] = [];
  await run(
    seq(
      () =>
        void go(
          seq(
            () => select({ c }),
            () => void log.push("select"),
          ),
        ),
      settle,
      () =>
        void go(
          seq(
            () => c.recv(),
            () => void log.push("recv"),
          ),
        ),
      settle,
      () => c.send(1),
      settle,
      () => c.send(2),
      () => sleep(1),
    ),
  );
  expect(log).toEqual(["select", "recv"]);
});

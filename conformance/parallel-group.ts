/** A Group of parallel goroutines: on any thread, with errors and the end of the context coming back. */
import { chan, go, gomaxprocs, Group, parallel, perThread, Pool, SingleFlight, type Chan, type Context } from "gort";

/** Computes until the context ends. */
const hog = parallel((ctx: Context, out: Chan<string>): void => {
  out.send("begun");
  while (ctx.err() === undefined);
  out.send(`ended: ${String(ctx.cause())}`);
  throw ctx.err()!;
});
const fails = parallel((began: Chan<string>): void => {
  began.recv();
  began.recv();
  throw new RangeError("it failed", { cause: "a cause" });
});
const square = parallel((n: number, out: Chan<number>): void => out.send(n * n));
const returnsFunction = parallel((): unknown => () => 1);
// @ts-expect-error -- its promise cannot cross; a group waits for it, and nobody else has it
const later = parallel(async (out: Chan<number>): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  out.send(1);
});
// @ts-expect-error -- its promise cannot cross; a group waits for it, and nobody else has it
const rejects = parallel(async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  throw new TypeError("rejected");
});
/** A group made within a parallel function, of goroutines of both kinds. */
const inner = parallel((n: number): number => {
  const group = new Group();
  const out = chan<number>(2 * n);
  group.setLimit(2);
  for (let i = 0; i < n; i++) {
    group.go(square, i, out);
    group.go(() => out.send(i * i));
  }
  group.wait();
  out.close();
  let sum = 0;
  for (const v of out) sum += v;
  return sum;
});
const take = parallel((v: object): string => typeof v);
const flights = perThread(() => new SingleFlight<string, number>());
const pool = perThread(() => new Pool(() => ({ used: 0 })));
const perThreads = parallel((): string => {
  const o = pool.get();
  o.used++;
  pool.put(o);
  return `${flights.do("k", () => 2)} ${o.used}`;
});

function refusal(f: () => unknown): string {
  try {
    return `nothing: ${String(f())}`;
  } catch (e) {
    const { name, message } = e as Error;
    return `${name}: ${message.replace(/^gort: this cannot go to another thread: /, "").replace(/; pass plain.*/, "")}`;
  }
}

function failing(): void {
  const group = new Group();
  const out = chan<string>(4);
  group.go(hog, group.ctx, out);
  group.go(hog, group.ctx, out);
  group.go(fails, out);
  let error: unknown;
  try {
    group.wait();
  } catch (e) {
    error = e;
  }
  console.log(String(error), error instanceof RangeError, (error as Error).cause, String(group.ctx.cause()));
  console.log(out.recv(), "and", out.recv());
}

function limited(): void {
  const group = new Group();
  group.setLimit(1);
  const out = chan<number>(4);
  group.go(later, out);
  console.log(group.tryGo(square, 3, out), out.len);
  group.go(square, 3, out);
  group.wait();
  console.log(out.recv(), out.recv());
  // A place that nobody has taken is free.
  console.log(refusal(() => group.go(take, () => 1)));
  group.go(square, 4, out);
  group.wait();
  console.log(out.recv());
}

export function main(): void {
  if (gomaxprocs() < 2) gomaxprocs(2);
  failing();
  limited();
  const group = new Group();
  group.go(returnsFunction);
  group.go(rejects);
  console.log(refusal(() => group.wait()));
  console.log(inner(3), go(inner, 4).join());
  for (const v of [new Group(), new SingleFlight(), new Pool(() => 1)]) console.log(refusal(() => go(take, v)));
  console.log(go(perThreads).join());
  const flight = new SingleFlight<string, number>();
  const all = [1, 2, 3].map(() => go(() => flight.do("k", () => go(inner, 2).join())));
  console.log(all.map((g) => g.join()).join());
}

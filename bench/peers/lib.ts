/** What the peers' programs share: the same lines as our cases print. They run as they are, on Node alone. */

let current = "";

export function now(): number {
  return performance.now() * 1e6;
}

function sample(metric: string, value: number, unit: string): void {
  process.stdout.write(`${current}\t1\t${metric}\t${Number(value.toPrecision(4))}\t${unit}\n`);
}

/** Prints the time since `start` for each of `n` operations. */
export function per(metric: string, start: number, n: number, unit: string): void {
  sample(metric, (now() - start) / n, unit);
}

/** Heap bytes for each of `n` things that `make` brings into being and `kept` holds. */
export async function heapOf(n: number, make: () => unknown): Promise<void> {
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = await make();
  collect();
  sample("heap/task", (process.memoryUsage().heapUsed - before) / n, "bytes");
  void kept;
}

function collect(): void {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
}

/** Runs the case that the command line names; says nothing where there is none of that name. */
export async function choose(cases: Record<string, () => unknown>): Promise<void> {
  current = process.argv[2] ?? "";
  await cases[current]?.();
  process.exit(0); // parked tasks keep nothing alive, timers may
}

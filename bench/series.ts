/** What the rounds of the cases gave, ours and the Go twins', interleaved. */
import { type GoTwins, ours, type Sample, type Value } from "./sample.ts";
import { median } from "./table.ts";

export const PROCS = [1, 2];

/** What the rounds of one case gave; Go's by number of Ps. */
export interface Series {
  ours: Sample[];
  go: Map<number, Sample[]>;
  failure: string | undefined;
}

export function collect(cases: Map<string, string>, rounds: number, twins: GoTwins | undefined): Map<string, Series> {
  const all = new Map<string, Series>();
  for (const name of cases.keys())
    all.set(name, { ours: [], go: new Map(PROCS.map((p) => [p, []])), failure: undefined });
  for (let round = 1; round <= rounds; round++) {
    for (const [name, file] of cases) {
      const series = all.get(name)!;
      if (series.failure !== undefined) continue;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kround ${round} of ${rounds}: ${name}`);
      try {
        series.ours.push(ours(file, name));
        if (twins?.has(name)) for (const p of PROCS) series.go.get(p)!.push(twins.sample(name, p));
      } catch (error) {
        series.failure = (error as Error).message;
      }
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return all;
}

export function of(samples: Sample[], metric: string): Value | undefined {
  const values = samples.flatMap((s) => s.get(metric) ?? []);
  if (values.length === 0) return undefined;
  return { value: median(values.map((v) => v.value)), unit: values[0]!.unit };
}

export function lowest(samples: Sample[], metric: string): number {
  return Math.min(...samples.flatMap((s) => s.get(metric)?.value ?? []));
}

/** Go's medians of a metric, one for each number of Ps; NaN where there is none. */
export function goMedians(series: Series, metric: string): number[] {
  return PROCS.map((p) => of(series.go.get(p)!, metric)?.value ?? NaN);
}

/** The better of Go's; Infinity where Go is not installed. */
export function better(go: readonly number[]): number {
  return Math.min(...go.filter((v) => !Number.isNaN(v)));
}

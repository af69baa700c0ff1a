/**
 * Which goroutine ran when: recorded while a CPU profile is taken, so that its samples can be given to goroutines, with the callers
 * that were on the heap. A clock reading a switch.
 *
 *     times  [ t0   t1   t2   … ]   µs of the monotonic clock, as the profiler's
 *     who    [ i0   i1   i2   … ]   index of who runs from then on; 0: no goroutine, MIXED: several, too quickly to tell
 */
import { type G, inspect, type Location, type StackNode, type Tracer } from "../inspect.ts";
import { labelsOf } from "./goroutine.ts";
import type { Labels } from "./profile.ts";

/** Switches that follow each other faster than this are one entry, µs: a sample is taken every millisecond. */
const GRAIN = 10;
/** Entries kept; a profile that would need more has no goroutines from there on. */
const LIMIT = 4 << 20;
const MIXED = -1;

export interface Runner {
  labels: Labels;
  /** Its frames when it was resumed, the innermost first. */
  frames: readonly Location[];
}

/** µs of the clock the profiler's samples are given in. */
function micros(): number {
  const [s, ns] = process.hrtime();
  return s * 1e6 + ns / 1e3;
}

/**
 * What is to be added to performance.now(), which is cheaper to read, µs. Whoever is not run between two clocks for a while is off by that;
 * and a thread that gets its core back ends what has lasted long enough, right behind a sample that has waited too. So the best of some.
 */
function offsetOf(): number {
  let [best, offset] = [Infinity, 0];
  for (let i = 0; i < 16; i++) {
    const before = performance.now() * 1e3;
    const now = micros();
    const took = performance.now() * 1e3 - before;
    if (took >= best) continue;
    best = took;
    offset = now - before - took / 2;
  }
  return offset;
}

export class Timeline implements Tracer {
  #times: Float64Array = new Float64Array(4096);
  #who: Int32Array = new Int32Array(4096);
  #size: number = 0;
  /** The time of the last entry. */
  #last: number = 0;
  /** Who runs, since when. */
  #runs: number = 0;
  #since: number = 0;
  readonly #offset: number = offsetOf();
  readonly #runners: { labels: Labels; node: StackNode }[] = [];
  readonly #index: Map<string, number> = new Map();
  readonly #table: InstanceType<ReturnType<typeof inspect>["StackTable"]> = new (inspect().StackTable)();

  /** What of the profile is the program's, µs. */
  begin: number = 0;
  end: number = Infinity;

  begins(): void {
    this.begin = micros();
  }

  ends(): void {
    this.end = micros();
    this.#record(0);
  }

  #record(who: number): void {
    const now = this.#offset + inspect().host.now() * 1e3;
    // Who came within a grain of somebody else, and has run on.
    if (now - this.#since >= GRAIN && this.#runs > 0 && this.#who[this.#size - 1] !== this.#runs)
      this.#add(this.#since, this.#runs);
    this.#since = now;
    this.#runs = who;
    if (now - this.#last >= GRAIN || this.#size === 0) {
      this.#add(now, who);
      return;
    }
    const i = this.#size - 1;
    const before = this.#who[i] as number;
    if (who > 0 && before !== MIXED) this.#who[i] = before === 0 || this.#isSame(before, who) ? who : MIXED;
  }

  #add(time: number, who: number): void {
    if (this.#size === LIMIT) return;
    if (this.#size === this.#times.length) this.#grow();
    this.#times[this.#size] = time;
    this.#who[this.#size++] = who;
    this.#last = time;
  }

  #isSame(a: number, b: number): boolean {
    return this.#runners[a - 1]!.labels["goroutine"] === this.#runners[b - 1]!.labels["goroutine"];
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    const who = new Int32Array(times.length);
    who.set(this.#who);
    this.#times = times;
    this.#who = who;
  }

  #runner(g: G): number {
    const node = this.#table.addFrames(this.#table.root, g.frame, false);
    const own = labelsOf(g);
    const key = own === null ? `${g.id} ${node.id}` : `${g.id} ${node.id} ${JSON.stringify(own)}`;
    let i = this.#index.get(key);
    if (i === undefined) {
      i = this.#runners.push({ labels: { goroutine: String(g.id), ...own }, node });
      this.#index.set(key, i);
    }
    return i;
  }

  /** Who ran at a time, µs; null if that is not known. */
  at(time: number): Runner | null {
    // The engine's samples are not all in the order of their times: looked up each for itself.
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] as number) <= time) low = middle + 1;
      else high = middle;
    }
    const who = low === 0 ? 0 : (this.#who[low - 1] as number);
    if (who <= 0) return null;
    const { labels, node } = this.#runners[who - 1]!;
    return { labels, frames: node.locations() };
  }

  started(g: G): void {
    this.#record(this.#runner(g));
  }
  stopped(): void {
    this.#record(0);
  }
  ended(): void {
    this.#record(0);
  }
  relabelled(g: G): void {
    if (g === inspect().R.g) this.#record(this.#runner(g));
  }
  left(): void {
    this.#record(0);
  }
  entered(): void {}
  created(): void {}
  readied(): void {}
  taskBegun(): void {}
  taskEnded(): void {}
  regionBegun(): void {}
  regionEnded(): void {}
  logged(): void {}
}

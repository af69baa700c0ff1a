/** profile.proto: what `go tool pprof` reads. Samples are added one by one; what they have in common is stored once. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import {
  Function as Fn,
  Label,
  Line,
  Location as Loc,
  Mapping,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from "pprof-format";
import type { Location } from "../inspect.ts";

/** `["goroutine", "count"]`, `["cpu", "nanoseconds"]`. */
export type Unit = readonly [type: string, unit: string];
export type Labels = Readonly<Record<string, string>>;

/** Where the addresses begin that stand for locations. One location, one address, for the life of the process. */
const BASE = 0x40_0000;

/** The address of a location: of the call, not behind it. */
export function addressOf(location: Location): number {
  return BASE + location.id * 16;
}

/** Where the callee returns to: what stands behind the `@` in Go's text. */
export function returnAddress(location: Location): number {
  return addressOf(location) + 1;
}

export class ProfileBuilder {
  readonly #strings: StringTable = new StringTable();
  readonly #types: ValueType[];
  readonly #period: ValueType;
  readonly #every: number;
  readonly #samples: Sample[] = [];
  readonly #locations: Map<Location, Loc> = new Map();
  readonly #functions: Map<string, Fn> = new Map();
  readonly #comments: number[] = [];
  #highest: number = BASE;

  /** @param period What one sample stands for, and how many of them. */
  constructor(types: readonly Unit[], period: Unit, every: number = 1) {
    this.#types = types.map((u) => this.#unit(u));
    this.#period = this.#unit(period);
    this.#every = every;
  }

  #unit([type, unit]: Unit): ValueType {
    return new ValueType({ type: this.#strings.dedup(type), unit: this.#strings.dedup(unit) });
  }

  /** A sample: its stack, the innermost first, and a value for each type. */
  add(stack: readonly Location[], values: readonly number[], labels: Labels | null = null): void {
    const label: Label[] = [];
    for (const [key, value] of Object.entries(labels ?? {}))
      label.push(new Label({ key: this.#strings.dedup(key), str: this.#strings.dedup(value) }));
    const locationId = stack.map((l) => this.#location(l));
    this.#samples.push(new Sample({ locationId, value: [...values], label }));
  }

  #location(location: Location): number {
    if (!this.#locations.has(location)) {
      const address = addressOf(location);
      this.#highest = Math.max(this.#highest, address);
      const line = new Line({ functionId: this.#function(location), line: location.line });
      this.#locations.set(location, new Loc({ id: location.id, mappingId: 1, address, line: [line] }));
    }
    return location.id;
  }

  #function(location: Location): number {
    const key = `${location.name}\n${location.file}`;
    let f = this.#functions.get(key);
    if (f === undefined) {
      const name = this.#strings.dedup(location.name);
      const filename = this.#strings.dedup(location.file);
      f = new Fn({ id: this.#functions.size + 1, name, systemName: name, filename });
      this.#functions.set(key, f);
    }
    return Number(f.id);
  }

  /** A line that `go tool pprof -comments` shows. */
  comment(text: string): void {
    this.#comments.push(this.#strings.dedup(text));
  }

  /** @param duration Seconds the samples were taken in. */
  encode(duration: number = 0): Promise<Buffer> {
    const filename = this.#strings.dedup(process.argv[1] ?? process.execPath);
    const mapping = new Mapping({
      id: 1,
      memoryStart: BASE,
      memoryLimit: this.#highest + 4096,
      filename,
      hasFunctions: true,
      hasFilenames: true,
      hasLineNumbers: true,
    });
    const profile = new Profile({
      sampleType: this.#types,
      sample: this.#samples,
      mapping: [mapping],
      location: [...this.#locations.values()],
      function: [...this.#functions.values()],
      stringTable: this.#strings,
      timeNanos: BigInt(Date.now()) * 1_000_000n,
      durationNanos: BigInt(Math.round(duration * 1e9)),
      periodType: this.#period,
      period: this.#every,
      comment: this.#comments,
    });
    return promisify(gzip)(profile.encode());
  }
}

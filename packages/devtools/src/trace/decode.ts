/** Reads a version-1 execution trace back: for other formats made of it, and for tests. */

export interface TraceEvent {
  type: number;
  /** Nanoseconds since the beginning. */
  time: number;
  /** The P. */
  p: number;
  args: number[];
  /** A log's text. */
  text?: string;
}

export interface TraceFrame {
  name: string;
  file: string;
  line: number;
}

export interface DecodedTrace {
  events: TraceEvent[];
  strings: Map<number, string>;
  stacks: Map<number, TraceFrame[]>;
}

const BATCH = 1;
const FREQUENCY = 2;
const STACK = 3;
const STRING = 37;
const LOG = 48;

/** @throws Error if it is no such trace, or cut off */
export function decodeTrace(bytes: Uint8Array): DecodedTrace {
  const header = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  if (!/^go 1\.(?:11|19|21) trace\0+$/.test(header)) throw new Error("This is no version-1 execution trace.");
  let at = 16;
  const varint = (): number => {
    let n = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = bytes[at++];
      if (b === undefined) throw new Error("The trace is cut off.");
      n += (b & 0x7f) * scale;
      if (b < 0x80) return n;
    }
  };
  const text = (): string => {
    const length = varint();
    at += length;
    return Buffer.from(bytes.subarray(at - length, at)).toString();
  };
  const events: TraceEvent[] = [];
  const strings = new Map<number, string>();
  const raw = new Map<number, number[]>();
  let p = 0;
  let time = 0;
  let start = -1;
  while (at < bytes.length) {
    const head = bytes[at++] as number;
    const type = head & 0x3f;
    if (type === STRING) {
      strings.set(varint(), text());
      continue;
    }
    const args: number[] = [];
    if (head >> 6 < 3) for (let n = (head >> 6) + 1; n > 0; n--) args.push(varint());
    else for (const end = varint() + at; at < end;) args.push(varint());
    if (type === BATCH) {
      [p = 0, time = 0] = args;
      if (start < 0 || time < start) start = time;
    } else if (type === STACK) raw.set(args[0] as number, args.slice(2));
    else if (type !== FREQUENCY) {
      time += args[0] as number;
      const event: TraceEvent = { type, time, p, args: args.slice(1) };
      if (type === LOG) event.text = text();
      events.push(event);
    }
  }
  // Batches of several threads stand in any order; events of one time in that of the file.
  for (const event of events) event.time -= start;
  events.sort((a, b) => a.time - b.time);
  const stacks = new Map<number, TraceFrame[]>();
  for (const [id, numbers] of raw) {
    const frames: TraceFrame[] = [];
    for (let i = 0; i + 3 < numbers.length; i += 4)
      frames.push({
        name: strings.get(numbers[i + 1] as number) ?? "",
        file: (strings.get(numbers[i + 2] as number) ?? "").trim(),
        line: numbers[i + 3] as number,
      });
    stacks.set(id, frames);
  }
  return { events, strings, stacks };
}

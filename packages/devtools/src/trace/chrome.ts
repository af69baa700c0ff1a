/**
 * An execution trace as Chrome's JSON, for Perfetto (ui.perfetto.dev) and chrome://tracing: what ran on each P, a track for each
 * goroutine with what it did and waited for, arrows from who readied to who ran, tasks, regions and logs.
 */
import { type DecodedTrace, type TraceEvent, type TraceFrame } from "./decode.ts";

/** The "processes" of the viewer. */
const PS = 1;
const GOROUTINES = 2;
const TASKS = 3;

/** Events that end a run, and what the goroutine does then. */
const stops: Readonly<Record<number, string>> = {
  15: "",
  17: "runnable",
  18: "runnable (preempted)",
  19: "sleep",
  20: "waits",
  22: "chan send",
  23: "chan receive",
  24: "select",
  25: "sync",
  26: "sync.Cond.Wait",
  27: "network",
  28: "system call",
};

interface Track {
  /** Its number and function. */
  base: string;
  /** With its labels. */
  name: string;
  /** What it is doing, since when. */
  state: string;
  since: number;
  stack: TraceFrame[];
  flow: number;
}

const micros = (ns: number): number => ns / 1000;
const lines = (stack: TraceFrame[]): string =>
  stack.map((f) => (f.file === "" ? f.name : `${f.name} ${f.file}:${f.line}`)).join("\n");

export class ChromeTrace {
  readonly #out: object[] = [];
  readonly #trace: DecodedTrace;
  readonly #tracks: Map<number, Track> = new Map();
  /** The goroutine on each P, since when. */
  readonly #running: Map<number, { g: number; since: number }> = new Map();
  readonly #tasks: Map<number, string> = new Map();
  #flows: number = 0;

  constructor(trace: DecodedTrace) {
    this.#trace = trace;
  }

  convert(): string {
    this.#name("process_name", PS, 0, "Ps");
    this.#name("process_name", GOROUTINES, 0, "goroutines");
    this.#name("process_name", TASKS, 0, "tasks");
    for (const event of this.#trace.events) this.#add(event);
    const end = this.#trace.events.at(-1)?.time ?? 0;
    for (const [id, track] of this.#tracks) this.#endState(id, track, end);
    const parts = this.#out.map((e) => JSON.stringify(e));
    return `{"displayTimeUnit":"ns","traceEvents":[\n${parts.join(",\n")}\n]}\n`;
  }

  #name(what: string, pid: number, tid: number, name: string): void {
    this.#out.push({ ph: "M", name: what, pid, tid, args: { name } });
  }

  #stack(id: number | undefined): TraceFrame[] {
    return this.#trace.stacks.get(id ?? 0) ?? [];
  }

  #track(id: number): Track {
    let track = this.#tracks.get(id);
    if (track === undefined) {
      track = { base: `G${id}`, name: `G${id}`, state: "", since: 0, stack: [], flow: 0 };
      this.#tracks.set(id, track);
    }
    return track;
  }

  #endState(id: number, track: Track, time: number): void {
    if (track.state !== "" && time > track.since)
      this.#out.push({
        ph: "X",
        name: track.state,
        cat: "goroutine",
        pid: GOROUTINES,
        tid: id,
        ts: micros(track.since),
        dur: micros(time - track.since),
        ...(track.stack.length > 0 ? { args: { stack: lines(track.stack) } } : {}),
      });
  }

  #become(id: number, state: string, time: number, stack: TraceFrame[] = []): void {
    const track = this.#track(id);
    this.#endState(id, track, time);
    track.state = state;
    track.since = time;
    track.stack = stack;
  }

  #add({ type, time, p, args, text }: TraceEvent): void {
    const running = this.#running.get(p);
    const state = stops[type];
    if (state !== undefined) {
      if (running === undefined) return;
      this.#running.delete(p);
      this.#out.push({
        ph: "X",
        name: this.#track(running.g).name,
        cat: "run",
        pid: PS,
        tid: p,
        ts: micros(running.since),
        dur: micros(time - running.since),
        args: { goroutine: running.g, stack: lines(this.#stack(args[0])) },
      });
      this.#become(running.g, state, time, this.#stack(args[0]));
      return;
    }
    const [a = 0, b = 0] = args;
    switch (type) {
      case 5:
        this.#name("thread_name", PS, p, `P${p}`);
        return;
      case 13: {
        const track = this.#track(a);
        track.base = track.name = `G${a} ${this.#stack(b)[0]?.name ?? ""}`.trim();
        this.#name("thread_name", GOROUTINES, a, track.name);
        this.#become(a, "runnable", time);
        return;
      }
      case 14:
      case 38:
      case 41: {
        this.#running.set(p, { g: a, since: time });
        const track = this.#track(a);
        this.#label(a, track, type === 41 ? (this.#trace.strings.get(args[2] as number) ?? "") : "");
        if (track.flow !== 0) this.#arrow("f", track.flow, PS, p, time);
        track.flow = 0;
        this.#become(a, "running", time);
        return;
      }
      case 21:
      case 29:
      case 39: {
        if (running !== undefined) {
          this.#track(a).flow = ++this.#flows;
          this.#arrow("s", this.#flows, PS, p, time);
        }
        this.#become(a, "runnable", time);
        return;
      }
      case 31:
        this.#become(a, "waits", time);
        return;
      default:
        this.#mark({ type, time, p, args, ...(text === undefined ? {} : { text }) }, running?.g ?? 0);
    }
  }

  /** A run under labels, `G1 name {…}`. The track keeps the last ones it had. */
  #label(id: number, track: Track, label: string): void {
    const before = track.name;
    track.name = label === "" ? track.base : `${track.base}${label.slice(`G${id}`.length)}`;
    if (label !== "" && track.name !== before) this.#name("thread_name", GOROUTINES, id, track.name);
  }

  #arrow(ph: "s" | "f", id: number, pid: number, tid: number, time: number): void {
    this.#out.push({
      ph,
      id,
      name: "ready",
      cat: "flow",
      pid,
      tid,
      ts: micros(time),
      ...(ph === "f" ? { bp: "e" } : {}),
    });
  }

  /** Tasks, regions, logs. */
  #mark({ type, time, args, text }: TraceEvent, g: number): void {
    const [a = 0, b = 0, c = 0] = args;
    const ts = micros(time);
    const string = (id: number): string => this.#trace.strings.get(id) ?? "";
    if (type === 45) {
      this.#tasks.set(a, string(c));
      this.#out.push({ ph: "b", id: a, name: string(c), cat: "task", pid: TASKS, tid: 0, ts, args: { goroutine: g } });
    } else if (type === 46) {
      this.#out.push({ ph: "e", id: a, name: this.#tasks.get(a) ?? "task", cat: "task", pid: TASKS, tid: 0, ts });
    } else if (type === 47) {
      const ph = b === 0 ? "b" : "e";
      this.#out.push({
        ph,
        id: `g${g}`,
        name: string(c),
        cat: "region",
        pid: GOROUTINES,
        tid: g,
        ts,
        args: { task: a },
      });
    } else if (type === 48) {
      const name = `${string(b)}: ${text ?? ""}`;
      this.#out.push({ ph: "i", s: "t", name, cat: "log", pid: GOROUTINES, tid: g, ts, args: { task: a } });
    }
  }
}

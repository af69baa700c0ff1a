/** startTrace: from now until the end, what the scheduler does, into a file or a stream. */
import { closeSync, openSync, writeSync } from "node:fs";
import { inspect } from "../inspect.ts";
import { ChromeTrace } from "./chrome.ts";
import { decodeTrace } from "./decode.ts";
import { OtherThreads } from "./others.ts";
import { Recorder } from "./recorder.ts";

/** Where a trace goes: a file, a stream, or a function that takes its bytes. */
export type TraceSink = string | NodeJS.WritableStream | ((bytes: Uint8Array) => void);

/** How a trace is written. */
export interface TraceOptions {
  /**
   * `go`: for `go tool trace` of every Go from 1.19 on. `chrome`: JSON for Perfetto, written when the trace ends. A file that ends in
   * `.json` gets the latter if left out, everything else the former.
   */
  format?: "go" | "chrome";
  /**
   * Bytes that may wait in memory because the sink is slower than the program. What happens from then on is left out, and counted.
   * 64 MiB if left out. A file is written at once and never waits; as `chrome` all of it waits, whatever the sink.
   */
  limit?: number;
}

/** A trace that is being written. Disposing of it ends it. */
export interface Trace extends Disposable {
  /** Events written so far. */
  readonly events: number;
  /** Events left out because the sink was too slow, or has failed. */
  readonly dropped: number;
  /**
   * Ends the trace; the sink, if it is a stream, is not ended. A sink that has thrown, or a disk that is full, is told of on standard error:
   * neither ends the program.
   */
  stop(): void;
}

const LIMIT = 64 << 20;

/** Takes chunks, and says when it has too many. */
interface Output {
  write(chunk: Uint8Array): void;
  /** True: what comes now would not fit. */
  isFull(): boolean;
  end(): void;
}

function fileOutput(path: string): Output {
  const fd = openSync(path, "w");
  return {
    write(chunk) {
      for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
    },
    isFull: () => false,
    end: () => closeSync(fd),
  };
}

function streamOutput(stream: NodeJS.WritableStream, limit: number): Output {
  return {
    write: (chunk) => void stream.write(chunk),
    isFull: () => ((stream as { writableLength?: number }).writableLength ?? 0) > limit,
    end: () => {},
  };
}

function memoryOutput(limit: number, done: (bytes: Buffer) => void): Output {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    write(chunk) {
      chunks.push(chunk);
      size += chunk.length;
    },
    isFull: () => size > limit,
    end: () => done(Buffer.concat(chunks)),
  };
}

function outputOf(sink: TraceSink, limit: number): Output {
  if (typeof sink === "string") return fileOutput(sink);
  if (typeof sink === "function") return { write: sink, isFull: () => false, end: () => {} };
  return streamOutput(sink, limit);
}

let current: RunningTrace | null = null;

class RunningTrace implements Trace {
  readonly #output: Output;
  readonly #recorder: Recorder;
  readonly #others: OtherThreads;
  /** Events when the output was full, or has failed. */
  #full: CountingTracer | null = null;
  #failure: Error | null = null;
  #stopped: boolean = false;
  #finished: boolean = false;

  constructor(output: Output) {
    this.#output = output;
    output.write(Buffer.from("go 1.19 trace\0\0\0", "latin1"));
    this.#recorder = new Recorder((chunk) => this.#write(chunk));
    inspect().attach(this.#recorder);
    this.#others = new OtherThreads((chunk) => this.#write(chunk));
  }

  #write(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    try {
      this.#output.write(chunk);
    } catch (error) {
      // Right out of the scheduler: that the disk is full must not be the program's end.
      this.#failure = error as Error;
    }
    if (this.#full !== null || this.#stopped || (this.#failure === null && !this.#output.isFull())) return;
    // A trace with a hole is none: it ends here. What is left is only counted.
    this.#full = new CountingTracer();
    queueMicrotask(() => {
      if (this.#stopped) return;
      this.#finish();
      inspect().attach(this.#full as CountingTracer);
    });
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    inspect().detach(this.#recorder);
    this.#recorder.finish();
    const silent = this.#others.finish();
    if (silent > 0)
      inspect().host.stderr(`gort: trace: ${silent} threads did not answer in time: what they ran last is missing\n`);
  }

  get events(): number {
    return this.#recorder.events;
  }

  get dropped(): number {
    return this.#full?.events ?? 0;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    current = null;
    this.#finish();
    if (this.#full !== null) inspect().detach(this.#full);
    try {
      this.#output.end();
    } catch (error) {
      this.#failure ??= error as Error;
    }
    const { host } = inspect();
    if (this.#failure !== null)
      host.stderr(`gort: trace: it is not whole, writing it has failed: ${this.#failure.message}\n`);
    else if (this.dropped > 0)
      host.stderr(
        `gort: trace: the last ${this.dropped} events were left out: the reader was too slow, or the limit is too low\n`,
      );
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** Counts what a trace would have had. */
class CountingTracer {
  events: number = 0;
  #one(): void {
    this.events++;
  }
  created(): void {
    this.#one();
  }
  started(): void {
    this.#one();
  }
  stopped(): void {
    this.#one();
  }
  ended(): void {
    this.#one();
  }
  readied(): void {
    this.#one();
  }
  relabelled(): void {}
  entered(): void {
    this.#one();
  }
  left(): void {
    this.#one();
  }
  taskBegun(): void {
    this.#one();
  }
  taskEnded(): void {
    this.#one();
  }
  regionBegun(): void {
    this.#one();
  }
  regionEnded(): void {
    this.#one();
  }
  logged(): void {
    this.#one();
  }
}

/** Whether a trace is being written: there can be one at a time. */
export function isTracing(): boolean {
  return current !== null;
}

/**
 * Writes an execution trace until it is stopped: every creation, switch, wake-up and end of a goroutine with its stack, and the
 * program's own tasks, regions and logs (`gort/trace`). Open it with `go tool trace FILE`, or as JSON in Perfetto. Go: trace.Start.
 *
 *     using _ = startTrace("out.trace");
 * @throws Error "tracing is already enabled"; Node's error if the file cannot be made; TypeError on a format that there is not
 */
export function startTrace(sink: TraceSink, options: TraceOptions = {}): Trace {
  if (current !== null) throw new Error("tracing is already enabled");
  const { limit = LIMIT } = options;
  const { format } = options;
  if (format !== undefined && format !== "go" && format !== "chrome")
    throw new TypeError(`startTrace: format is "go" or "chrome", not ${JSON.stringify(format)}`);
  const json = (format ?? (typeof sink === "string" && sink.endsWith(".json") ? "chrome" : "go")) === "chrome";
  const target = outputOf(sink, limit);
  const output = json
    ? memoryOutput(limit, (bytes) => {
        target.write(Buffer.from(new ChromeTrace(decodeTrace(bytes)).convert()));
        target.end();
      })
    : target;
  current = new RunningTrace(output);
  return current;
}

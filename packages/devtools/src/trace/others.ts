/** What other threads record of a trace, as main collects it. */
import { receiveMessageOnPort } from "node:worker_threads";
import { crew, listen, type Reply, standing } from "../threads/crew.ts";

/** How long the end of a trace waits for the threads: they answer between two slices, ms. */
const PATIENCE = 1000;

export class OtherThreads {
  readonly #takeBack: () => void;
  readonly #deafen: () => void;

  /** Threads begin to record; `out` gets their chunks, each a batch. */
  constructor(out: (chunk: Uint8Array) => void) {
    this.#deafen = listen((_, chunk) => out(chunk as Uint8Array));
    this.#takeBack = standing("trace.start");
  }

  /** Has them end, and waits for what they have: a trace may end as the process does. Returns how many did not answer. */
  finish(): number {
    this.#takeBack();
    const members = [...crew().values()];
    const done = new Int32Array(new SharedArrayBuffer(4));
    for (const member of members) member.tell("trace.stop", done);
    const end = performance.now() + PATIENCE;
    for (;;) {
      const n = Atomics.load(done, 0);
      const left = end - performance.now();
      if (n >= members.length || left <= 0) break;
      Atomics.wait(done, 0, n, left);
    }
    for (const { port, hear } of members.map((m) => ({ port: m.port, hear: (r: Reply) => m.hear(r) }))) {
      let got: { message: Reply } | undefined;
      while ((got = receiveMessageOnPort(port) as { message: Reply } | undefined) !== undefined) hear(got.message);
    }
    this.#deafen();
    return members.length - Atomics.load(done, 0);
  }
}

/** A trace's recorder on a thread that runs parallel goroutines. */
import { inspect } from "../inspect.ts";
import { Recorder } from "./recorder.ts";

export class ThreadTrace {
  readonly #recorder: Recorder;

  constructor(out: (chunk: Uint8Array) => void) {
    this.#recorder = new Recorder(out, inspect().X.m);
    inspect().attach(this.#recorder);
  }

  finish(): void {
    inspect().detach(this.#recorder);
    this.#recorder.finish();
  }
}

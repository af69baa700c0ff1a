/** What is used of the engine's WebAssembly, which Node's types leave to those of the browser. Undefined under `--jitless`. */
import type { Memory } from "../shared/thread.ts";

interface Engine {
  Memory: new (said: { initial: number; maximum: number; shared: true }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports?: object) => { exports: object };
}

export const wasm: Engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;

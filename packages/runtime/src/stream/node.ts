/** What the streams share: Node's module, loaded when a stream is made, and the test for a channel. */
import { Chan } from "../chan/chan.ts";
import { isA } from "../errors/catalogue.ts";

type NodeStream = typeof import("node:stream");

/** @throws Error where there are no Node streams (a browser) */
export function nodeStream(): NodeStream {
  const module = globalThis.process?.getBuiltinModule?.("node:stream");
  if (module === undefined) throw new Error("gort: there are no Node streams here; use the web's");
  return module;
}

export function isChan(value: unknown): boolean {
  return isA(value, Chan);
}

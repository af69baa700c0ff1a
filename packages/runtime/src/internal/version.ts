/**
 * Which compiler's output this runtime runs, and that it is the only runtime of its thread. Both are asked before anything
 * of the program runs: when a copy of the runtime loads, and when a compiled module does.
 */
import { GortError } from "../errors/catalogue.ts";

/**
 * What compiled code and the runtime have agreed on: the fields of `R`, the poll word, the shape of frames, what a clone tells of itself. Raised with every
 * change to it, here and in the compiler (emit/protocol.ts).
 */
export const PROTOCOL = 9;

/** The version of this package. */
export const VERSION = "0.1.0";

/** The runtime of a thread, as another copy of the package finds it. */
interface Copy {
  version: string;
  url: string;
}

const key = Symbol.for("gort.runtime");

const twice =
  "that is one file, which Node.js has loaded and a tool has evaluated again: leave gort to Node.js, so in Vite out of `ssrLoadModule` and `ssr.noExternal`, " +
  "in vitest out of `server.deps.inline`, and in Next.js use `withGort` of @gort/compiler/next";

/** Makes this copy the runtime of the thread. Throws where there is one. */
export function claimThread(url: string): void {
  const place = globalThis as { [key]?: Copy };
  const first = place[key];
  if (first !== undefined) {
    const both = `version ${first.version} from ${first.url}, then ${VERSION} from ${url}`;
    throw new GortError("GORT_TWO_RUNTIMES", both, first.url === url ? twice : undefined);
  }
  Object.defineProperty(place, key, { value: Object.freeze({ version: VERSION, url }) });
}

/** What a compiled module does first: is it for this runtime? */
export function checkProtocol(protocol: number, file: string): void {
  if (protocol === PROTOCOL) return;
  const newer = protocol > PROTOCOL ? "a newer" : "an older";
  throw new GortError("GORT_VERSION", `${file} was compiled by ${newer} @gort/compiler than gort ${VERSION} runs`);
}

/**
 * What only the engine can carry to another thread: ports and file handles, which are handed over, and what of Node's it copies: keys,
 * certificates, Blobs. Who will receive one is not known when it is sent, so it lies in the depot meanwhile, and whoever receives the value
 * fetches what is in it.
 *
 *     load ─► { id, x } ─► depot ─► fetch(id): the thread that has received the value, or who has sent it and could not
 */
import { MessageChannel, MessagePort } from "node:worker_threads";
import { argument, GortError } from "../errors/catalogue.ts";
import { cargoOf, defineArrival, setCargo, type Cargo, type Departure } from "./cargo.ts";
import { fetch, store } from "./depot.ts";
import type { Encoder } from "./encoder.ts";
import { G_PARCELS } from "./layout.ts";
import { X } from "./region.ts";
import { PARCEL } from "./tags.ts";

/** Parcels that could not go, and are back: their values are given up. */
const back: Set<number> = new Set();

class ParcelCargo implements Cargo {
  /** It is another when it was on its way and came back. */
  #x: object;
  #state: "" | "is on its way already" | "has been moved away" | "is closed" = "";

  constructor(x: object) {
    this.#x = this.#watched(x);
  }

  /** Only its event tells of a port that is closed. */
  #watched(x: object): object {
    if (x instanceof MessagePort)
      x.once("close", () => {
        if (this.#x === x && this.#state === "") this.#state = "is closed";
      });
    return x;
  }

  obstacle(): string {
    return this.#state === "" && isFileHandle(this.#x) && this.#x.fd < 0 ? "is closed" : this.#state;
  }

  load(e: Encoder): Departure | string {
    // Only the engine knows whether an operation on it is under way, and only now can it be refused.
    if (isFileHandle(this.#x)) {
      try {
        this.#x = taken(this.#x);
      } catch {
        return "is in use";
      }
    }
    const id = Atomics.add(X.I, G_PARCELS >> 2, 1) + 1;
    e.w.byte(PARCEL);
    e.w.int(id);
    this.#state = "is on its way already";
    let sent = false;
    const wait = (): void => {
      if (!sent) send(id, this.#x);
      sent = true;
    };
    return {
      wait,
      leave: () => {
        wait();
        this.#state = "has been moved away";
      },
      stay: (written) => {
        if (sent) this.#x = this.#watched(fetch(id) ?? lost());
        this.#state = "";
        if (written) back.add(id);
      },
    };
  }

  /** What it has, which goes on in another. */
  take(): object {
    const x = taken(this.#x);
    this.#state = "has been moved away";
    return x;
  }
}

/** Node's classes that the engine copies. */
const copied = new Set(
  "SecretKeyObject PublicKeyObject PrivateKeyObject CryptoKey X509Certificate Blob BlockList SocketAddress".split(" "),
);

/** How `x` is copied by the engine; null if it is nothing of Node's that can be. */
export function copyOf(x: object): Cargo | null {
  const kind: unknown = x.constructor;
  if (typeof kind !== "function" || !copied.has(kind.name)) return null;
  let copy: object;
  try {
    // Of a class of the program's that is called like one of Node's, the engine makes a plain object.
    copy = structuredClone(x);
  } catch {
    return null;
  }
  return copy instanceof kind ? new CopyCargo(copy) : null;
}

class CopyCargo implements Cargo {
  readonly #x: object;

  constructor(x: object) {
    this.#x = x;
  }

  obstacle(): string {
    return "";
  }

  load(e: Encoder): Departure {
    const id = Atomics.add(X.I, G_PARCELS >> 2, 1) + 1;
    e.w.byte(PARCEL);
    e.w.int(id);
    let sent = false;
    const leave = (): void => {
      if (sent) return;
      sent = true;
      store(id, this.#x, true);
    };
    return {
      wait: leave,
      leave,
      stay(written): void {
        if (sent) fetch(id);
        if (written) back.add(id);
      },
    };
  }
}

function send(id: number, x: object): void {
  try {
    store(id, x);
  } catch (e) {
    if (!(x instanceof MessagePort)) throw e;
    // It was closed and has not said so yet: what arrives is a port whose other end is closed.
    const { port1, port2 } = new MessageChannel();
    store(id, port2);
    port1.close();
  }
  if (x instanceof MessagePort) deaden(x);
}

defineArrival(PARCEL, (d) => {
  const id = d.r.int();
  if (back.delete(id)) return d.keep({});
  const x = fetch(id);
  if (x === null) return d.keep(lost());
  if (d.dropped) discard(x);
  return d.keep(x);
});

/** What stands for a parcel that never came: whatever is done with it throws. */
function lost(): object {
  const error = new GortError("GORT_THREAD_ENDED", "what it has sent never came");
  const gone = (): never => {
    throw error;
  };
  return new Proxy({}, { get: gone, set: gone, has: gone, ownKeys: gone, getPrototypeOf: gone });
}

/** Nobody will have `x`. A file handle must be closed, a port's other end hears of it. */
function discard(x: object): void {
  if (x instanceof MessagePort) x.close();
  else if (isFileHandle(x)) x.close().catch(() => {});
}

interface FileHandle {
  readonly fd: number;
  close(): Promise<void>;
}

export function isFileHandle(x: object): x is FileHandle {
  return x.constructor?.name === "FileHandle" && typeof (x as Partial<FileHandle>).fd === "number" && "appendFile" in x;
}

/** What takes the place of `x` when the engine has transferred it; null if it is nothing that can be. */
export function takeParcel(x: object): object | null {
  const isPort = x instanceof MessagePort;
  if (!isPort && !isFileHandle(x)) return null;
  const cargo = cargoOf(x);
  let next: object;
  try {
    // What was offered in vain is dead; its cargo has what came back.
    next = cargo instanceof ParcelCargo ? cargo.take() : taken(x);
  } catch (e) {
    const what = isPort ? "port is closed" : "file handle is closed, or in use";
    throw Object.assign(argument(`move: the ${what}, or has been moved already`), { cause: e });
  }
  if (isPort) deaden(x);
  return setCargo(next, new ParcelCargo(next));
}

/** What the engine makes of `x`, which is dead from here on. Throws if `x` is closed, or in use. */
function taken(x: object): object {
  return structuredClone(x, { transfer: [x as never] });
}

/** A port that was transferred takes everything, and does nothing with it. */
function deaden(port: MessagePort): void {
  const gone = (): never => {
    throw argument("the port has been moved away");
  };
  for (const name of ["postMessage", "start", "on", "once", "addListener", "addEventListener"] as const)
    Object.defineProperty(port, name, { value: gone, configurable: true });
  Object.defineProperty(port, "onmessage", { get: gone, set: gone, configurable: true });
}

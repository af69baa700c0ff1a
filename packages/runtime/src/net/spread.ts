/**
 * Servers on all threads: what main listens on with a parallel handler, each thread that runs goroutines listens on as well
 * (SO_REUSEPORT), so that the system spreads the connections. A connection stays on the thread that took it.
 *
 *     main                                     thread (serving.ts)
 *     open(what, handler) ─► { id, open } ───► listens, answers { id, error? }
 *     close(cut)          ─► { id, cut }  ───► takes no more, and answers { id, closed } when its last connection is done
 */
import type { MessagePort } from "node:worker_threads";
import { GortError } from "../errors/catalogue.ts";
import { fileOf } from "../internal/here.ts";
import { host, type HostTimer } from "../internal/host.ts";
import { S } from "../scheduler/p.ts";
import { addressOf, isParallel } from "../shared/functions.ts";
import { M_BASE, M_BLOCKING, M_SIZE } from "../shared/layout.ts";
import { X } from "../shared/region.ts";
import { thread } from "../shared/thread.ts";
import type { Given } from "./given.ts";
import { openThreads } from "../shared/threads.ts";
import { post, visit } from "../shared/visitors.ts";
import { startAll } from "../shared/workers.ts";

/** What a thread is to listen with. */
export interface Opening {
  kind: "net" | "http";
  /** The parallel function's block. */
  handler: number;
  /** Of a server: hears what its handlers throw; 0: nobody. */
  onError: number;
  /** Options of `listen` or `serve`: host, port, certificates. */
  options: object;
  /** What the handler is given besides: a record for this thread, or 0. */
  given: number;
}

export interface Order {
  id: number;
  open?: Opening;
  /** Closes; true: at once. */
  cut?: boolean;
}

export interface Report {
  id: number;
  error?: string;
  closed?: true;
}

const ports: Map<number, MessagePort> = new Map();
const spreads: Map<number, Spread> = new Map();
let last = 0;

/** Where the system spreads connections over those that share a port, and Node says so. */
const SHARES: readonly string[] = ["linux", "freebsd", "aix", "sunos"];

/** Whether the connections of a server with a parallel handler are spread here. */
function isSpread(): boolean {
  return (
    S.bundled === 0 &&
    thread === null &&
    (S.shared === null ? S.gomaxprocs : S.shared.procs) > 1 &&
    SHARES.includes(process.platform)
  );
}

/** The longest a timer may take, ms. */
const LONG = 0x7fff_ffff;

export class Spread {
  readonly #id: number = ++last;
  readonly #opening: Opening;
  readonly #given: Given | null;
  /** Threads that listen, or are about to. */
  readonly #open: Set<number> = new Set();
  #closing: boolean = false;
  /** Holds main's event loop open for what threads have to say, which a port does not. */
  #hold: HostTimer | null = null;
  /** Called when the last thread has closed, once closing has begun. */
  #closed: (() => void) | null = null;

  /** Has every thread listen. Threads that start later follow. */
  constructor(opening: Opening, given: Given | null) {
    this.#opening = opening;
    this.#given = given;
    spreads.set(this.#id, this);
    visit(fileOf("serving.js", "net/serving.ts"), (m, port) => {
      ports.set(m, port);
      port.on("message", (report: Report) => spreads.get(report.id)?.hear(m, report));
      port.on("close", () => {
        ports.delete(m);
        for (const spread of spreads.values()) spread.#lost(m);
      });
      for (const spread of spreads.values()) spread.#begin(m);
    });
    for (const m of ports.keys()) this.#begin(m);
  }

  #begin(m: number): void {
    // Not on those that are kept for blocking calls.
    if (this.#closing || this.#open.has(m) || X.I[(M_BASE + m * M_SIZE + M_BLOCKING) >> 2] === 1) return;
    this.#open.add(m);
    const open: Opening = { ...this.#opening, given: this.#given === null ? 0 : this.#given.send() };
    post(m, ports.get(m) as MessagePort, { id: this.#id, open } satisfies Order);
  }

  hear(m: number, { error, closed }: Report): void {
    // The others serve all the same.
    if (error !== undefined) host.stderr(`gort: thread M${m} cannot listen: ${error}\n`);
    if (error !== undefined || closed === true) this.#lost(m);
  }

  #lost(m: number): void {
    this.#open.delete(m);
    if (this.#open.size > 0) return;
    if (this.#hold !== null) host.clearTimer(this.#hold);
    this.#hold = null;
    if (this.#closed === null) return;
    const closed = this.#closed;
    this.#closed = null;
    spreads.delete(this.#id);
    closed();
  }

  /** Threads take no more connections. */
  stop(): void {
    this.#closing = true;
    if (this.#open.size > 0) this.#hold ??= host.setTimer(this.#still, LONG);
    this.#tell(false);
  }

  /** The same; `closed` is called when all are done, at once if there are none. */
  close(closed: () => void): void {
    this.#closed = closed;
    if (!this.#closing) this.stop();
    if (this.#open.size === 0) this.#lost(-1);
  }

  /** Connections are cut. */
  cut(): void {
    if (!this.#closing) this.stop();
    this.#tell(true);
  }

  readonly #still = (): void => {
    this.#hold = host.setTimer(this.#still, LONG);
  };

  #tell(cut: boolean): void {
    for (const m of this.#open) post(m, ports.get(m) as MessagePort, { id: this.#id, cut } satisfies Order);
  }
}

/** Of what cannot be told to another thread: functions among the options. */
function cannotCross(where: string, error: unknown): GortError {
  return new GortError("GORT_SHARE", `${where}: ${(error as Error).message}`);
}

/**
 * What threads are to be told of a server; null if it is this one's alone. Throws GORT_SHARE before anything has happened if a handler is
 * parallel and they could not be told, also where there is one P: a program means the same on any number of them.
 */
export function opening(
  kind: "net" | "http",
  handler: Function,
  options: { readonly path?: string },
  onError?: Function,
): Opening | null {
  if (!isParallel(handler) || options.path !== undefined) return null;
  if (onError !== undefined && !isParallel(onError))
    throw cannotCross("options.onError", new Error("with a parallel handler it must be parallel too"));
  let crossing: object;
  try {
    crossing = structuredClone(options);
  } catch (e) {
    throw cannotCross("options", e);
  }
  if (!isSpread()) return null;
  if (S.shared === null) openThreads(S.gomaxprocs);
  return {
    kind,
    handler: addressOf(handler),
    onError: onError === undefined ? 0 : addressOf(onError),
    options: crossing,
    given: 0,
  };
}

/** Starts the threads there may be: connections come to those that listen, not to who is free. */
export function spread(opening: Opening, given: Given | null): Spread {
  const made = new Spread(opening, given);
  startAll();
  return made;
}

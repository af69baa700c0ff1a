/** A server that does not listen yet, and who waits for it: for `listen` and `serve`. */
import type { Server } from "node:net";
import { THROW, VALUE } from "../scheduler/status.ts";
import type { G, Waitable } from "../scheduler/g.ts";
import { ready } from "../scheduler/park.ts";
import { waitReason } from "../scheduler/reason.ts";
import { stackOf } from "../scheduler/stack.ts";
import { netError } from "./error.ts";

export const LISTEN: number = waitReason("IO wait (listen)");

export class Starting implements Waitable {
  readonly #server: Server;
  readonly #g: G;
  #over: boolean = false;

  /** `started` makes what the waiting goroutine gets; it takes over the server's "error" events. */
  constructor(g: G, server: Server, address: string, started: () => unknown) {
    this.#g = g;
    this.#server = server;
    const failed = (e: Error): void => {
      if (!this.#over) this.#wake(stackOf(netError("listen", address, e), g), THROW);
    };
    server.on("error", failed);
    server.once("listening", () => {
      if (this.#over) {
        // Given up while the host's name was looked up: `close` came too early for it.
        server.close();
        return;
      }
      const v = started();
      server.off("error", failed);
      this.#wake(v, VALUE);
    });
  }

  #wake(v: unknown, x: number): void {
    this.#over = true;
    this.#g.v = v;
    this.#g.x = x;
    ready(this.#g);
  }

  cancelWait(): void {
    this.#over = true;
    this.#server.close();
  }
}

/** GODEBUG=schedtrace on a thread that runs parallel goroutines: see scheduler/schedtrace.ts. Loaded there as a visitor. */
import type { MessagePort } from "node:worker_threads";
import { Publisher, type Words } from "../scheduler/publisher.ts";
import { attach, detach } from "../scheduler/tracer.ts";
import { heardPost } from "./visitors.ts";

/** What main says: a printer wants this thread's numbers. */
export interface Subscription {
  W: Words;
  /** To the printer. */
  printer: MessagePort;
  detail: boolean;
  stacks: boolean;
}

/** The runtime calls this on the thread: visitors.ts. */
export function visit(port: MessagePort): void {
  port.on("message", ({ W, printer, detail, stacks }: Subscription) => {
    const publisher = new Publisher(W, printer, detail, stacks);
    printer.on("message", () => {
      heardPost();
      publisher.publish(null);
    });
    printer.on("close", () => detach(publisher));
    printer.unref();
    attach(publisher);
    publisher.publish(null);
  });
}

/** handler: a goroutine function as the handler of any framework. */
import { IncomingMessage, ServerResponse } from "node:http";
import { argument } from "../errors/catalogue.ts";
import { responses } from "./request.ts";
import { goroutine, serveOne } from "./goroutine.ts";

/**
 * Makes `f` a handler for node:http, Express, Fastify, Hono and others alike: each call is a goroutine, which may block and is
 * preempted. What it returns is the result the framework is promised; what it throws goes the framework's own way: a rejected promise, or
 * `next(error)`; under node:http it answers 500.
 *
 *     app.get("/", handler((req, res) => res.send(results.recv())));
 */
export function handler<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => Promise<Awaited<R>> {
  if (typeof f !== "function") throw argument("handler: a function");
  const adapted = (...args: A): Promise<Awaited<R>> => {
    const [req, res, fail] = args as unknown[];
    const plain = req instanceof IncomingMessage && res instanceof ServerResponse;
    if (plain && fail === undefined) {
      serveOne(f as never, req, res);
      return Promise.resolve(undefined as never);
    }
    if (plain) responses.set(req, res);
    const { result } = goroutine(f, args);
    if (plain && typeof fail === "function") {
      return result.then(
        () => undefined as never,
        (e: unknown) => {
          (fail as (e: unknown) => void)(e);
          return undefined as never;
        },
      );
    }
    return result as Promise<Awaited<R>>;
  };
  // Express counts parameters: four make an error handler.
  Object.defineProperty(adapted, "length", { value: f.length, configurable: true });
  Object.defineProperty(adapted, "name", { value: f.name, configurable: true });
  return adapted;
}

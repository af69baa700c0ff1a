/** handler: a goroutine function as the handler of any framework. */
import { mustBeOptions, wants } from "../errors/catalogue.ts";
import { exchangeOf, isExchange } from "./exchange.ts";
import { goroutine, mustBeReport, serveOne, siteOf, type Report } from "./goroutine.ts";

/** What {@link handler} can be told. */
export interface HandlerOptions {
  /** Under node:http and node:http2, which have no way for errors: what `f` has thrown; on standard error, as Go's server does, if left out. */
  onError?: Report;
}

/**
 * Makes `f` a handler for node:http, node:http2, Express, Fastify, Hono and others alike: each call is a goroutine, which may block and is
 * preempted. What it returns is the result the framework is promised; what it throws goes the framework's own way: a rejected promise, or
 * `next(error)`; under node:http and node:http2 it answers 500.
 *
 *     app.get("/", handler((req, res) => res.send(results.recv())));
 *
 * Express, Fastify and Hono infer what a handler is given from the handler: parameters without a type are `any`, not `unknown`, which nobody could use.
 * Go: http.HandlerFunc.
 * @throws TypeError GORT_ARGUMENT if `f` or `onError` is no function; the handler throws GortError GORT_NOT_COMPILED if no compiled module has been loaded
 */
export function handler<A extends any[], R>(
  f: (...args: A) => R,
  options: HandlerOptions = {},
): (...args: A) => Promise<Awaited<R>> {
  if (typeof f !== "function") throw wants("handler", "a function", f);
  mustBeOptions(options, "handler");
  const site = siteOf(f);
  const { onError } = options;
  mustBeReport(onError, "handler");
  const adapted = (...args: A): Promise<Awaited<R>> => {
    const [req, res, fail] = args as unknown[];
    if (fail === undefined && isExchange(req, res)) {
      serveOne(f as never, req as never, res as never, site, onError);
      return Promise.resolve(undefined as never);
    }
    exchangeOf(args);
    const result = goroutine(f, args, site);
    // Express: (req, res, next) or, where errors are handled, (error, req, res, next).
    const report = args.at(-1);
    if (args.length < 3 || typeof report !== "function") return result as Promise<Awaited<R>>;
    return result.then(
      () => undefined as never,
      (e: unknown) => {
        (report as (e: unknown) => void)(e);
        return undefined as never;
      },
    );
  };
  // Express counts parameters: four make an error handler.
  Object.defineProperty(adapted, "length", { value: f.length, configurable: true });
  Object.defineProperty(adapted, "name", { value: f.name, configurable: true });
  return adapted;
}

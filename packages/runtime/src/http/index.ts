/** `gort/http`: every request a goroutine. Go: package net/http. */
export { type Handler, type Report } from "./goroutine.ts";
export { handler, type HandlerOptions } from "./handler.ts";
export { bodyChunks, contextOf, HttpError, readBody, writeBody } from "./request.ts";
export type { AnyRequest } from "./exchange.ts";
export { serve, type Server, type ServeOptions } from "./serve.ts";

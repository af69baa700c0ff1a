/** `gort/http`: every request a goroutine. Go: package net/http. */
export { type Handler, type Report } from "./goroutine.ts";
export { handler } from "./handler.ts";
export { contextOf, HttpError, readBody, writeBody } from "./request.ts";
export { serve, type Server, type ServeOptions } from "./serve.ts";

/**
 * A WebSocket of the `ws` package, either side, as a channel of what comes and a blocking `send`. All it takes is `fromEmitter`: the socket
 * has `pause` and `resume`, so a reader that is slow slows the other end down.
 */
import { fromEmitter, wait, type Context, type SourceChan } from "gort";
import type { WebSocket } from "ws";

/** The messages, until the socket is closed; call it at once, what comes earlier is lost. Each is the event's arguments: the bytes, and whether they are no text. */
export function messages(socket: WebSocket): SourceChan<[data: Buffer, isBinary: boolean]> {
  return fromEmitter(socket, "message", { capacity: 64, close: "close" }) as SourceChan<[Buffer, boolean]>;
}

/** Sends a message, waiting until it is on its way. Throws if the socket is closed. */
export function send(socket: WebSocket, text: string, ctx?: Context): void {
  wait(
    new Promise<void>((resolve, reject) => {
      socket.send(text, (error) => (error ? reject(error) : resolve()));
    }),
    ctx,
  );
}

/** Waits until a client's socket stands. Throws if it is refused. */
export function opened(socket: WebSocket, ctx?: Context): WebSocket {
  wait(
    new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    }),
    ctx,
  );
  return socket;
}

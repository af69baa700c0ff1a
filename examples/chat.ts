/**
 * A chat server over WebSocket: the `ws` package on gort/http's server. Nobody holds a lock; the room is one goroutine's.
 *
 *     client ◄──► reader ──say──► room ──outbox──► writer ──► client        (a reader and a writer for each client)
 *
 * Usage: npx gort run examples/chat.ts PORT     serves until it is stopped; without a port it talks to itself and ends
 */
import { background, chan, go, select, withTimeout, type Chan, type SourceChan } from "gort";
import { serve, type Server } from "gort/http";
import { WebSocket, WebSocketServer } from "ws";
import { messages, opened, send } from "./lib/websocket.ts";

/** Lines kept for a client that reads slowly. One that is further behind is put out. */
const BEHIND = 64;

interface Client {
  name: string;
  outbox: Chan<string>;
}

interface Room {
  join: Chan<Client>;
  leave: Chan<Client>;
  say: Chan<string>;
}

function tell(clients: Set<Client>, line: string): void {
  for (const client of clients) {
    // The room waits for nobody.
    if (client.outbox.trySend(line)) continue;
    clients.delete(client);
    client.outbox.close();
  }
}

/** The room: all that happens in it happens here, one thing after the other. */
function moderate({ join, leave, say }: Room): void {
  const clients = new Set<Client>();
  for (;;) {
    const r = select({ join, leave, say });
    if (r.value === undefined) return;
    switch (r.case) {
      case "join":
        clients.add(r.value);
        tell(clients, `* ${r.value.name} has come, ${clients.size} here`);
        break;
      case "leave":
        if (!clients.delete(r.value)) break;
        r.value.outbox.close();
        tell(clients, `* ${r.value.name} has left`);
        break;
      case "say":
        tell(clients, r.value);
    }
  }
}

/** One client, from the first message, its name, to the last. */
function attend(room: Room, socket: WebSocket, inbox: SourceChan<[Buffer, boolean]>): void {
  const first = inbox.recv();
  if (first === undefined) return;
  const client: Client = { name: String(first[0]), outbox: chan(BEHIND) };
  go(write, socket, client.outbox);
  room.join.send(client);
  for (const [text] of inbox) room.say.send(`${client.name}: ${String(text)}`);
  room.leave.send(client);
}

function write(socket: WebSocket, outbox: Chan<string>): void {
  try {
    for (const line of outbox) send(socket, line);
    socket.close();
  } catch {
    socket.terminate(); // its reader sees the end
  }
}

function start(port: number): { server: Server; stop: () => void } {
  const room: Room = { join: chan(), leave: chan(), say: chan() };
  go(moderate, room);
  const server = serve({ host: "127.0.0.1", port }, (_req, res) => {
    res.statusCode = 426;
    res.end("this is a chat: open a WebSocket\n");
  });
  const sockets = new WebSocketServer({ server: server.node });
  sockets.on("connection", (socket) => {
    socket.on("error", () => {}); // its close follows
    // Listened to at once: the first message may come with the connection.
    go(attend, room, socket, messages(socket));
  });
  return {
    server,
    stop: () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      const [ctx, cancel] = withTimeout(background(), 5000);
      server.close(ctx);
      cancel();
    },
  };
}

/** Three people. Each hears what is said in the same order; the next one speaks when all have heard the last. */
function talk(port: number): void {
  const names = ["ann", "bob", "cat"];
  const people = names.map((name) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const inbox = messages(socket);
    opened(socket);
    return { name, socket, inbox };
  });
  const hear = (n: number): string[] =>
    people.slice(0, n).map(({ name, inbox }) => `  ${name} hears: ${String(inbox.recv()?.[0])}`);
  people.forEach(({ name, socket }, i) => {
    send(socket, name);
    console.log(`${name} comes\n${hear(i + 1).join("\n")}`);
  });
  for (const { name, socket } of people) {
    send(socket, `this is ${name}`);
    console.log(`${name} speaks\n${hear(3).join("\n")}`);
  }
  people.pop()!.socket.close();
  console.log(`cat leaves\n${hear(2).join("\n")}`);
  for (const { socket } of people) socket.close();
}

export function main(): void {
  const port = Number(process.argv[2] ?? 0);
  const { server, stop } = start(port);
  if (port !== 0) {
    console.log(`chat on ws://${server.addr}`);
    server.wait();
  }
  talk(server.port);
  stop();
}

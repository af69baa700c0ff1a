/**
 * Closed-loop clients on raw sockets, a process of their own, so that they cost less than the server: each sends the same bytes again
 * when it has its answer. Prints the number of answers.
 *
 *     clients.ts CASE PORT CONNECTIONS MILLISECONDS
 */
import { connect } from "node:net";

const [what, port, connections, ms] = process.argv.slice(2);
const request = what!.startsWith("http") ? "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" : "x".repeat(64);
const end = what!.startsWith("http") ? "hello\n" : "x".repeat(64);
const bytes = Buffer.from(request);
let answers = 0;
const sockets = Array.from({ length: Number(connections) }, () => {
  const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
  let got = "";
  socket.on("connect", () => socket.write(bytes));
  socket.on("data", (chunk) => {
    got = got === "" ? String(chunk) : got + String(chunk);
    if (!got.endsWith(end)) return;
    got = "";
    answers++;
    socket.write(bytes);
  });
  socket.on("error", (e) => {
    console.error(e.message);
    process.exit(1);
  });
  return socket;
});
setTimeout(() => {
  console.log(answers);
  for (const socket of sockets) socket.destroy();
}, Number(ms));

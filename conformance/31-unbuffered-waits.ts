/** A send on an unbuffered channel goes on only when the receiver has it. */
import { chan, go, gosched } from "gort";

export function main(): void {
  const ch = chan<number>();
  const order: string[] = [];
  const sender = go(() => {
    order.push("sending");
    ch.send(1);
    order.push("sent");
  });
  for (let i = 0; i < 10; i++) gosched();
  order.push("before receive");
  const v = ch.recv();
  order.push(`received ${String(v)}`);
  sender.join();
  console.log(order.join(", "));
}

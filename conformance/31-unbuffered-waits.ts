/** A send on an unbuffered channel goes on only when the receiver has it, however long that takes. */
import { chan, go, gosched, sleep } from "gort";

/** The second send waits until the receiver, which sleeps between, comes for it. */
function sleeping(): number {
  let count = 0;
  const ch = chan<number>();
  go(() => {
    ch.recv();
    count++;
    sleep(2);
    count++;
    ch.recv();
  });
  ch.send(1);
  ch.send(2);
  return count;
}

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
  console.log(`counted before the second send went on: ${sleeping()}`);
}

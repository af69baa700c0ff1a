/** A received value may be used, kept, or not looked at at all; whichever way it is sent. */
import { chan, go, onRecv, onSend, otherwise, select, sending, type RecvChan, type SendChan } from "gort";
import { settle } from "./lib/settle.ts";

const receivers: ((c: RecvChan<number>) => void)[] = [
  (c) => void c.recv(),
  (c) => void select({ c }),
  (c) => void select({ c, other: chan<number>() }),
  (c) => select(onRecv(c)),
  (c) => select(onRecv(chan<number>()), onRecv(c)),
];

const senders: ((c: SendChan<number>) => void)[] = [
  (c) => c.send(1),
  (c) => void select({ out: sending(c, 1) }),
  (c) => void select({ out: sending(c, 1), other: sending(chan<number>(), 1) }),
  (c) => select(onSend(c, 1)),
  (c) => select(onSend(chan<number>(), 1), onSend(c, 1)),
];

/** Each way to receive with each way to send, the receiver waiting first, then the sender. */
function matrix(): number {
  let met = 0;
  for (const receive of receivers) {
    for (const send of senders) {
      const c = chan<number>();
      const receiver = go(receive, c);
      settle();
      send(c);
      receiver.join();
      const sender = go(send, c);
      settle();
      receive(c);
      sender.join();
      met++;
    }
  }
  return met;
}

export function main(): void {
  const ch = chan<number>();
  const feed = (n: number): void => {
    go(() => {
      for (let i = 0; i < n; i++) ch.send(i);
    });
  };
  feed(4);
  select({ ch });
  const r = select({ ch });
  console.log(r.value, r.ok);
  console.log(select(onRecv(ch, () => "not looked at")));
  console.log(select(onRecv(ch, (v) => v)));
  feed(2);
  ch.recv();
  void ch.recv();
  feed(2);
  const [v] = ch.recvOk();
  const [, ok] = ch.recvOk();
  console.log(v, ok);
  console.log(select({ ch, none: otherwise }).case);
  console.log(`${matrix()} pairs met`);
}

/** A received value may be used, kept, or not looked at at all. */
import { chan, go, onRecv, otherwise, select } from "gort";

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
}

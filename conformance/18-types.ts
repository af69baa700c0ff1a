/** The two directions, checked by the compiler of types; at run time they are the channel itself. */
import { chan, select, sending, type Chan, type RecvChan, type SendChan } from "gort";

function onlySend(ch: SendChan<number>): void {
  ch.send(1);
  // @ts-expect-error a SendChan cannot receive
  void (ch.recv satisfies unknown);
  ch.send(2);
}

function onlyRecv(ch: RecvChan<number>): number | undefined {
  // @ts-expect-error a RecvChan cannot send
  void (ch.send satisfies unknown);
  return ch.recv();
}

function kinds(r: { case: "a"; value: number | undefined; ok: boolean } | { case: "out" }): string {
  return r.case === "a" ? `value ${String(r.value)}` : "sent";
}

export function main(): void {
  const ch: Chan<number> = chan<number>(4);
  onlySend(ch);
  console.log(onlyRecv(ch), onlyRecv(ch));
  console.log(kinds(select({ a: chan<number>(), out: sending(ch, 3) })), ch.len);
  const [v, ok] = ch.recvOk();
  console.log(ok ? v + 1 : v);
}

/**
 * What may be done with which direction of a channel, line by line, checked by the compiler of types: everything wrong is
 * marked as such, and a mark without an error is an error. `npm test` type-checks this file; nothing of that part runs.
 * Then what a send takes as its operands, which does.
 */
import { chan, nilChan, onDefault, onRecv, onSend, otherwise, select, sending, type Chan } from "gort";
import type { RecvChan, SendChan } from "gort";

export function directions(c: Chan<number>, cr: RecvChan<number>, cs: SendChan<number>): void {
  cr = c;
  cs = c;
  // @ts-expect-error a RecvChan is no Chan
  c = cr;
  // @ts-expect-error a SendChan is no Chan
  c = cs;
  // @ts-expect-error a SendChan is no RecvChan
  cr = cs;
  // @ts-expect-error a RecvChan is no SendChan
  cs = cr;

  const n = 0;
  // @ts-expect-error a number is no channel
  n.recv();
  // @ts-expect-error a number is no channel
  n.send(2);

  c.send(0);
  c.recv();
  let [x, ok] = c.recvOk();

  // @ts-expect-error a RecvChan cannot send
  cr.send(0);
  // @ts-expect-error a RecvChan cannot send
  cr.trySend(0);
  // @ts-expect-error a RecvChan cannot send
  void cr.sendAsync(0);
  cr.recv();
  [x, ok] = cr.recvOk();

  cs.send(0);
  // @ts-expect-error a SendChan cannot receive
  cs.recv();
  // @ts-expect-error a SendChan cannot receive
  [x, ok] = cs.recvOk();
  // @ts-expect-error a SendChan cannot receive
  cs.tryRecv();
  // @ts-expect-error a SendChan cannot receive
  void cs.recvAsync();
  void [x, ok];

  select({ a: sending(c, 0), b: c, d: cr, e: sending(cs, 0), none: otherwise });
  // @ts-expect-error a RecvChan cannot send
  select({ a: sending(cr, 0) });
  // @ts-expect-error a SendChan cannot receive
  select({ a: cs });
  // @ts-expect-error a number is no channel
  select({ a: n });
  // @ts-expect-error a number is no channel
  select({ a: sending(n, 2) });
  select(onSend(c, 0), onRecv(c), onRecv(cr), onSend(cs, 0), onDefault());
  // @ts-expect-error a RecvChan cannot send
  select(onSend(cr, 0));
  // @ts-expect-error a SendChan cannot receive
  select(onRecv(cs));

  for (const v of c) v.toFixed();
  for (const v of cr) v.toFixed();
  // @ts-expect-error a SendChan cannot receive
  for (const v of cs) void v;

  c.close();
  cs.close();
  // @ts-expect-error only who sends closes
  cr.close();
  // @ts-expect-error a number is no channel
  n.close();
}

export function elements(names: Chan<string>, any: SendChan<unknown>, some: RecvChan<string | number>): void {
  // @ts-expect-error another element
  names.send(1);
  // @ts-expect-error another element
  names.trySend(1);
  // @ts-expect-error another element
  select({ out: sending(names, 1) });
  // @ts-expect-error what is received may be missing
  void names.recv().length;
  const [name, ok] = names.recvOk();
  // @ts-expect-error before `ok` has been asked
  void name.length;
  if (ok) void name.length;
  const [sure, there] = names.tryRecv() ?? [undefined, false];
  if (there) void sure.length;

  // Who takes anything takes strings; who wants either is content with strings; not the other way round.
  const strings: SendChan<string> = any;
  some = names;
  // @ts-expect-error sends numbers into names
  const numbers: SendChan<number> = names;
  // @ts-expect-error may receive numbers
  const received: RecvChan<string> = some;
  void [strings, numbers, received];

  const r = select({ names, out: sending(any, 1), none: otherwise });
  switch (r.case) {
    case "names":
      // @ts-expect-error closed: no value
      void r.value.length;
      void r.value?.length;
      break;
    case "out":
    case "none":
      r.value satisfies undefined;
      break;
    // @ts-expect-error no such case
    case "other":
  }
  select(
    onRecv(names, (v) => v?.length),
    onDefault(() => undefined),
  ) satisfies number | undefined;
}

/** A channel through a channel: the operand of a send is itself received, when the select begins. */
function channelsOfChannels(): string {
  const cc = chan<Chan<number>>(1);
  const c = chan<number>(1);
  cc.send(c);
  const r = select({ out: sending(cc.recv(), 2), none: otherwise });
  return `${r.case} ${cc.len} ${c.recv()}`;
}

/** What is sent is the whole expression. */
function precedence(): string {
  const c = chan<boolean>(1);
  const no = c.len > 0;
  c.send(no || true);
  return String(c.recv());
}

/** The directions are types: at run time they are the channel itself. */
function oneChannel(): string {
  const c: Chan<number> = chan<number>(1);
  const s: SendChan<number> = c;
  const r: RecvChan<number> = c;
  s.send(7);
  return `${Object.is(s, r)} ${r.recv()} ${String(nilChan<number>().tryRecv())}`;
}

export function main(): void {
  console.log(channelsOfChannels());
  console.log(precedence());
  console.log(oneChannel());
}

/** Channels that cross to another thread while goroutines wait for them: all go on waiting, each in its place, and what is sent comes once. */
import {
  after,
  background,
  chan,
  go,
  move,
  parallel,
  select,
  sending,
  timeout,
  Timer,
  withTimeout,
  withValue,
  type Chan,
  type Context,
  type RecvChan,
} from "gort";
import { settle } from "./lib/settle.ts";

const share = parallel((ch: Chan<unknown> | RecvChan<Date>): number => ch.cap);
const take = parallel((ch: Chan<unknown>): string => {
  const v = ch.recv();
  return v instanceof Uint8Array ? v.join() : String(v);
});
const isOwn = parallel((ch: Chan<{ reply: unknown }>): boolean => ch.recv()?.reply === ch);
const holdsItself = parallel((ctx: Context): boolean => (ctx.value("queue") as Chan<unknown>).recv() === ctx);
const two = parallel((_a: unknown, _b: unknown): void => {});
const meet = parallel((nodes: { x: number }[], root: { x: number }, bytes: Uint8Array, words: Uint16Array): string => {
  root.x = 5;
  bytes[2] = 7;
  return `${nodes[0]!.x} ${words[1]}`;
});

function cross(ch: Chan<unknown>): void {
  go(share, ch).join();
}

function refusal(f: () => unknown): string {
  try {
    return String(f());
  } catch (e) {
    return (e as Error).message.split(";")[0]!.split(": ").slice(2).join(": ");
  }
}

/** Waits before the next one does: where the machine stalls, one that has just begun is preempted, and would come last. */
function inTurn(f: () => unknown): void {
  go(f);
  settle();
}

/** Several that wait for the same channels, and one that waits for one of them twice. Who took which value. */
function selects(crosses: boolean): string {
  const [a, b, c] = [chan<number>(), chan<number>(), chan<number>()];
  const took: number[] = [];
  const by = (k: number, v: unknown): void => {
    took[v as number] = k;
  };
  inTurn(() => by(0, select({ a, b }).value));
  inTurn(() => by(1, select({ b, a, c }).value));
  inTurn(() => by(2, a.recv()));
  inTurn(() => by(3, select({ c, a, again: a }).value));
  inTurn(() => by(4, select({ b, a }).value));
  if (crosses) cross(a);
  for (let v = 0; v < 5; v++) a.send(v);
  settle();
  const rest = go(() => a.send(5));
  const left = a.recv();
  rest.join();
  return `${took.join(" ")}, then ${left}`;
}

/** Those that wait to send. */
function senders(crosses: boolean): string {
  const [a, b, c] = [chan<number>(), chan<number>(), chan<number>()];
  for (let v = 0; v < 6; v++) {
    if (v % 3 === 0) inTurn(() => a.send(v));
    else if (v % 3 === 1) inTurn(() => select({ a: sending(a, v), b: sending(b, v) }));
    else inTurn(() => select({ c, a: sending(a, v), again: sending(a, v) }));
  }
  if (crosses) cross(b);
  const got: number[] = [];
  for (let i = 0; i < 6; i++) got.push(a.recv()!);
  return `${got.join(" ")}, then ${select({ a, late: timeout(5) }).case}`;
}

/** One that would send to itself. */
function itself(): string {
  const ch = chan<number>();
  const g = go(() => select({ got: ch, sent: sending(ch, 7), again: ch }).case);
  settle();
  cross(ch);
  return `${ch.recv()} ${g.join()}`;
}

function movedMemory(): string {
  const ch = chan<unknown>();
  const g = go(() => select({ sent: sending(ch, move(new Uint8Array([1, 2, 3]))), never: chan() }).case);
  settle();
  return `${go(take, ch).join()} ${g.join()}`;
}

/** What is refused stays as it was. */
function refused(): string {
  const ch = chan<unknown>(2);
  ch.send(move(new Uint8Array([1, 2])));
  ch.send(() => 1);
  const memory = move(new Uint8Array([3, 4]));
  return [
    refusal(() => go(share, ch)),
    refusal(() => go(two, memory, () => 1)),
    (ch.recv() as Uint8Array).join(),
    memory.join(),
  ].join("; ");
}

/** A send that does not happen leaves what was moved where it was. */
function keptMemory(): string {
  const failure = (f: () => void): string => {
    try {
      f();
    } catch (e) {
      return (e as Error).message;
    }
    return "";
  };
  const [full, closed, ch] = [chan<unknown>(), chan<unknown>(), chan<unknown>()];
  for (const each of [full, closed, ch]) cross(each);
  closed.close();
  const memory = move(new Uint8Array([1, 2, 3]));
  const left: unknown[] = [full.trySend(memory), memory.length];
  left.push(
    failure(() => closed.send(memory)),
    memory.length,
  );
  left.push(select({ out: sending(full, memory), late: timeout(2) }).case, memory.length);
  const ctx = withTimeout(background(), 2)[0];
  left.push(
    failure(() => full.send(memory, ctx)),
    memory.length,
  );
  const waiting = go(() => failure(() => full.send(memory)));
  settle();
  full.close();
  left.push(waiting.join(), memory.length);
  const g = go(take, ch);
  left.push(select({ one: sending(ch, memory), other: sending(ch, memory) }).ok, memory.length, g.join());
  return left.join(", ");
}

/** What stands in two arguments is one thing on the other side, too. */
function met(): string {
  const nodes = [{ x: 1 }, { x: 2 }];
  const memory = new ArrayBuffer(4);
  return go(meet, nodes, nodes[0]!, new Uint8Array(memory), new Uint16Array(memory)).join();
}

function ownReply(): string {
  const ch = chan<{ reply: unknown }>(1);
  ch.send({ reply: ch });
  const queue = chan<unknown>(1);
  const ctx = withValue(background(), "queue", queue);
  queue.send(ctx);
  return `${go(isOwn, ch).join()} ${go(holdsItself, ctx).join()}`;
}

/** A time that has come before. */
function due(): string {
  const [late, stopped] = [after(1), new Timer(1)];
  const until = performance.now() + 3;
  while (performance.now() < until);
  go(share, late);
  go(share, stopped.c);
  return `${late.tryRecv() !== undefined} ${stopped.stop()} ${stopped.stop()}`;
}

export function main(): void {
  for (const crosses of [false, true]) console.log("selects:", selects(crosses));
  for (const crosses of [false, true]) console.log("senders:", senders(crosses));
  console.log("itself:", itself());
  console.log("moved:", movedMemory());
  console.log("refused:", refused());
  console.log("kept:", keptMemory());
  console.log("met:", met());
  console.log("own reply:", ownReply());
  console.log("due:", due());
}

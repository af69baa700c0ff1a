/** Closing: what every way to receive, to send and to close does afterwards, unbuffered and buffered, and to whoever waits. */
import { chan, go, onDefault, onRecv, onSend, otherwise, select, sending, type Chan } from "gort";
import { settle } from "./lib/settle.ts";

const quiet = chan<boolean>();

/** Receive and send, waiting and not, and what they say: a value and ok, "none" where nothing was ready. */
interface Way {
  name: string;
  recv(ch: Chan<number>): number | undefined;
  recvOk(ch: Chan<number>): string;
  tryRecv(ch: Chan<number>): string;
  send(ch: Chan<number>): string;
  trySend(ch: Chan<number>): string;
}

const both = (v: number | undefined, ok: boolean): string => `${String(v)} ${ok}`;
const none = (): string => "none";

const ways: Way[] = [
  {
    name: "plain",
    recv: (ch) => ch.recv(),
    recvOk: (ch) => {
      const [v, ok] = ch.recvOk();
      return both(v, ok);
    },
    tryRecv: (ch) => {
      const r = ch.tryRecv();
      return r === undefined ? "none" : both(r[0], r[1]);
    },
    send: (ch) => (ch.send(1), "sent"),
    trySend: (ch) => (ch.trySend(1) ? "sent" : "none"),
  },
  {
    name: "select",
    recv: (ch) => select({ ch }).value,
    recvOk: (ch) => select(onRecv(ch, both)),
    tryRecv: (ch) => select(onDefault(none), onRecv(ch, both)),
    send: (ch) => select({ sent: sending(ch, 1) }).case,
    trySend: (ch) =>
      select(
        onDefault(none),
        onSend(ch, 1, () => "sent"),
      ),
  },
  {
    name: "larger select",
    recv: (ch) => select({ quiet, ch }).value as number | undefined,
    recvOk: (ch) => select(onRecv(ch, both), onRecv(quiet, none)),
    tryRecv: (ch) => {
      const r = select({ quiet, none: otherwise, ch });
      return r.case === "ch" ? both(r.value, r.ok) : r.case;
    },
    send: (ch) => select({ sent: sending(ch, 1), quiet }).case,
    trySend: (ch) => select({ none: otherwise, quiet, sent: sending(ch, 1) }).case,
  },
];

function tried(f: () => unknown): string {
  try {
    return String(f());
  } catch (e) {
    return `${(e as Error).name}: ${(e as Error).message}`;
  }
}

/** A closed channel with all its places filled. */
function closed(capacity: number): Chan<number> {
  const ch = chan<number>(capacity);
  for (let i = 1; i <= capacity; i++) ch.send(i * 10);
  ch.close();
  return ch;
}

/** What is left comes out, the first by each of the ways in turn; then always the end, and no send leaves anything behind. */
function matrix(way: Way, capacity: number): string {
  const left = [way.recvOk, way.tryRecv, (ch: Chan<number>) => both(way.recv(ch), true)].map((first) => {
    const ch = closed(capacity);
    const out: string[] = [];
    if (capacity > 0) out.push(first(ch));
    while (ch.len > 0) out.push(way.recvOk(ch));
    return out.join(", ");
  });
  const ch = closed(capacity);
  for (let i = 0; i < capacity; i++) way.recv(ch);
  const ends = new Set<string>();
  for (let i = 0; i < 3; i++) ends.add([way.recv(ch), way.recvOk(ch), way.tryRecv(ch)].join(", "));
  const sends: string[] = [];
  for (const f of [way.send, way.trySend]) sends.push(`${tried(() => f(ch))}, then ${way.recvOk(ch)}`);
  return [
    `${new Set(left).size === 1 ? left[0] : left.join(" or ")} | ${[...ends].join(" or ")}`,
    ...sends,
    tried(() => ch.close()),
  ].join("\n  ");
}

function rangeOf(ch: Chan<number>): number[] {
  const out: number[] = [];
  for (const v of ch) out.push(v);
  return out;
}

/** Whoever waits when it is closed: receivers get the end, senders an error, and what they would have sent is gone. */
function waiting(): void {
  const empty = chan<number>();
  const results: string[] = [];
  for (const way of ways) go(() => results.push(`${way.name}: receiver ${way.recvOk(empty)}`));
  go(() => results.push(`range: ${rangeOf(empty).length}`));
  settle();
  empty.close();
  const full = chan<number>(1);
  full.send(0);
  for (const way of ways) go(() => results.push(`${way.name}: sender ${tried(() => way.send(full))}`));
  settle();
  full.close();
  settle();
  console.log(results.sort().join("\n"));
  console.log(`left in it: ${rangeOf(full).join(" ")}`);
}

export function main(): void {
  for (const capacity of [0, 1, 3]) {
    for (const way of ways) console.log(`cap ${capacity}, ${way.name}: ${matrix(way, capacity)}`);
  }
  waiting();
}

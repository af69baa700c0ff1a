/** Send and receive that do not wait, for several types of element, unbuffered and with room for 10. */
import { chan, go, onDefault, onRecv, onSend, otherwise, select, sending, type Chan } from "gort";
import { settle } from "./lib/settle.ts";

function check<T>(name: string, values: [T, T], capacity: number): string {
  const ch = chan<T>(capacity);
  const out: string[] = [];
  const [a, b] = values;
  out.push(`recv empty ${select({ ch, none: otherwise }).case}`);
  out.push(`try ${String(ch.tryRecv())}`);
  const sent = select({ out: sending(ch, a), none: otherwise }).case;
  out.push(`send ${sent} ${ch.len}`);
  if (capacity > 0) {
    for (let i = ch.len; i < capacity; i++) if (!ch.trySend(b)) throw new Error("no room?");
    out.push(`full ${select({ out: sending(ch, a), none: otherwise }).case} ${ch.trySend(a)}`);
    const r = select({ ch, none: otherwise });
    out.push(`first ${r.case === "ch" && Object.is(r.value, a)}`);
    for (let i = 0; i < capacity - 1; i++) if (!Object.is(ch.recv(), b)) throw new Error("wrong value");
  }
  // A receiver waits: sending without waiting succeeds.
  let got: T | undefined;
  const receiver = go(() => {
    got = ch.recv();
  });
  settle();
  const hit = select(
    onSend(ch, b, () => "sent"),
    onDefault(() => "nothing"),
  );
  receiver.join();
  out.push(`to a receiver ${hit} ${Object.is(got, b)}`);
  // A sender waits: receiving without waiting succeeds.
  const sender = go((c: Chan<T>) => c.send(a), ch);
  settle();
  out.push(
    `from a sender ${select(
      onRecv(ch, (v, ok) => `${Object.is(v, a)} ${ok}`),
      onDefault(() => "nothing"),
    )}`,
  );
  sender.join();
  return `${name} ${capacity}: ${out.join(", ")}`;
}

export function main(): void {
  const o = { k: 1 };
  const p = { k: 2 };
  for (const capacity of [0, 10]) {
    console.log(check("boolean", [true, false], capacity));
    console.log(check("number", [1, 2.5], capacity));
    console.log(check("string", ["a", ""], capacity));
    console.log(check("bigint", [1n, 2n], capacity));
    console.log(check("object", [o, p], capacity));
    console.log(check("undefined", [undefined, null], capacity));
  }
}

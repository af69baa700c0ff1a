/** Closing: what receive, send, select and close do afterwards, unbuffered and buffered. */
import { chan, go, gosched, onDefault, onRecv, onSend, select, type Chan } from "gort";

function tried(f: () => unknown): string {
  try {
    return String(f());
  } catch (e) {
    return `${(e as Error).name}: ${(e as Error).message}`;
  }
}

function receives(name: string, ch: Chan<number>, left: number): void {
  const out: string[] = [];
  for (let i = 0; i < left + 2; i++) {
    const way = i % 3;
    if (way === 0) out.push(tried(() => ch.recvOk().join(" ")));
    else if (way === 1) out.push(tried(() => select(onRecv(ch, (v, ok) => `${String(v)} ${ok}`))));
    else
      out.push(
        tried(() =>
          select(
            onRecv(ch, (v, ok) => `${String(v)} ${ok}`),
            onDefault(() => "default"),
          ),
        ),
      );
  }
  console.log(`${name}: ${out.join(", ")}, recv ${String(ch.recv())}, try ${String(ch.tryRecv()?.join(" "))}`);
}

function sends(name: string, ch: Chan<number>): void {
  console.log(`${name} send: ${tried(() => ch.send(1))}`);
  console.log(`${name} select: ${tried(() => select(onSend(ch, 1, () => "sent")))}`);
  console.log(
    `${name} select default: ${tried(() =>
      select(
        onSend(ch, 1, () => "sent"),
        onDefault(() => "default"),
      ),
    )}`,
  );
  console.log(`${name} trySend: ${tried(() => ch.trySend(1))}`);
  console.log(`${name} close: ${tried(() => ch.close())}`);
}

export function main(): void {
  for (const capacity of [0, 1, 3]) {
    const ch = chan<number>(capacity);
    for (let i = 1; i <= capacity; i++) ch.send(i * 10);
    ch.close();
    receives(`cap ${capacity}`, ch, capacity);
    sends(`cap ${capacity}`, ch);
  }
  // Whoever waits when it is closed: receivers get nothing, senders an error.
  const ch = chan<number>();
  const results: string[] = [];
  for (let i = 0; i < 2; i++) go(() => results.push(`receiver ${i} ${ch.recvOk().join(" ")}`));
  go(() => results.push(`range ${[...rangeOf(ch)].length}`));
  for (let i = 0; i < 4; i++) gosched();
  ch.close();
  for (let i = 0; i < 4; i++) gosched();
  const full = chan<number>(1);
  full.send(0);
  for (let i = 0; i < 2; i++) go(() => results.push(`sender ${i} ${tried(() => full.send(i))}`));
  go(() => results.push(`select ${tried(() => select(onSend(full, 9, () => "sent")))}`));
  for (let i = 0; i < 4; i++) gosched();
  full.close();
  for (let i = 0; i < 4; i++) gosched();
  console.log(results.sort().join("\n"));
  console.log(full.recvOk().join(" "), full.recvOk().join(" "));
}

function rangeOf(ch: Chan<number>): number[] {
  const out: number[] = [];
  for (const v of ch) out.push(v);
  return out;
}

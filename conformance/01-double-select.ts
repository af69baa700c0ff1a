/** Two cases of one select never both fire: every value arrives once, in ascending order. */
import { chan, go, select, sending, type Chan } from "gort";

const COUNT = 4000;

function sender(n: number, channels: Chan<number>[]): void {
  const [a, b, c, d] = channels as [Chan<number>, Chan<number>, Chan<number>, Chan<number>];
  for (let i = 0; i < n; i++) select({ a: sending(a, i), b: sending(b, i), c: sending(c, i), d: sending(d, i) });
  for (const ch of channels) ch.close();
}

function forward(from: Chan<number>, out: Chan<number>, done: Chan<string>, name: string): void {
  for (const v of from) out.send(v);
  done.send(name);
}

export function main(): void {
  const channels = [chan<number>(), chan<number>(), chan<number>(), chan<number>()];
  const out = chan<number>();
  const done = chan<string>();
  go(sender, COUNT, channels);
  channels.forEach((ch, i) => go(forward, ch, out, done, `c${i}`));
  go(() => {
    for (let i = 0; i < channels.length; i++) done.recv();
    out.close();
  });
  const seen = new Uint8Array(COUNT);
  let received = 0;
  let twice = 0;
  for (const v of out) {
    received++;
    if (seen[v] !== 0) twice++;
    seen[v] = 1;
  }
  console.log(`received ${received}, twice ${twice}, missing ${seen.indexOf(0)}`);
}

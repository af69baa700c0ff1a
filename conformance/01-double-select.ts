/** Two cases of one select never both fire: every value arrives once, on each channel in ascending order. */
import { chan, go, onSend, select, sending, type Chan } from "gort";

const COUNT = 20_000;
let disorder = 0;

function sender(n: number, channels: Chan<number>[]): void {
  const [a, b, c, d] = channels as [Chan<number>, Chan<number>, Chan<number>, Chan<number>];
  for (let i = 0; i < n; i++) {
    if (i % 2 === 0) select({ a: sending(a, i), b: sending(b, i), c: sending(c, i), d: sending(d, i) });
    else select(onSend(d, i), onSend(c, i), onSend(b, i), onSend(a, i));
  }
  for (const ch of channels) ch.close();
}

function forward(from: Chan<number>, out: Chan<number>, done: Chan<string>, name: string): void {
  let last = -1;
  for (const v of from) {
    if (v <= last) disorder++;
    last = v;
    out.send(v);
  }
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
  console.log(`received ${received}, twice ${twice}, out of order ${disorder}, missing ${seen.indexOf(0)}`);
}

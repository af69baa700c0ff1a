/** Elements without content: signals. */
import { chan, go } from "gort";

export function main(): void {
  const unbuffered = chan<void>();
  go(() => {
    for (let i = 0; i < 3; i++) unbuffered.send();
    unbuffered.close();
  });
  let n = 0;
  for (const v of unbuffered) {
    if (v !== undefined) throw new Error("not empty");
    n++;
  }
  const buffered = chan<undefined>(10);
  for (let i = 0; i < 10; i++) buffered.send(undefined);
  console.log(n, buffered.len, buffered.cap, buffered.trySend(undefined));
  buffered.close();
  const ok = Array.from({ length: 12 }, () => 0);
  for (let i = 0; i < ok.length; i++) ok[i] = buffered.recvOk()[1] ? 1 : 0;
  console.log(ok.join(""));
  const empty = chan<Record<string, never>>(1);
  const value = {};
  empty.send(value);
  console.log(empty.recv() === value);
}

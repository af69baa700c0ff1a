/** len and cap, and the capacities that cannot be. */
import { chan, nilChan } from "gort";

export function main(): void {
  for (const capacity of [0, 1, 10, 1000]) {
    const ch = chan<number>(capacity);
    const half = capacity >> 1;
    for (let i = 0; i < half; i++) ch.send(i);
    console.log(capacity, ch.len, ch.cap);
  }
  for (const bad of [-1, 1.5, NaN, Infinity, 2 ** 53, "3" as unknown as number]) {
    try {
      console.log(String(bad), chan(bad).cap);
    } catch (e) {
      console.log(String(bad), `${(e as Error).name}: ${(e as Error).message}`, e instanceof RangeError);
    }
  }
  const nil = nilChan<number>();
  console.log(nil.len, nil.cap);
  try {
    nil.close();
  } catch (e) {
    console.log((e as Error).message);
  }
}

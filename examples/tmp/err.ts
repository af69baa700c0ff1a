import { chan, go, sleep, stack, type Chan } from "gort";
class Store {
  load(key: string): number {
    sleep(5);
    return this.parse(key);
  }
  parse(key: string): number {
    if (key === "bad") throw new Error("cannot parse " + key);
    return key.length;
  }
}
function handle(s: Store, key: string): number {
  return s.load(key) + 1;
}
function worker(s: Store, keys: Chan<string>): void {
  for (const k of keys) {
    try {
      console.log(handle(s, k));
    } catch (e) {
      console.log((e as Error).stack);
    }
  }
  sleep(1);
  console.log(stack(true));
  handle(s, "bad");
}
export function main(): void {
  const keys = chan<string>();
  go(worker, new Store(), keys);
  for (const k of ["a", "bad"]) keys.send(k);
  keys.close();
  sleep(100);
}

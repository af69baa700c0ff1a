/** ts-chan: Go's channels on promises. */
import { Chan } from "ts-chan";
import { choose, now, per } from "./lib.ts";

await choose({
  async pingpong() {
    const N = 50_000;
    const a = new Chan<number>();
    const b = new Chan<number>();
    void (async () => {
      for (;;) await b.send((await a.recv()).value!);
    })();
    const start = now();
    for (let i = 0; i < N; i++) {
      await a.send(i);
      await b.recv();
    }
    per("roundtrip", start, N, "ns/roundtrip");
  },
  async buffered128_1p1c() {
    const N = 100_000;
    const c = new Chan<number>(128);
    const start = now();
    void (async () => {
      for (let i = 0; i < N; i++) await c.send(i);
    })();
    let sum = 0;
    for (let i = 0; i < N; i++) sum += (await c.recv()).value!;
    if (sum !== (N * (N - 1)) / 2) throw new Error("wrong");
    per("send+recv", start, N, "ns/elem");
  },
});

/** @thi.ng/csp: channels of promises. */
import { Channel } from "@thi.ng/csp";
import { choose, now, per } from "./lib.ts";

await choose({
  async pingpong() {
    const N = 200_000;
    const a = new Channel<number>();
    const b = new Channel<number>();
    void (async () => {
      for (;;) await b.write((await a.read())!);
    })();
    const start = now();
    for (let i = 0; i < N; i++) {
      void a.write(i);
      await b.read();
    }
    per("roundtrip", start, N, "ns/roundtrip");
  },
  async buffered128_1p1c() {
    const N = 300_000;
    const c = new Channel<number>(128);
    const start = now();
    void (async () => {
      for (let i = 0; i < N; i++) await c.write(i);
    })();
    let sum = 0;
    for (let i = 0; i < N; i++) sum += (await c.read())!;
    if (sum !== (N * (N - 1)) / 2) throw new Error("wrong");
    per("send+recv", start, N, "ns/elem");
  },
});

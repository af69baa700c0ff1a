/** Bare async and await: a task is an async function, a channel a queue with waiting resolvers. */
import { choose, heapOf, now, per } from "./lib.ts";

class Channel<T> {
  readonly #capacity: number;
  readonly #values: T[] = [];
  #head = 0;
  readonly #receivers: ((v: T) => void)[] = [];
  readonly #senders: { v: T; done: () => void }[] = [];
  constructor(capacity: number) {
    this.#capacity = capacity;
  }
  send(v: T): Promise<void> | undefined {
    const receiver = this.#receivers.shift();
    if (receiver !== undefined) {
      receiver(v);
      return undefined;
    }
    if (this.#values.length - this.#head < this.#capacity) {
      this.#values.push(v);
      return undefined;
    }
    return new Promise((done) => this.#senders.push({ v, done }));
  }
  recv(): Promise<T> | T {
    if (this.#head < this.#values.length) {
      const v = this.#values[this.#head++]!;
      if (this.#head > 1024) {
        this.#values.splice(0, this.#head);
        this.#head = 0;
      }
      const sender = this.#senders.shift();
      if (sender !== undefined) {
        this.#values.push(sender.v);
        sender.done();
      }
      return v;
    }
    const sender = this.#senders.shift();
    if (sender !== undefined) {
      sender.done();
      return sender.v;
    }
    return new Promise((resolve) => this.#receivers.push(resolve));
  }
}

async function leaves(num: number, size: number): Promise<number> {
  if (size === 1) return num;
  const part = size / 10;
  const all: Promise<number>[] = [];
  for (let i = 0; i < 10; i++) all.push(leaves(num + i * part, part));
  let sum = 0;
  for (const p of all) sum += await p;
  return sum;
}

await choose({
  async spawn_join() {
    const N = 300_000;
    const start = now();
    const task = async (): Promise<number> => 1;
    for (let i = 0; i < N; i++) await task();
    per("create+join", start, N, "ns/task");
  },
  async gosched_2() {
    const N = 2_000_000;
    const start = now();
    const task = async (): Promise<void> => {
      for (let i = 0; i < N / 2; i++) await undefined;
    };
    await Promise.all([task(), task()]);
    per("switch", start, N, "ns/switch");
  },
  async pingpong() {
    const N = 500_000;
    const a = new Channel<number>(0);
    const b = new Channel<number>(0);
    void (async () => {
      for (;;) await b.send(await a.recv());
    })();
    const start = now();
    for (let i = 0; i < N; i++) {
      await a.send(i);
      await b.recv();
    }
    per("roundtrip", start, N, "ns/roundtrip");
  },
  async buffered128_1p1c() {
    const N = 1_000_000;
    const c = new Channel<number>(128);
    const start = now();
    void (async () => {
      for (let i = 0; i < N; i++) await c.send(i);
    })();
    let sum = 0;
    for (let i = 0; i < N; i++) sum += await c.recv();
    if (sum !== (N * (N - 1)) / 2) throw new Error("wrong");
    per("send+recv", start, N, "ns/elem");
  },
  async parked() {
    const N = 100_000;
    const never = new Channel<number>(0);
    await heapOf(N, async () => {
      const tasks: Promise<unknown>[] = [];
      for (let i = 0; i < N; i++) tasks.push((async () => (await never.recv()) + i)());
      return tasks;
    });
  },
  async skynet_1e6() {
    const start = now();
    if ((await leaves(0, 1_000_000)) !== 499999500000) throw new Error("wrong");
    per("1e6-leaves", start, 1e6, "ms");
  },
});

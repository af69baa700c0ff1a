/** Blocking in code that no goroutine called: async functions, promise reactions, timers, events. It becomes one. */
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { chan, go, gosched, Mutex, numGoroutine, select, sleep, timeout, wait, WaitGroup, type Chan } from "gort";

const numbers: Chan<number> = chan<number>();
const store: AsyncLocalStorage<string> = new AsyncLocalStorage();

function produce(from: number, n: number): void {
  for (let i = 0; i < n; i++) {
    sleep(1);
    numbers.send(from + i);
  }
}

const received = (): number => numbers.recv()!;

/** Waits by both: `await` and blocking calls, in any position. */
async function mixed(a: number): Promise<string> {
  const first = received();
  await Promise.resolve();
  const second = a + received() * (await Promise.resolve(10));
  let kept = "";
  try {
    if (received() > 0) throw new Error("thrown");
  } catch (e) {
    kept = `${(e as Error).message} ${received()}`;
  } finally {
    kept += ` finally ${received()}`;
  }
  return `${first} ${second} ${kept}`;
}

async function sum(until: number): Promise<number> {
  let s = 0;
  for (const v of numbers) {
    s += v;
    if (v === until) break;
  }
  return s;
}

class Account {
  #balance = 0;
  readonly #mu = new Mutex();
  async add(n: number): Promise<number> {
    using _ = this.#mu.lock();
    const before = this.#balance;
    gosched();
    await Promise.resolve();
    this.#balance = before + n;
    return this.#balance;
  }
}

async function chosen(): Promise<string> {
  const r = select({ number: numbers, late: timeout(2000) });
  return r.case === "number" ? `number ${r.value}` : r.case;
}

async function fails(): Promise<never> {
  received();
  throw new Error("after it blocked");
}

async function* generated(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

async function eachOf(): Promise<number> {
  let s = received();
  for await (const v of generated()) s += v * received();
  return s;
}

class Emitter extends EventEmitter {}

async function test(): Promise<void> {
  go(produce, 1, 5);
  console.log("async:", await mixed(100));

  go(produce, 1, 4);
  console.log("for of a channel:", await sum(4));

  const account = new Account();
  console.log("with a lock:", (await Promise.all([account.add(1), account.add(10), account.add(100)])).at(-1));

  go(produce, 7, 1);
  console.log("select:", await chosen());

  go(produce, 1, 1);
  console.log("rejects:", await fails().catch((e: Error) => e.message));

  go(produce, 1, 3);
  console.log("for await:", await eachOf());

  go(produce, 1, 3);
  const list = await Promise.all([1, 2, 3].map(async (x) => x * 100 + received()));
  console.log("all:", list.join(" "));

  go(produce, 5, 1);
  console.log("then:", await Promise.resolve(1).then((v) => v + received()));
  go(produce, 6, 1);
  console.log("catch:", await Promise.reject(new Error("r")).catch((e: Error) => `${e.message} ${received()}`));
  go(produce, 7, 1);
  console.log("finally:", await Promise.resolve("kept").finally(() => void received()));
  console.log("a throw in then:", await throwing());

  go(produce, 8, 1);
  console.log("timeout:", await new Promise((done) => setTimeout((a: number) => done(a + received()), 1, 1000)));
  go(produce, 9, 1);
  console.log("immediate:", await new Promise((done) => setImmediate(() => done(received()))));
  go(produce, 10, 1);
  console.log("microtask:", await new Promise((done) => queueMicrotask(() => done(received()))));
  go(produce, 11, 1);
  console.log("tick:", await new Promise((done) => process.nextTick(() => done(received()))));

  const emitter = new Emitter();
  const heard = chan<string>(3);
  const listener = (x: string): void => heard.send(`${x} ${received()}`);
  emitter.on("say", listener);
  emitter.once("say", (x: string) => heard.send(`once ${x}`));
  go(produce, 12, 1);
  console.log("emit:", emitter.emit("say", "hello"), emitter.listeners("say")[0] === listener);
  const said = [wait(heard.recvAsync()), wait(heard.recvAsync())].toSorted();
  console.log("heard:", said.join(", "), emitter.off("say", listener).listenerCount("say"));

  const target = new EventTarget();
  target.addEventListener("y", () => heard.send(`event ${received()}`));
  go(produce, 13, 1);
  console.log("dispatch:", target.dispatchEvent(new Event("y")));
  console.log(heard.recv());

  // The store of whoever registered it is there before and after it blocks.
  go(produce, 14, 1);
  const seen = await store.run("stored", async () => {
    const early = store.getStore();
    received();
    return `${early} ${store.getStore()}`;
  });
  console.log("store:", seen, store.getStore());

  // Under a goroutine: the async function blocks by itself, its caller goes on.
  const wg = new WaitGroup();
  wg.go(() => {
    const p = mixed(1);
    console.log("caller goes on");
    go(produce, 1, 5);
    console.log("in a goroutine:", wait(p));
    console.log("and blocks itself:", waited());
  });
  wg.wait();

  sleep(1);
  console.log("goroutines left:", numGoroutine());
}

function waited(): number {
  go(produce, 3, 1);
  return received();
}

async function throwing(): Promise<string> {
  go(produce, 1, 1);
  try {
    return await Promise.resolve(1).then((v) => {
      received();
      throw new Error(`thrown ${v}`);
    });
  } catch (e) {
    return (e as Error).message;
  }
}

export async function main(): Promise<void> {
  await test();
}

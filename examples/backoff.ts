/**
 * Virtual time: a client that tries again after 1 s, 2 s, 4 s, … up to 5 minutes, and gives up after a day. Its test takes a few
 * milliseconds: in a bubble the clock moves to the next timer as soon as everybody waits.
 */
import { background, go, sleep, withTimeout, type Context } from "gort";
import { bubble, waitIdle } from "gort/testing";

class Client {
  attempts: number = 0;
  readonly #connect: () => boolean;

  constructor(connect: () => boolean) {
    this.#connect = connect;
  }

  /** Throws the context's error when its time is up. */
  run(ctx: Context): void {
    for (let pause = 1000; ; pause = Math.min(pause * 2, 300_000)) {
      this.attempts++;
      if (this.#connect()) return;
      sleep(pause, ctx);
    }
  }
}

const clock = (): string => new Date().toISOString().slice(0, 19).replace("T", " ");

export function main(): void {
  bubble(() => {
    const up = Date.now() + 3_600_000; // the server is down for an hour
    const client = new Client(() => Date.now() >= up);
    console.log(clock(), "the server is down");
    client.run(background());
    console.log(clock(), "connected after", client.attempts, "attempts");
  });

  bubble(() => {
    const [ctx] = withTimeout(background(), 24 * 3_600_000);
    const client = new Client(() => false);
    const running = go(() => {
      try {
        client.run(ctx);
      } catch (e) {
        console.log(clock(), "gave up:", String(e));
      }
    });
    waitIdle(); // until the client waits for its first pause to end
    console.log(clock(), "attempts so far:", client.attempts);
    sleep(10_000);
    waitIdle();
    console.log(clock(), "attempts so far:", client.attempts);
    running.join();
  });
}

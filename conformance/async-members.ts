/** `async` functions given to what counts goroutines: they have ended when their promise has settled, not when they first await. */
import { setTimeout as delay } from "node:timers/promises";
import { chan, go, Group, SingleFlight, WaitGroup } from "gort";

function attempt(name: string, f: () => unknown): void {
  try {
    console.log(name, f());
  } catch (e) {
    console.log(name, "throws", (e as Error).message);
  }
}

export function main(): void {
  attempt("WaitGroup", () => {
    const wg = new WaitGroup();
    const log: string[] = [];
    for (const ms of [6, 2])
      wg.go(async () => {
        await delay(ms);
        log.push(`${ms} ms`);
      });
    wg.go(() => log.push("at once"));
    wg.wait();
    return log.join(", ");
  });
  attempt("Group", () => {
    const group = new Group();
    let done = 0;
    group.setLimit(2);
    let most = 0;
    let active = 0;
    for (let i = 0; i < 5; i++)
      group.go(async () => {
        most = Math.max(most, ++active);
        await delay(1);
        active--;
        done++;
      });
    group.wait();
    return [done, most];
  });
  attempt("a rejection", () => {
    const group = new Group();
    group.go(async () => {
      await delay(1);
      throw new Error("late");
    });
    group.wait();
    return "not";
  });
  attempt("a rejection nobody waits for", () => {
    let uncaught = "";
    process.once("uncaughtException", (e) => (uncaught = e.message));
    const wg = new WaitGroup();
    wg.go(async () => {
      await delay(1);
      throw new Error("late");
    });
    wg.wait();
    return uncaught;
  });
  attempt("what blocks in one", () => {
    const ch = chan<number>();
    const group = new Group();
    let got = 0;
    group.go(async () => {
      await delay(0);
      got = ch.recv()! + ch.recv()!;
    });
    go(() => {
      ch.send(1);
      ch.send(2);
    });
    group.wait();
    return got;
  });
  attempt("SingleFlight", () => {
    const flights = new SingleFlight<string, Promise<number>>();
    let calls = 0;
    const load = async (): Promise<number> => {
      await delay(2);
      return ++calls;
    };
    const group = new Group();
    const got: number[] = [];
    for (let i = 0; i < 3; i++)
      group.go(async () => {
        await delay(i / 2);
        got.push(await flights.do("key", load));
      });
    group.wait();
    group.go(async () => void got.push(await flights.do("key", load)));
    group.wait();
    return got;
  });
}

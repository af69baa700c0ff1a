/**
 * A schedule explorer: an account that is checked and then changed, with a line of the audit log in between. One order of many overdraws it:
 * explore finds one, says how it went, and its seed runs it again.
 */
import { chan, go, Mutex, WaitGroup, type Chan } from "gort";
import { explore, ScheduleError } from "gort/testing";

abstract class Account {
  balance: number = 100;
  readonly log: Chan<string>;
  constructor(log: Chan<string>) {
    this.log = log;
  }
  abstract withdraw(amount: number): boolean;
}

/** Between the question and the answer somebody else may have withdrawn. */
class Careless extends Account {
  withdraw(amount: number): boolean {
    if (this.balance < amount) return false;
    this.log.send(`withdraw ${amount}`);
    this.balance -= amount;
    return true;
  }
}

class Careful extends Account {
  readonly #mu: Mutex = new Mutex();
  withdraw(amount: number): boolean {
    using _ = this.#mu.lock();
    if (this.balance < amount) return false;
    this.log.send(`withdraw ${amount}`);
    this.balance -= amount;
    return true;
  }
}

/** As it would stand in a test file. */
function test(Kind: new (log: Chan<string>) => Account): void {
  const log = chan<string>();
  const account = new Kind(log);
  const lines: string[] = [];
  go(() => {
    for (const line of log) lines.push(line);
  });
  const wg = new WaitGroup();
  for (let i = 0; i < 3; i++) wg.go(() => account.withdraw(50));
  wg.wait();
  log.close();
  if (account.balance < 0) throw new Error(`overdrawn: ${account.balance}`);
}

export function main(): void {
  console.log(
    "careful:",
    explore(() => test(Careful)),
    "schedules, and none overdraws it",
  );
  try {
    explore(() => test(Careless));
  } catch (e) {
    if (!(e instanceof ScheduleError)) throw e;
    console.log("careless:", e.message);
    try {
      explore(() => test(Careless), { replay: e.seed });
    } catch (again) {
      const same = again instanceof ScheduleError && again.schedule.join() === e.schedule.join();
      console.log("\nonce more:", same ? "the same schedule" : "another schedule");
    }
  }
}

/** A deadlock is found also when there are other threads: each of them asleep, none of them with anything to come. */
import { chan, go, gomaxprocs, parallel, type Chan } from "gort";
import { child, said } from "./lib/child.ts";

const waits = parallel((started: Chan<number>, never: Chan<number>): void => {
  started.send(1);
  never.recv();
});

export function main(): void {
  if (process.argv[2] !== "child") {
    const { status, stderr } = child(import.meta.filename, "child");
    console.log(status, said(stderr));
    return;
  }
  gomaxprocs(4);
  const [started, never] = [chan<number>(), chan<number>()];
  for (let i = 0; i < 4; i++) go(waits, started, never);
  for (let i = 0; i < 4; i++) started.recv();
  never.recv();
}

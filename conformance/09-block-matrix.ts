/** What waits and what does not: nil, closed, full and empty channels, and select without cases. */
import { chan, go, gosched, nilChan, onDefault, onRecv, onSend, select, type Chan } from "gort";

/** "waits", "goes on", or the error. */
function outcome(f: () => void): string {
  let result = "waits";
  go(() => {
    try {
      f();
      result = "goes on";
    } catch (e) {
      result = (e as Error).message;
    }
  });
  for (let i = 0; i < 20; i++) gosched();
  return result;
}

export function main(): void {
  const closed = chan<number>();
  closed.close();
  const closedBuffered = chan<number>(2);
  closedBuffered.send(1);
  closedBuffered.close();
  const full = chan<number>(1);
  full.send(0);
  const cases: [string, () => Chan<number>][] = [
    ["nil", () => nilChan<number>()],
    ["empty unbuffered", () => chan<number>()],
    ["empty buffered", () => chan<number>(1)],
    ["full", () => full],
    ["closed", () => closed],
    ["closed with a value", () => closedBuffered],
  ];
  for (const [name, make] of cases) {
    const ch = make();
    const row = [
      outcome(
        () =>
          void select(
            onRecv(ch, () => 0),
            onDefault(() => 1),
          ),
      ),
      outcome(
        () =>
          void select(
            onSend(ch, 1, () => 0),
            onDefault(() => 1),
          ),
      ),
      name === "full" ? "-" : outcome(() => void ch.recv()),
      outcome(() => ch.send(1)),
      name === "full" ? "-" : outcome(() => void select(onRecv(ch, () => 0))),
      outcome(() => void select(onSend(ch, 1, () => 0))),
      name === "full"
        ? "-"
        : outcome(
            () =>
              void select(
                onRecv(ch, () => 0),
                onRecv(nilChan<number>(), () => 0),
              ),
          ),
    ];
    console.log(`${name}: ${row.join(" | ")}`);
  }
  console.log(`no cases: ${outcome(() => void select())}`);
  console.log(`only default: ${outcome(() => void select(onDefault(() => 1)))}`);
}

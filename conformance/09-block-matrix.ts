/** What waits, what goes on and which way, and what throws: nil, closed, full and empty channels, and select without cases. */
import { chan, go, gosched, nilChan, onDefault, onRecv, onSend, select, type Chan } from "gort";

/** "waits", what it returned, or the error. */
function outcome(f: () => string): string {
  let result = "waits";
  go(() => {
    try {
      result = f();
    } catch (e) {
      result = (e as Error).message;
    }
  });
  for (let i = 0; i < 20; i++) gosched();
  return result;
}

const received = (v: number | undefined, ok: boolean): string => `${String(v)} ${ok}`;
const sent = (): string => "sent";
const none = (): string => "default";

const ways: [string, (ch: Chan<number>) => string][] = [
  ["recv", (ch) => String(ch.recv())],
  ["recvOk", (ch) => ch.recvOk().map(String).join(" ")],
  ["tryRecv", (ch) => String(ch.tryRecv())],
  ["select recv", (ch) => select(onRecv(ch, received))],
  ["select recv or default", (ch) => select(onRecv(ch, received), onDefault(none))],
  ["select recv or nil", (ch) => select(onRecv(ch, received), onRecv(nilChan<number>(), received))],
  ["send", (ch) => (ch.send(1), "sent")],
  ["trySend", (ch) => String(ch.trySend(1))],
  ["select send", (ch) => select(onSend(ch, 1, sent))],
  ["select send or default", (ch) => select(onSend(ch, 1, sent), onDefault(none))],
  ["select send or nil", (ch) => select(onSend(nilChan<number>(), 1, sent), onSend(ch, 1, sent))],
];

function filled(capacity: number, values: number, close: boolean = false): Chan<number> {
  const ch = chan<number>(capacity);
  for (let i = 0; i < values; i++) ch.send(7 + i);
  if (close) ch.close();
  return ch;
}

const kinds: [string, () => Chan<number>][] = [
  ["nil", () => nilChan<number>()],
  ["unbuffered", () => filled(0, 0)],
  ["empty", () => filled(2, 0)],
  ["half full", () => filled(2, 1)],
  ["full", () => filled(2, 2)],
  ["closed", () => filled(0, 0, true)],
  ["closed, empty", () => filled(2, 0, true)],
  ["closed with a value", () => filled(2, 1, true)],
];

export function main(): void {
  for (const [name, make] of kinds) {
    console.log(`${name}:`);
    for (const [way, f] of ways) console.log(`  ${way}: ${outcome(() => f(make()))}`);
  }
  const nil = nilChan<number>();
  console.log(`no cases: ${outcome(() => select())}`);
  console.log(`only default: ${outcome(() => select(onDefault(none)))}`);
  console.log(`nil both ways: ${outcome(() => select(onRecv(nil, received), onSend(nil, 1, sent)))}`);
  console.log(
    `nil both ways or default: ${outcome(() => select(onRecv(nil, received), onSend(nil, 1, sent), onDefault(none)))}`,
  );
  // A select does not meet itself.
  const own = chan<number>();
  console.log(`itself: ${outcome(() => select(onSend(own, 1, sent), onRecv(own, received)))}`);
  const closed = filled(0, 0, true);
  let ends = 0;
  for (let i = 0; i < 10; i++) if (closed.recv() === undefined && !closed.recvOk()[1]) ends++;
  console.log(`closed, ten times: ${ends}`);
}

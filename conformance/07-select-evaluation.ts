/** The channels and values of all cases are evaluated once, in the order written; nil channels are never ready. */
import { chan, nilChan, onDefault, onRecv, onSend, otherwise, select, sending, type Chan } from "gort";

let order: string[] = [];

function note<T>(name: string, x: T): T {
  order.push(name);
  return x;
}

function flush(what: string): void {
  console.log(`${what}: ${order.join(" ")}`);
  order = [];
}

/** Sends to every channel once, switching each off when it has; how many sends, and how often a value was asked for. */
function sendOnce(channels: (Chan<number> | null)[]): string {
  let [a, b, c] = channels as [Chan<number> | null, Chan<number> | null, Chan<number> | null];
  let sent = 0;
  let values = 0;
  const value = (): number => {
    values++;
    return 1 << sent;
  };
  for (;;) {
    const r = select({ a: sending(a, value()), b: sending(b, value()), c: sending(c, value()), none: otherwise });
    if (r.case === "none") return `${sent} sends, ${values} values`;
    if (r.case === "a") a = null;
    else if (r.case === "b") b = null;
    else c = null;
    sent++;
  }
}

export function main(): void {
  const a = chan<number>(1);
  const b = chan<number>(1);
  const nil = nilChan<number>();
  a.send(1);
  const r = select(
    onSend(note("b", b), note("b value", 7), () => note("sent", "b")),
    onRecv(note("nil", nil), () => "nil"),
    onDefault(() => note("default", "none")),
  );
  flush(`${r} ${b.len}`);
  const s = select({ nil: note("nil", nil), a: note("a", a), out: sending(note("nil out", nil), note("value", 1)) });
  flush(`${s.case} ${String((s as { value: unknown }).value)}`);
  console.log(select({ nil, none: otherwise }).case, select({ nil, out: sending(nil, 1), none: otherwise }).case);
  const pick = (ch: Chan<number> | null): Chan<number> => note("pick", ch ?? nilChan<number>());
  let source: Chan<number> | null = b;
  let rounds = 0;
  // A case is switched off by making its channel nil.
  while (source !== null || a.len > 0) {
    const x = select({ source: pick(source), a: pick(a), none: otherwise });
    rounds++;
    if (x.case === "source") {
      note(`source ${String(x.value)}`, 0);
      source = null;
      a.send(5);
    } else if (x.case === "a") note(`a ${String(x.value)}`, 0);
    else break;
  }
  flush(`rounds ${rounds}`);
  const channels = [chan<number>(1), chan<number>(1), chan<number>(1)];
  console.log(
    sendOnce(channels),
    channels.map((ch) => ch.recv()!).reduce((x, y) => x | y),
  );
  console.log(sendOnce([channels[0]!, null, channels[2]!]), channels[1]!.len);
}

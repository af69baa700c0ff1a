/** Selects that wait on channels of several threads: what they send goes once, whatever it is made of. */
import { chan, go, gosched, move, otherwise, parallel, select, sending, timeout, type Chan } from "gort";

const share = parallel((ch: Chan<unknown>): number => ch.cap);
const take = parallel((ch: Chan<unknown>): string => {
  const v = ch.recv();
  return v instanceof ArrayBuffer ? `${v.byteLength} bytes` : JSON.stringify(v);
});

function shared(): Chan<unknown> {
  const ch = chan<unknown>();
  go(share, ch).join();
  return ch;
}

/** Lets the others run until they wait. */
function settle(): void {
  for (let i = 0; i < 5; i++) gosched();
}

/** What `move` has made is there once. */
function moved(): string {
  const ch = shared();
  const b = new ArrayBuffer(64);
  const g = go(() => select({ sent: sending(ch, move(b)), never: chan() }).case);
  settle();
  const there = go(take, ch).join();
  return `${g.join()}, ${there} there, ${b.byteLength} here`;
}

/** A getter may call what it likes. */
function made(): string {
  const ch = shared();
  const calls: string[] = [];
  const value = {
    get a(): number {
      calls.push("a");
      calls.forEach(() => {});
      return 1;
    },
  };
  const g = go(() => select({ sent: sending(ch, value), never: chan() }).case);
  settle();
  const there = go(take, ch).join();
  return `${g.join()}, ${there}, read ${calls.length} time`;
}

function thrown(f: () => unknown): string {
  try {
    return String(f());
  } catch (e) {
    return `${(e as { code?: string }).code}: ${(e as Error).message.split(";")[0]}`;
  }
}

/** One that waits when its channel becomes shared, and sends what cannot cross, hears so; the channel works. */
function refused(): string {
  const [ch, other] = [chan<unknown>(), chan<unknown>()];
  const g = go(() => thrown(() => select({ ch, sent: sending(other, () => 1) }).case));
  settle();
  go(share, ch).join();
  const said = g.join();
  const there = go(take, ch);
  ch.send("value");
  return `${said}\n  then: ${there.join()}, ${select({ other, none: otherwise }).case}`;
}

/** The same where it is shared when the select begins. */
function refusedAtOnce(): string {
  const ch = shared();
  return thrown(() => select({ ch, sent: sending(ch, () => 1), late: timeout(60_000) }).case);
}

/** A capacity that is meant as none. */
function roomy(): string {
  const ch = chan<unknown>(2 ** 32 - 1);
  ch.send(1);
  go(share, ch).join();
  const sent = [ch.trySend(2), select({ sent: sending(ch, 3), full: otherwise }).case];
  return `${sent.join(" ")}, ${ch.len} of ${ch.cap}, ${String(ch.recv())}`;
}

export function main(): void {
  console.log("moved:", moved());
  console.log("made:", made());
  console.log("refused:", refused());
  console.log("refused at once:", refusedAtOnce());
  console.log("roomy:", roomy());
}

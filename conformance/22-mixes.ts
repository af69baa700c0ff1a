/** Plain and selecting senders and receivers in every mix, up to twelve channels at once: counts and orders are right. */
import { chan, gosched, nilChan, select, sending, WaitGroup, type Chan } from "gort";

const ITEMS = 76;
const OFF: Chan<number> = nilChan();

let seed = 0;
function random(n: number): number {
  seed = (seed + 10_007) % 1_000_000;
  return seed % n;
}

function pause(): void {
  for (let r = random(5); r > 0; r--) gosched();
}

let sent = 0;
let received = 0;
let wrong = 0;

/** A channel with its sequence: a direction that has come to its end is switched off. */
class Line {
  readonly ch: Chan<number>;
  next = 0;
  expected = 0;
  constructor(capacity: number) {
    this.ch = chan(capacity);
  }
  get out(): Chan<number> {
    return this.next < ITEMS ? this.ch : OFF;
  }
  get in(): Chan<number> {
    return this.expected < ITEMS ? this.ch : OFF;
  }
  wasSent(): void {
    sent++;
    this.next++;
  }
  got(v: number | undefined): void {
    received++;
    if (v !== this.expected++) wrong++;
  }
}

function send(line: Line): void {
  while (line.out !== OFF) {
    pause();
    line.ch.send(line.next);
    line.wasSent();
  }
}

function receive(line: Line): void {
  while (line.in !== OFF) {
    pause();
    line.got(line.ch.recv());
  }
}

const none = new Line(0);
none.next = none.expected = ITEMS;

type Four = [Line, Line, Line, Line];
const unused: Four = [none, none, none, none];

/** Receives from four and sends to four, until all have come to their ends. */
function mix(from: Four, to: Four): void {
  const [r0, r1, r2, r3] = from;
  const [s0, s1, s2, s3] = to;
  while (from.some((line) => line.in !== OFF) || to.some((line) => line.out !== OFF)) {
    pause();
    const r = select({
      r0: r0.in,
      r1: r1.in,
      r2: r2.in,
      r3: r3.in,
      s0: sending(s0.out, s0.next),
      s1: sending(s1.out, s1.next),
      s2: sending(s2.out, s2.next),
      s3: sending(s3.out, s3.next),
    });
    const i = Number(r.case[1]);
    if (r.case.startsWith("r")) from[i]!.got(r.value);
    else to[i]!.wasSent();
  }
}

function four(capacity: number): Four {
  return [new Line(capacity), new Line(capacity), new Line(capacity), new Line(capacity)];
}

/** Starts what is given, waits for all of it, and says what went through. */
function test(name: string, capacity: number, start: (wg: WaitGroup) => void): void {
  sent = received = wrong = 0;
  const wg = new WaitGroup();
  start(wg);
  wg.wait();
  console.log(`${name} ${capacity}: sent ${sent / ITEMS}, received ${received / ITEMS}, wrong ${wrong}`);
}

export function main(): void {
  for (const capacity of [0, 1, 10, 100]) {
    const plain = (wg: WaitGroup, f: (line: Line) => void, lines: Four): void => {
      for (const line of lines) wg.go(f, line);
    };
    test("plain to plain", capacity, (wg) => {
      const a = four(capacity);
      plain(wg, send, a);
      plain(wg, receive, a);
    });
    test("plain to select", capacity, (wg) => {
      const a = four(capacity);
      plain(wg, send, a);
      wg.go(mix, a, unused);
    });
    test("select to plain", capacity, (wg) => {
      const a = four(capacity);
      plain(wg, receive, a);
      wg.go(mix, unused, a);
    });
    test("select to select", capacity, (wg) => {
      const a = four(capacity);
      wg.go(mix, unused, a);
      wg.go(mix, a, unused);
    });
    test("both ways", capacity, (wg) => {
      const [a, b] = [four(capacity), four(capacity)];
      wg.go(mix, b, a);
      wg.go(mix, a, b);
    });
    test("twelve", capacity, (wg) => {
      const [a, b, c] = [four(capacity), four(capacity), four(capacity)];
      plain(wg, send, b);
      plain(wg, receive, c);
      wg.go(mix, b, a);
      wg.go(mix, a, c);
    });
  }
}

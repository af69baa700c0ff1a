/** Buffered and unbuffered channels are strict FIFO, also through chains of goroutines. */
import { chan, go, gosched, type Chan } from "gort";

const N = 10;

function buffered(): void {
  const ch = chan<number>(N);
  for (let i = 0; i < N; i++) ch.send(i);
  for (let i = 0; i < N; i++) if (ch.recv() !== i) throw new Error("bad receive from a buffered channel");
  console.log("buffered: in order");
}

/** Each link waits for its turn, takes the next value, and lets the next link go. */
function link(ch: Chan<number>, expected: number, turn: Chan<number>, next: Chan<number>): void {
  turn.recv();
  const got = ch.recv();
  if (got !== expected) throw new Error(`link ${expected} received ${String(got)}`);
  next.send(1);
}

/** The values go through `room` buffered places, the turns through `slack`. */
function chain(room: number, slack: number): void {
  const ch = chan<number>(room);
  const first = chan<number>(slack);
  let turn = first;
  for (let i = 0; i < N; i++) {
    const next = chan<number>(slack);
    go(link, ch, i, turn, next);
    turn = next;
  }
  first.send(0);
  for (let i = 0; i < N; i++) ch.send(i);
  turn.recv();
  console.log(`chain ${room} ${slack}: in order`);
}

/** Senders that wait are served in the order they came, after what is buffered. */
function waiting(room: number): void {
  const ch = chan<number>(room);
  const ready = chan<number>();
  for (let i = 0; i < N; i++) {
    go(() => {
      ready.send(i);
      ch.send(i);
    });
    ready.recv();
  }
  for (let i = 0; i < 50; i++) gosched();
  const got: number[] = [];
  for (let i = 0; i < N; i++) got.push(ch.recv()!);
  console.log(`waiting senders ${room}: ${got.join(" ")}`);
}

export function main(): void {
  buffered();
  for (const room of [0, 1, N]) for (const slack of [0, 1]) chain(room, slack);
  for (const room of [0, 3]) waiting(room);
}

/**
 * A sieve that merges the multiples of the primes through a chain of buffered channels, and grows itself by itself. Its
 * feedback must never wait: a proxy buffers without limit, its select sending only while there is something to send.
 */
import { chan, go, nilChan, select, sending, type Chan, type RecvChan, type SendChan } from "gort";

/** A stream with its next value at hand. */
interface Peek {
  ch: RecvChan<number>;
  head: number;
}

/** The odd numbers from 7. */
function candidates(): RecvChan<number> {
  const ch = chan<number>(50);
  go(() => {
    for (let n = 7; ; n += 2) ch.send(n);
  });
  return ch;
}

/** The odd multiples of p from its square. */
function multiples(p: number): RecvChan<number> {
  const ch = chan<number>(10);
  go(() => {
    for (let n = p * p; ; n += 2 * p) ch.send(n);
  });
  return ch;
}

let longest = 0;

/** Sending to it never waits for `out`. */
function proxy(out: SendChan<number>): SendChan<number> {
  const source = chan<number>(10);
  const off = nilChan<number>();
  go(() => {
    const queue: number[] = [];
    for (;;) {
      const r = select({ source, next: sending(queue.length > 0 ? out : off, queue[0]!) });
      if (r.case === "next") queue.shift();
      else longest = Math.max(longest, queue.push(r.value!));
    }
  });
  return source;
}

/** The odd composites in ascending order, merged from streams that start when they are needed. */
function composites(primes: RecvChan<number>): RecvChan<number> {
  const out = chan<number>(50);
  go(() => {
    const streams: Peek[] = [];
    let next = primes.recv()!;
    for (;;) {
      // The stream of `next` starts at its square: open it before that can be due.
      while (streams.length === 0 || streams[0]!.head >= next * next) {
        const ch = multiples(next);
        streams.push({ ch, head: ch.recv()! });
        streams.sort((a, b) => a.head - b.head);
        next = primes.recv()!;
      }
      const low = streams[0]!.head;
      out.send(low);
      for (const s of streams) if (s.head === low) s.head = s.ch.recv()!;
      streams.sort((a, b) => a.head - b.head);
    }
  });
  return out;
}

function sieve(): Chan<number> {
  const found = chan<number>(10);
  for (const p of [2, 3, 5]) found.send(p);
  // The merger asks for the next prime before its multiples are due: two to start with.
  const primes = chan<number>(10);
  for (const p of [3, 5]) primes.send(p);
  const no = composites(primes);
  go(() => {
    const again = proxy(primes);
    const source = candidates();
    let n = source.recv()!;
    for (;;) {
      const composite = no.recv()!;
      for (; n < composite; n = source.recv()!) {
        again.send(n);
        found.send(n);
      }
      if (n === composite) n = source.recv()!;
    }
  });
  return found;
}

export function main(): void {
  const primes = sieve();
  const first: number[] = [];
  for (let i = 0; i < 25; i++) first.push(primes.recv()!);
  console.log(first.join(" "));
  for (let i = 25; i < 1000; i++) first.push(primes.recv()!);
  console.log(
    first[999],
    first.reduce((a, b) => a + b),
  );
  console.log(`more waited than the channels hold: ${longest > 20 || longest}`);
}

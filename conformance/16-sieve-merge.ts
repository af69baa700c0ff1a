/** A sieve that merges the multiples of the primes through a chain of buffered channels, and grows itself by itself. */
import { chan, go, type Chan, type RecvChan } from "gort";

/** A stream with its next value at hand. */
interface Peek {
  ch: Chan<number>;
  head: number;
}

function odds(): RecvChan<number> {
  const ch = chan<number>(50);
  go(() => {
    ch.send(2);
    for (let n = 3; ; n += 2) ch.send(n);
  });
  return ch;
}

function multiples(p: number): Chan<number> {
  const ch = chan<number>(10);
  go(() => {
    for (let n = p * p; ; n += p) ch.send(n);
  });
  return ch;
}

/** The composites in ascending order, merged from streams that start when they are needed. */
function composites(primes: RecvChan<number>): Chan<number> {
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

export function main(): void {
  const found = chan<number>();
  const again = chan<number>(100);
  go(() => {
    const candidates = odds();
    const no = composites(again);
    let composite = 0;
    for (const n of candidates) {
      if (n > 3) while (composite < n) composite = no.recv()!;
      if (composite === n) continue;
      again.send(n);
      found.send(n);
    }
  });
  const first: number[] = [];
  for (let i = 0; i < 25; i++) first.push(found.recv()!);
  console.log(first.join(" "));
}

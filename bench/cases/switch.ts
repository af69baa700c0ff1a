/** Switching from one goroutine to another. */
import { chan, go, gosched, WaitGroup, type Chan } from "gort";
import { choose, now, per } from "./lib/bench.ts";

function yields(n: number, total: number): void {
  const k = total / n;
  const wg = new WaitGroup();
  wg.add(n);
  const begin = chan<void>();
  for (let i = 0; i < n; i++) {
    go(() => {
      begin.recv();
      for (let j = 0; j < k; j++) gosched();
      wg.done();
    });
  }
  gosched();
  const start = now();
  begin.close();
  wg.wait();
  per("switch", start, n * k, "ns/switch");
}

function pingPong(n: number): void {
  const a = chan<number>();
  const b = chan<number>();
  const done = chan<boolean>();
  go(() => {
    for (const v of a) b.send(v);
    done.send(true);
  });
  go(() => {
    const start = now();
    for (let i = 0; i < n; i++) {
      a.send(i);
      b.recv();
    }
    per("roundtrip", start, n, "ns/roundtrip");
    a.close();
  });
  done.recv();
}

/** A token goes round `n` goroutines. */
function ring(n: number, hops: number): void {
  const first = chan<number>();
  const done = chan<boolean>();
  const link = (source: Chan<number>, out: Chan<number>): void => {
    for (const v of source) {
      if (v === 0) {
        done.send(true);
        return;
      }
      out.send(v - 1);
    }
  };
  let source = first;
  for (let i = 0; i < n; i++) {
    const out = i === n - 1 ? first : chan<number>();
    go(link, source, out);
    source = out;
  }
  const start = now();
  first.send(hops);
  done.recv();
  per("hop", start, hops, "ns/hop");
}

export function main(): void {
  choose({
    gosched_2: () => yields(2, 5_000_000),
    gosched_100: () => yields(100, 5_000_000),
    gosched_10000: () => yields(10_000, 5_000_000),
    pingpong: () => pingPong(1_000_000),
    ring_1000: () => ring(1000, 2_000_000),
  });
}

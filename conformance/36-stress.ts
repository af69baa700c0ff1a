/** Random choice of the sender, exact sums over many consumers, and four channels under select from both sides. */
import { chan, go, gosched, nilChan, select, sending, WaitGroup, type Chan } from "gort";

/** A select of sends of 0 and 1 picks both, about equally. */
function randomSend(): string {
  const n = 1000;
  for (const capacity of [0, n]) {
    const c = chan<number>(capacity);
    const seen = [0, 0];
    const m = chan<void>();
    go(() => {
      for (let i = 0; i < n; i++) {
        gosched();
        seen[c.recv()!]!++;
      }
      m.send();
    });
    for (let i = 0; i < n; i++) select({ zero: sending(c, 0), one: sending(c, 1) });
    m.recv();
    if (seen[0]! + seen[1]! !== n || Math.min(...seen) < n / 3) return `cap ${capacity}: ${seen.join(" ")}`;
  }
  return "even";
}

const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73];

function manyConsumers(): string {
  const workers = 23;
  const total = 50_000;
  const q = chan<number>(workers * 3);
  const r = chan<number>(workers * 3);
  const wg = new WaitGroup();
  for (let i = 0; i < workers; i++) {
    wg.add();
    go((w: number) => {
      for (const v of q) {
        // Some are slower than others.
        if (primes[w % primes.length] === v) gosched();
        r.send(v);
      }
      wg.done();
    }, i);
  }
  let expected = 0;
  for (let i = 0; i < total; i++) expected += primes[i % primes.length]!;
  go(() => {
    for (let i = 0; i < total; i++) q.send(primes[i % primes.length]!);
    q.close();
    wg.wait();
    r.close();
  });
  let n = 0;
  let sum = 0;
  for (const v of r) {
    n++;
    sum += v;
  }
  return `${n === total} ${sum === expected}`;
}

/** Four channels, each with a plain sender and a plain receiver, and one that sends and one that receives by select. */
function stress(): string {
  const n = 5000;
  const channels: Chan<number>[] = [chan(), chan(), chan(2), chan(3)];
  const nil = nilChan<number>();
  const wg = new WaitGroup();
  let sum = 0;
  for (const ch of channels) {
    wg.go(() => {
      for (let i = 0; i < n; i++) ch.send(1);
    });
    wg.go(() => {
      for (let i = 0; i < n; i++) {
        // Not `sum += ch.recv()`: that reads `sum` first, and others add to it while this one waits.
        const v = ch.recv()!;
        sum += v;
      }
    });
  }
  const by = (name: "c0" | "c1" | "c2" | "c3"): number => Number(name[1]);
  wg.go(() => {
    const left = [n, n, n, n];
    const open = (k: number): Chan<number> => (left[k]! > 0 ? channels[k]! : nil);
    for (let i = 0; i < 4 * n; i++) {
      const r = select({
        c3: sending(open(3), 1),
        c2: sending(open(2), 1),
        c0: sending(open(0), 1),
        c1: sending(open(1), 1),
      });
      left[by(r.case)]!--;
    }
  });
  wg.go(() => {
    const left = [n, n, n, n];
    const open = (k: number): Chan<number> => (left[k]! > 0 ? channels[k]! : nil);
    for (let i = 0; i < 4 * n; i++) {
      const r = select({ c0: open(0), c1: open(1), c2: open(2), c3: open(3) });
      left[by(r.case)]!--;
      sum += r.value!;
    }
  });
  wg.wait();
  return `${sum} of ${8 * n}, left ${channels.map((c) => c.len).join("")}`;
}

export function main(): void {
  console.log("random send:", randomSend());
  console.log("consumers:", manyConsumers());
  console.log("stress:", stress());
}

/** Many goroutines on many threads: nothing is lost, nothing comes twice, whatever the number of Ps is meanwhile. */
import {
  background,
  Canceled,
  chan,
  go,
  gomaxprocs,
  parallel,
  select,
  sending,
  sleep,
  timeout,
  WaitGroup,
  withCancel,
  type Chan,
} from "gort";

type Sum = [sum: number, count: number];

const produce = parallel((from: number, n: number, out: Chan<number>, wg: WaitGroup): void => {
  for (let i = 0; i < n; i++) out.send(from + i);
  wg.done();
});

const consume = parallel((from: Chan<number>, sums: Chan<Sum>): void => {
  let sum = 0;
  let count = 0;
  for (const v of from) {
    sum += v;
    count++;
  }
  sums.send([sum, count]);
});

const choose = parallel((first: Chan<number>, second: Chan<number>, sums: Chan<Sum>): void => {
  let sum = 0;
  let count = 0;
  let a: Chan<number> | null = first;
  let b: Chan<number> | null = second;
  while (a !== null || b !== null) {
    const r = select({ a, b, late: timeout(30_000) });
    if (r.case === "late") throw new Error("nothing came");
    if (r.ok) {
      sum += r.value as number;
      count++;
    } else if (r.case === "a") a = null;
    else b = null;
  }
  sums.send([sum, count]);
});

/** Either sends or receives, whichever goes: two of them trade what they have. */
const trade = parallel((inbox: Chan<number>, outbox: Chan<number>, n: number, sums: Chan<Sum>): void => {
  let sum = 0;
  let count = 0;
  let sent = 0;
  while (sent < n || count < n) {
    const r = select({
      got: count < n ? inbox : null,
      sent: sending(sent < n ? outbox : null, sent),
    });
    if (r.case === "sent") sent++;
    else {
      sum += r.value as number;
      count++;
    }
  }
  sums.send([sum, count]);
});

/** Of two sends on one channel, both waiting, each is taken as often; of two receives in one select too. */
const sendEither = parallel((out: Chan<number>, n: number): void => {
  for (let i = 0; i < n; i++) select({ zero: sending(out, 0), one: sending(out, 1) });
});

const receiveEither = parallel((from: Chan<number>, n: number): number => {
  let first = 0;
  for (let i = 0; i < n; i++) if (select({ a: from, b: from }).case === "a") first++;
  return first;
});

/** Half of its contexts have ended before it waits, half end at some time. Gives how often it went through. */
const impatient = parallel((ch: Chan<number>, sends: boolean, n: number): number => {
  let through = 0;
  for (let i = 0; i < n; i++) {
    const [ctx, cancel] = withCancel(background());
    if (i % 2 === 0) cancel();
    else go(cancel);
    try {
      if (sends) ch.send(1, ctx);
      else ch.recv(ctx);
      through++;
    } catch (e) {
      if (e !== Canceled) throw e;
    }
  }
  return through;
});

function check(what: string, n: number, sums: Chan<Sum>, consumers: number): void {
  let sum = 0;
  let count = 0;
  for (let c = 0; c < consumers; c++) {
    const [s, k] = sums.recv()!;
    sum += s;
    count += k;
  }
  const right = count === n && sum === (n * (n - 1)) / 2;
  if (!right) console.log(`${what}: ${count} of ${n} came, with the sum ${sum}`);
}

function manyToMany(capacity: number, n: number): void {
  const [ch, sums, wg] = [chan<number>(capacity), chan<Sum>(), new WaitGroup()];
  wg.add(4);
  for (let p = 0; p < 4; p++) go(produce, p * n, n, ch, wg);
  for (let c = 0; c < 4; c++) go(consume, ch, sums);
  wg.wait();
  ch.close();
  check(`capacity ${capacity}`, 4 * n, sums, 4);
}

function selects(n: number): void {
  const [a, b, sums] = [chan<number>(), chan<number>(3), chan<Sum>()];
  const [forA, forB] = [new WaitGroup(), new WaitGroup()];
  forA.add(2);
  forB.add(2);
  for (let p = 0; p < 2; p++) {
    go(produce, p * n, n, a, forA);
    go(produce, (p + 2) * n, n, b, forB);
  }
  for (let c = 0; c < 3; c++) go(choose, a, b, sums);
  go(() => {
    forA.wait();
    a.close();
  });
  forB.wait();
  b.close();
  check("selects", 4 * n, sums, 3);
}

function trades(n: number): void {
  const [a, b, sums] = [chan<number>(), chan<number>(), chan<Sum>()];
  go(trade, a, b, n, sums);
  go(trade, b, a, n, sums);
  for (let i = 0; i < 2; i++) check("trades", n, sums, 1);
}

function even(n: number): void {
  const ch = chan<number>();
  const sender = go(sendEither, ch, n);
  let ones = 0;
  for (let i = 0; i < n; i++) ones += ch.recv()!;
  sender.join();
  const receiver = go(receiveEither, ch, n);
  for (let i = 0; i < n; i++) ch.send(i);
  const firsts = receiver.join();
  // A fair coin comes down on one side less than a third of 500 times once in 10 ** 13.
  for (const k of [ones, firsts]) if (Math.min(k, n - k) < n / 3) console.log(`uneven: ${k} of ${n}`);
}

/** A value that was sent has been received, and one that was received has been sent, whoever has given up when. */
function givenUp(n: number): void {
  for (const sends of [true, false]) {
    const ch = chan<number>();
    const over = chan<void>();
    const patient = go(() => {
      let count = 0;
      while (select({ ch: sends ? ch : null, sent: sending(sends ? null : ch, 1), over }).case !== "over") count++;
      return count;
    });
    let through = 0;
    for (const g of [0, 1, 2].map(() => go(impatient, ch, sends, n))) through += g.join();
    over.close();
    const count = patient.join();
    if (count !== through) console.log(`${sends ? "sends" : "receives"}: ${through} went through, ${count} there`);
  }
}

export function main(): void {
  for (const capacity of [0, 1, 2, 128]) manyToMany(capacity, 500);
  console.log("many to many");
  for (let i = 0; i < 4; i++) selects(200);
  console.log("selects");
  trades(1000);
  console.log("trades");
  even(500);
  console.log("even");
  givenUp(300);
  console.log("given up");
  let changing = true;
  go(() => {
    const before = gomaxprocs();
    for (let i = 0; i < 100; i++) {
      gomaxprocs(1 + (i % 4));
      sleep(1);
    }
    gomaxprocs(before);
    changing = false;
  });
  while (changing) {
    manyToMany(2, 100);
    selects(40);
  }
  console.log("gomaxprocs changed 100 times");
}

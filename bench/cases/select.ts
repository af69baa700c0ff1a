/** select: with cases that are ready, with a default, and with cases that have to be waited for. */
import { chan, go, otherwise, select, type Chan } from "gort";
import { choose, now, per } from "./lib/bench.ts";

type Eight = [
  Chan<number>,
  Chan<number>,
  Chan<number>,
  Chan<number>,
  Chan<number>,
  Chan<number>,
  Chan<number>,
  Chan<number>,
];

function make(capacity: number): Eight {
  return Array.from({ length: 8 }, () => chan<number>(capacity)) as Eight;
}

function ready2(): void {
  const N = 3_000_000;
  const [a, b] = make(1);
  a.send(1);
  b.send(1);
  const start = now();
  for (let i = 0; i < N; i++) {
    switch (select({ a, b }).case) {
      case "a":
        a.send(1);
        break;
      case "b":
        b.send(1);
    }
  }
  per("select+resend", start, N, "ns/op");
}

function ready8(): void {
  const N = 2_000_000;
  const all = make(1);
  const [a, b, c, d, e, f, g, h] = all;
  for (const ch of all) ch.send(1);
  const start = now();
  for (let i = 0; i < N; i++) {
    switch (select({ a, b, c, d, e, f, g, h }).case) {
      case "a":
        a.send(1);
        break;
      case "b":
        b.send(1);
        break;
      case "c":
        c.send(1);
        break;
      case "d":
        d.send(1);
        break;
      case "e":
        e.send(1);
        break;
      case "f":
        f.send(1);
        break;
      case "g":
        g.send(1);
        break;
      case "h":
        h.send(1);
    }
  }
  per("select+resend", start, N, "ns/op");
}

function default2(): void {
  const N = 5_000_000;
  const [a, b] = make(0);
  let x = 0;
  const start = now();
  for (let i = 0; i < N; i++) if (select({ a, b, none: otherwise }).case === "none") x++;
  per("select-default", start, x, "ns/op");
}

function default8(): void {
  const N = 3_000_000;
  const [a, b, c, d, e, f, g, h] = make(0);
  let x = 0;
  const start = now();
  for (let i = 0; i < N; i++) if (select({ a, b, c, d, e, f, g, h, none: otherwise }).case === "none") x++;
  per("select-default", start, x, "ns/op");
}

function feed(channels: Chan<number>[], n: number, done: Chan<void>): void {
  for (let i = 0; i < n; i++) channels[i % channels.length]!.send(i);
  done.close();
}

function blocked2(): void {
  const N = 1_000_000;
  const [a, b] = make(0);
  const done = chan<void>();
  go(feed, [a, b], N, done);
  const start = now();
  for (let i = 0; i < N; i++) select({ a, b });
  done.recv();
  per("blocked-select", start, N, "ns/op");
}

function blocked8(): void {
  const N = 500_000;
  const all = make(0);
  const [a, b, c, d, e, f, g, h] = all;
  const done = chan<void>();
  go(feed, all, N, done);
  const start = now();
  for (let i = 0; i < N; i++) select({ a, b, c, d, e, f, g, h });
  done.recv();
  per("blocked-select", start, N, "ns/op");
}

export function main(): void {
  choose({
    select2_ready: ready2,
    select8_ready: ready8,
    select2_default: default2,
    select8_default: default8,
    select2_blocked: blocked2,
    select8_blocked: blocked8,
  });
}

/** The same channel twice in one select, and selects that must not miss what is there. */
import { chan, go, gosched, nilChan, otherwise, select, sending } from "gort";
import { settle } from "./lib/settle.ts";

function duplicates(): string {
  const c = chan<number>();
  const d = chan<number>();
  const e = chan<number>();
  const got: string[] = [];
  const first = go(() => {
    const r = select({ a: c, b: c, d });
    got.push(r.case === "d" ? "d" : "c");
    e.send(9);
  });
  settle();
  const second = go(() => {
    got.push(String(c.recv()));
  });
  settle();
  d.send(7);
  got.push(String(e.recv()));
  c.send(8);
  first.join();
  second.join();
  return got.join(" ");
}

/** One of two channels always has room or a value: a select with a default must see it. */
function neverDefault(): number {
  let missed = 0;
  for (let i = 0; i < 5000; i++) {
    const c1 = chan<number>(1);
    const c2 = chan<number>(1);
    c1.send(1);
    const g = go(() => {
      if (select({ c1, c2, none: otherwise }).case === "none") missed++;
    });
    c2.send(1);
    select({ c1, none: otherwise });
    g.join();
  }
  return missed;
}

/** As above, with a close in place of the second send. */
function neverDefaultClosed(): number {
  let missed = 0;
  for (let i = 0; i < 5000; i++) {
    const c1 = chan<number>(1);
    const c2 = chan<number>();
    c1.send(1);
    const g = go(() => {
      if (select({ c1, c2, none: otherwise }).case === "none") missed++;
    });
    c2.close();
    select({ c1, none: otherwise });
    g.join();
  }
  return missed;
}

/** A receive that does not wait finds the value, or the end: there is always one of the two. */
function neverEmpty(): number {
  let missed = 0;
  for (let i = 0; i < 5000; i++) {
    const c = chan<number>(1);
    c.send(1);
    const g = go(() => {
      if (select({ c, none: otherwise }).case === "none") missed++;
    });
    if (i % 2 === 0) gosched();
    c.close();
    c.recv();
    g.join();
  }
  return missed;
}

/** A receive that does not wait sees what was sent before it. */
function tryAfterSend(): number {
  let missed = 0;
  for (let i = 0; i < 5000; i++) {
    const c = chan<number>(1);
    go(() => c.send(1)).join();
    if (c.tryRecv() === undefined) missed++;
  }
  return missed;
}

export function main(): void {
  console.log("duplicates:", duplicates());
  console.log("missed:", neverDefault(), neverDefaultClosed(), neverEmpty(), tryAfterSend());
  const c = chan<number>(1);
  const nil = nilChan<number>();
  console.log(select({ x: sending(c, 1), y: sending(c, 2), nil, none: otherwise }).case !== "none", c.len);
  console.log(select({ x: sending(c, 1), y: c }).case, c.len);
}

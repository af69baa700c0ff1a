/** One channel after another, of capacities 0 to N: waits, does not wait, closes, keeps order, counts. */
import { chan, go, gosched, otherwise, select, sending } from "gort";

const N = 60;
/** Values of each of the four who send at once. */
const EACH = 200;

function check(ok: boolean, what: string): void {
  if (!ok) throw new Error(what);
}

export function main(): void {
  for (let capacity = 0; capacity < N; capacity++) {
    {
      // Receiving from empty waits.
      const c = chan<number>(capacity);
      let first = false;
      let second = false;
      go(() => {
        c.recv();
        first = true;
      });
      go(() => {
        c.recvOk();
        second = true;
      });
      for (let i = 0; i < 5; i++) gosched();
      check(!first && !second, `cap ${capacity}: receive from empty goes on`);
      check(select({ c, none: otherwise }).case === "none", `cap ${capacity}: select receives from empty`);
      check(c.tryRecv() === undefined, `cap ${capacity}: tryRecv receives from empty`);
      c.send(0);
      c.send(0);
    }
    {
      // Sending to full waits.
      const c = chan<number>(capacity);
      for (let i = 0; i < capacity; i++) c.send(i);
      let sent = 0;
      const g = go(() => {
        c.send(0);
        sent = 1;
      });
      for (let i = 0; i < 5; i++) gosched();
      check(sent === 0, `cap ${capacity}: send to full goes on`);
      check(select({ out: sending(c, 0), none: otherwise }).case === "none", `cap ${capacity}: select sends to full`);
      check(!c.trySend(0), `cap ${capacity}: trySend sends to full`);
      c.recv();
      g.join();
    }
    {
      // What is buffered stays after close.
      const c = chan<number>(capacity);
      for (let i = 0; i < capacity; i++) c.send(i);
      c.close();
      for (let i = 0; i < capacity; i++) check(c.recv() === i, `cap ${capacity}: wrong value after close`);
      check(c.recv() === undefined, `cap ${capacity}: a value after the last`);
      check(!c.recvOk()[1], `cap ${capacity}: ok after the last`);
    }
    {
      // Closing wakes a receiver.
      const c = chan<number>(capacity);
      const done = chan<boolean>();
      go(() => {
        const [v, ok] = c.recvOk();
        done.send(v === undefined && !ok);
      });
      gosched();
      c.close();
      check(done.recv() === true, `cap ${capacity}: close did not wake`);
    }
    {
      // A hundred values, in order, one goroutine and then several.
      const c = chan<number>(capacity);
      go(() => {
        for (let i = 0; i < 100; i++) c.send(i);
      });
      for (let i = 0; i < 100; i++) check(c.recv() === i, `cap ${capacity}: out of order`);
      // The same, looking at ok.
      go(() => {
        for (let i = 0; i < 100; i++) c.send(i);
      });
      for (let i = 0; i < 100; i++) {
        const [v, ok] = c.recvOk();
        check(ok && v === i, `cap ${capacity}: out of order by recvOk`);
      }
      for (let k = 0; k < 4; k++)
        go(() => {
          for (let i = 0; i < EACH; i++) c.send(i);
        });
      const results = chan<Map<number, number>>();
      for (let k = 0; k < 4; k++) {
        go(() => {
          const seen = new Map<number, number>();
          for (let i = 0; i < EACH; i++) {
            const v = c.recv()!;
            seen.set(v, (seen.get(v) ?? 0) + 1);
          }
          results.send(seen);
        });
      }
      const all = new Array<number>(EACH).fill(0);
      for (let k = 0; k < 4; k++) for (const [v, n] of results.recv()!) all[v]! += n;
      check(
        all.every((n) => n === 4),
        `cap ${capacity}: values lost or doubled`,
      );
    }
    {
      // len and cap.
      const c = chan<number>(capacity);
      check(c.len === 0 && c.cap === capacity, `cap ${capacity}: len or cap of an empty one`);
      for (let i = 0; i < capacity; i++) c.send(i);
      check(c.len === capacity && c.cap === capacity, `cap ${capacity}: len or cap of a full one`);
    }
  }
  console.log(`capacities 0 to ${N - 1}: as they should be`);
}

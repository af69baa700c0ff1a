/** Two goroutines send and receive on the same channel in one select: nobody receives what it sent itself. */
import { chan, go, select, sending, WaitGroup, type Chan } from "gort";

const ROUNDS = 1000;

/** Whether the select of `me` received a value `me` had sent. */
function once(ch: Chan<number>, me: number, receiveFirst: boolean): boolean {
  const r = receiveFirst ? select({ ch, out: sending(ch, me) }) : select({ out: sending(ch, me), ch });
  return r.case === "ch" && r.value === me;
}

export function main(): void {
  for (const capacity of [0, 10]) {
    const ch = chan<number>(capacity);
    const wg = new WaitGroup();
    let own = 0;
    for (let me = 0; me < 2; me++) {
      wg.add();
      go(() => {
        for (let i = 0; i < ROUNDS; i++) if (once(ch, me, me === 0 || i % 2 === 0)) own++;
        wg.done();
      });
    }
    wg.wait();
    // In a buffered channel one may find its own value, never in an unbuffered one.
    console.log(`cap ${capacity}: ${capacity > 0 || own === 0 ? "right" : own}`);
  }
}

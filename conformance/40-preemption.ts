/** Goroutines that spin until it is their turn, on one thread and on several, with and without garbage: all come to an end. */
import { AtomicInt, go, parallel, stats, type Goroutine } from "gort";

const turns = parallel((me: number, all: number, rounds: number, turn: AtomicInt, garbage: boolean): number => {
  let kept: number[][] = [];
  for (let i = 0; i < rounds; i++) {
    while (turn.load() % all !== me) {
      if (!garbage) continue;
      kept.push([i, me]);
      if (kept.length > 10_000) kept = [];
    }
    turn.add(1);
  }
  return me;
});

export function main(): void {
  let x = 0;
  const here: Goroutine<void>[] = [];
  for (let me = 0; me < 2; me++) {
    here.push(
      go(() => {
        for (let i = 0; i < 5; i++) {
          while (x % 2 !== me);
          x++;
        }
      }),
    );
  }
  for (const g of here) g.join();
  console.log("one thread", x, stats().preemptions > 0);
  for (const garbage of [false, true]) {
    const turn = new AtomicInt();
    const all = [];
    for (let me = 0; me < 3; me++) all.push(go(turns, me, 3, 5, turn, garbage));
    console.log("parallel", all.map((g) => g.join()).join(" "), turn.load());
  }
}

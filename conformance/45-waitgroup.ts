/** WaitGroup: a barrier used again and again, nobody released too soon, and a counter that cannot be negative. */
import { chan, go, gosched, otherwise, select, sleep, WaitGroup } from "gort";

/** All come to the first group, and go on only when the second is done, one by one. */
function barrier(first: WaitGroup, second: WaitGroup): boolean {
  const n = 16;
  first.add(n);
  second.add(n);
  const left = chan<boolean>(n);
  for (let i = 0; i < n; i++) {
    go(() => {
      first.done();
      second.wait();
      left.send(true);
    });
  }
  first.wait();
  for (let i = 0; i < n; i++) {
    gosched();
    if (select({ left, none: otherwise }).case === "left") return false;
    second.done();
  }
  for (let i = 0; i < n; i++) left.recv();
  return true;
}

function negative(): string {
  const wg = new WaitGroup();
  wg.add();
  wg.done();
  const out: string[] = [];
  for (const f of [() => wg.done(), () => wg.add(-1)]) {
    try {
      f();
    } catch (e) {
      out.push(`${(e as Error).name}: ${(e as Error).message}`);
    }
  }
  wg.wait();
  return out.join(", ");
}

/** Wakes only when both are done. */
function early(): number {
  let wrong = 0;
  for (let i = 0; i < 1000; i++) {
    const wg = new WaitGroup();
    let n = 0;
    for (let k = 0; k < 2; k++) {
      wg.add(1);
      go(() => {
        if (i % 3 === 0) gosched();
        n++;
        wg.done();
      });
    }
    wg.wait();
    if (n !== 2) wrong++;
  }
  return wrong;
}

/** Work that starts work: the group is done when nothing is left, however each ends. */
function tree(): string {
  const wg = new WaitGroup();
  let done = 0;
  const node = (depth: number): void => {
    if (depth > 0) for (let i = 0; i < 3; i++) wg.go(node, depth - 1);
    if (depth % 2 === 0) sleep(0.1);
    done++;
  };
  wg.go(node, 4);
  let waiters = 0;
  const others = Array.from({ length: 3 }, () =>
    go(() => {
      wg.wait();
      waiters += done;
    }),
  );
  wg.wait();
  for (const g of others) g.join();
  return `${done} done, ${waiters} seen by three others`;
}

export function main(): void {
  const first = new WaitGroup();
  const second = new WaitGroup();
  let good = 0;
  for (let i = 0; i < 8; i++) if (barrier(first, second)) good++;
  console.log("barrier:", good);
  console.log("negative:", negative());
  console.log("woken too early:", early());
  console.log("tree:", tree());
}

/** Pool: what was put last is given first, made where there is none, and gone after two collections. AtomicInt beside it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AtomicInt, gosched, Pool, sleep, WaitGroup } from "gort";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function order(): string {
  let made = 0;
  const p = new Pool(() => {
    gosched();
    return `new ${++made}`;
  });
  const out = [p.get()];
  p.put("a");
  p.put("b");
  p.put(undefined as unknown as string);
  out.push(p.get(), p.get(), p.get());
  return out.join(", ");
}

/** Nothing that was put is given twice, and all are given at last. */
function stress(): string {
  const inUse = new Set<object>();
  let wrong = 0;
  const p = new Pool<object>(() => ({}));
  const wg = new WaitGroup();
  for (let i = 0; i < 10; i++) {
    wg.go(() => {
      for (let k = 0; k < 200; k++) {
        const v = p.get();
        if (inUse.has(v)) wrong++;
        inUse.add(v);
        gosched();
        inUse.delete(v);
        p.put(v);
      }
    });
  }
  wg.wait();
  return `${wrong} wrong`;
}

/** After some collections with nobody asking, they have gone. */
function released(): string {
  const p = new Pool<object>(() => ({}));
  let freed = 0;
  const registry = new FinalizationRegistry(() => freed++);
  for (let i = 0; i < 10; i++) {
    const v = {};
    registry.register(v, 0);
    p.put(v);
  }
  for (let i = 0; i < 500 && freed < 8; i++) {
    collect();
    sleep(1);
  }
  return freed >= 8 ? "freed" : `kept ${10 - freed} of 10`;
}

function atomic(): string {
  const n = new AtomicInt(5);
  const out: unknown[] = [n.load(), n.add(3), n.add(-10), n.swap(7), n.compareAndSwap(6, 1), n.compareAndSwap(7, 1)];
  n.store(0);
  const wg = new WaitGroup();
  for (let i = 0; i < 10; i++)
    wg.go(() => {
      for (let k = 0; k < 100; k++) {
        n.add(1);
        if (k % 10 === 0) gosched();
      }
    });
  wg.wait();
  out.push(n.load());
  for (const bad of [1.5, Number.NaN, 2 ** 53, "1"] as number[]) {
    try {
      n.add(bad);
      out.push("took", bad);
    } catch (e) {
      out.push((e as Error).name);
    }
  }
  out.push(n.load());
  return out.join(" ");
}

export function main(): void {
  console.log("order:", order());
  console.log("stress:", stress());
  console.log("released:", released());
  console.log("atomic:", atomic());
}

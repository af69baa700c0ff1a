/** A case that fails to be chosen leaves the other waiters of its channel in their places. */
import { chan, go, select } from "gort";
import { settle } from "./lib/settle.ts";

export function main(): void {
  const c1 = chan<string>();
  const c2 = chan<string>();
  const c3 = chan<string>();
  const c4 = chan<string>();
  const order: string[] = [];
  const done = chan<void>();
  // A waits on c1 through a select it will leave by c2; B waits on c1 behind it, alone.
  go(() => {
    const r = select({ c1, c2 });
    order.push(`A by ${r.case}`);
    done.send();
  });
  settle();
  go(() => {
    order.push(`B ${String(c1.recv())}`);
    done.send();
  });
  settle();
  go(() => {
    const r = select({ c3, c1, c4 });
    order.push(`C by ${r.case} ${String(r.value)}`);
    done.send();
  });
  settle();
  c2.send("leave");
  done.recv();
  c1.send("for B");
  done.recv();
  c1.send("for C");
  done.recv();
  console.log(order.join(", "));
  console.log(c1.trySend("x"), c3.trySend("x"), c4.trySend("x"));
}

/** A select whose value is ready goes on at once, with the right case, also when a send of its own could go. */
import { chan, go, gosched, onRecv, select, sending } from "gort";

export function main(): void {
  const c = chan<number>(1);
  const c1 = chan<number>();
  c.send(42);
  const r = select({ out: sending(c1, 0), c });
  console.log(r.case, r.case === "c" ? r.value : undefined);
  // Only the chosen case does anything, also where its value goes.
  const place = { a: 0 };
  const never = (): typeof place => {
    throw new Error("the case that was not chosen");
  };
  c.send(7);
  select(
    onRecv(c1, (v) => (never().a = v!)),
    onRecv(c, (v) => (place.a = v!)),
  );
  console.log(place.a);
  c.send(43);
  go(() => c1.recv());
  gosched();
  const counts = { out: 0, c: 0 };
  for (let i = 0; i < 200; i++) {
    const x = select({ out: sending(c1, i), c });
    counts[x.case]++;
    if (x.case === "out") {
      go(() => c1.recv());
      gosched();
    } else c.send(i);
  }
  console.log("both chosen:", counts.out > 20 && counts.c > 20, counts.out + counts.c);
}

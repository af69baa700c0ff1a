/** break, continue and return leave a select's switch as they leave any other: with one, two and three cases. */
import { chan, otherwise, select, sending } from "gort";

export function main(): void {
  const ch = chan<number>(1);
  const other = chan<number>();
  switch (select({ none: otherwise }).case) {
    case "none":
      if (ch.len === 0) break;
      console.log("never");
  }
  switch (select({ out: sending(ch, 1), none: otherwise }).case) {
    case "out":
      if (ch.len === 1) break;
      console.log("never");
      break;
    case "none":
      console.log("never");
  }
  switch (select({ ch, other, none: otherwise }).case) {
    case "ch":
      if (ch.len === 0) break;
      console.log("never");
      break;
    default:
      console.log("never");
  }
  let n = 0;
  outer: for (;;) {
    const r = select({ out: sending(ch, n), ch });
    switch (r.case) {
      case "out":
        n++;
        continue outer;
      case "ch":
        if (n < 5) break;
        break outer;
    }
    n++;
  }
  const f = (): string => {
    for (;;) {
      switch (select({ ch, none: otherwise }).case) {
        case "ch":
          return "received";
        case "none":
          ch.send(1);
      }
    }
  };
  console.log(n >= 5, f());
}

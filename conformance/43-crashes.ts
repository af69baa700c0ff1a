/** Processes that die, with goroutines on several threads: Go's words, exit status 2. The texts to the letter: fatal/. */
import { chan, go, goexit, gomaxprocs, lockOSThread, nilChan, parallel } from "gort";
import { child, said } from "./lib/child.ts";

const squares = parallel((n: number): number => n * n);
const fails = parallel((): never => {
  throw new RangeError("too far");
});

const cases: Record<string, () => void> = {
  deadlock: () => void nilChan<number>().recv(),
  locked() {
    lockOSThread();
    chan<number>().recv();
  },
  goexit: () => goexit(),
  inPanic() {
    go(() => {
      try {
        throw new Error("first");
      } finally {
        goexit();
      }
    });
    chan<number>().recv();
  },
  afterGoexit() {
    go(() => {
      throw new Error("hello");
    });
    goexit();
  },
  nil: () => void go(null as never),
  elsewhere() {
    go(fails);
    chan<number>().recv();
  },
};

export function main(): void {
  const name = process.argv[2];
  if (name !== undefined) {
    gomaxprocs(2);
    for (let i = 0; i < 20; i++) go(squares, i).join();
    cases[name]!();
    return;
  }
  for (const each of Object.keys(cases)) {
    const { status, stderr } = child(import.meta.filename, each);
    console.log(each, status, said(stderr));
  }
}

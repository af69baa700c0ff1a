/**
 * What goleak's own tests hold: finding a goroutine that is left, retries while one ends, the options that leave some out, and a
 * parser of dumps, which here reads ours.
 */
import {
  background,
  chan,
  go,
  Mutex,
  select,
  setName,
  sleep,
  stack,
  WaitGroup,
  withCancel,
  withLabels,
  type Chan,
} from "gort";
import { findLeaks, ignoreCurrent, verifyNone, type GoroutineStack, type LeakError } from "gort/testing";
import { settle } from "./lib/settle.ts";

const quick = { maxSleepInterval: 1 };

/** A goroutine that blocks until it is let go. */
class BlockedG {
  readonly started: WaitGroup = new WaitGroup();
  readonly wait: Chan<never> = chan<never>();

  constructor() {
    this.started.add(1);
    go(() => this.run());
    this.started.wait();
  }

  run(): void {
    this.started.done();
    this.block();
  }

  block(): void {
    this.wait.recv();
  }

  unblock(): void {
    this.wait.close();
  }
}

function startBlockedG(): BlockedG {
  return new BlockedG();
}

/** What a check says: its first lines, without numbers. */
function said(e: LeakError | undefined): string {
  if (e === undefined) return "nothing";
  return e.message
    .split("\n")
    .filter((line) => !line.startsWith("\t"))
    .join(" | ")
    .replaceAll(/\b[Gg]oroutine \d+/g, (s) => `${s.split(" ")[0]} N`);
}

function caught(f: () => void): string {
  try {
    f();
    return "passed";
  } catch (e) {
    return said(e as LeakError);
  }
}

function find(): void {
  console.log("by default:", said(findLeaks()));
  const bg = startBlockedG();
  console.log("with a leak:", said(findLeaks(quick)));
  bg.unblock();
  console.log("unblocked:", said(findLeaks()));
}

function retry(): void {
  const bg = startBlockedG();
  console.log("found:", findLeaks(quick) !== undefined);
  go(() => {
    sleep(1);
    bg.unblock();
  });
  console.log("while it ends:", said(findLeaks()));
}

function verify(): void {
  console.log(
    "verifyNone:",
    caught(() => verifyNone()),
  );
  const bg = startBlockedG();
  console.log(
    "verifyNone:",
    caught(() => verifyNone(quick)),
  );
  const codes: number[] = [];
  console.log(
    "with cleanup:",
    caught(() => verifyNone({ ...quick, cleanup: (code) => void codes.push(code) })) !== "passed",
    codes,
  );
  bg.unblock();
  verifyNone();
}

function current(): void {
  const first = startBlockedG();
  console.log(
    "the current one is ignored:",
    caught(() => verifyNone({ ...quick, ignoreCurrent: ignoreCurrent() })),
  );
  const before = ignoreCurrent();
  const second = startBlockedG();
  console.log("a later one is found:", findLeaks({ ...quick, ignoreCurrent: before })?.goroutines.length);
  first.unblock();
  second.unblock();
  verifyNone();

  // Those that were ignored have ended; new ones have other numbers.
  const done = chan<never>();
  const wg = new WaitGroup();
  for (let i = 0; i < 5; i++) wg.go(() => done.recv());
  const ended = ignoreCurrent();
  done.close();
  wg.wait();
  let found = 0;
  for (let i = 0; i < 5; i++) {
    const ch = chan<never>();
    go(() => ch.recv());
    if (findLeaks({ ...quick, ignoreCurrent: ended }) !== undefined) found++;
    ch.close();
    verifyNone();
  }
  console.log("no false match of those that ended:", found);
}

function options(): void {
  const bg = startBlockedG();
  const test = (name: string, o: object): void => console.log(name, findLeaks({ ...quick, ...o }) === undefined);
  test("ignoring the top function:", { ignoreTopFunction: "BlockedG.block" });
  test("the second is not the top:", { ignoreTopFunction: "BlockedG.run" });
  test("ignoring any function:", { ignoreAnyFunction: "BlockedG.run" });
  test("the creator is no function of the stack:", { ignoreAnyFunction: "new BlockedG" });
  test("ignoring by creator:", { ignoreCreatedBy: ["other", "new BlockedG"] });
  test("by a pattern:", { ignoreAnyFunction: /^BlockedG\./ });
  test("by another:", { ignoreAnyFunction: /^Blocked$/ });
  bg.unblock();
  verifyNone();
}

/** One goroutine of a dump. */
interface Parsed {
  id: number;
  state: string;
  labels: string;
  functions: string[];
  createdBy: string;
}

/** Reads a dump, strictly: what is not as it should be throws. */
function parse(text: string): Parsed[] {
  const out: Parsed[] = [];
  for (const block of text.split("\n\n")) {
    const lines = block.split("\n");
    const head = /^goroutine (\d+) \[([^\]]+)\](?: (\{.*\}))?:$/.exec(lines[0]!);
    if (head === null) throw new Error(`no header: ${lines[0]}`);
    const g: Parsed = { id: Number(head[1]), state: head[2]!, labels: head[3] ?? "", functions: [], createdBy: "" };
    for (let i = 1; i < lines.length; i++) {
      const by = /^created by (.+) in goroutine \d+$/.exec(lines[i]!);
      const f = /^(.+)\(\.\.\.\)$/.exec(lines[i]!);
      if (by !== null) g.createdBy = by[1]!;
      else if (f !== null) g.functions.push(f[1]!);
      else throw new Error(`neither a function nor a creator: ${lines[i]}`);
      if (lines[i + 1]?.startsWith("\t") === true) {
        i++;
        if (!/^\t\S.*:\d+:\d+$/.test(lines[i]!) && lines[i] !== "\t<anonymous>")
          throw new Error(`no place: ${lines[i]}`);
      }
    }
    out.push(g);
  }
  return out;
}

function dumps(): void {
  const end = chan<never>();
  const [ctx, cancel] = withCancel(background());
  const mu = new Mutex();
  mu.lock();
  const waits: (() => void)[] = [
    () => void end.recv(),
    () => void select({ end }),
    () => [1].forEach(() => void end.recv()),
    () => {
      try {
        sleep(60_000, ctx);
      } catch {} // cancelled
    },
    () => (mu.lock(), mu.unlock()),
    function labelled(): void {
      setName("a: name] with (all)");
      withLabels({ key: "va\nlue" }, () => end.recv());
    },
  ];
  for (const f of waits) go(f);
  settle();
  const all = parse(stack(true));
  console.log("goroutines:", all.length, "the running one first:", all[0]!.state, all[0]!.functions.join(" < "));
  for (const g of all.slice(1)) console.log(`${g.state} ${g.labels} ${g.functions.join(" < ")} by ${g.createdBy}`);
  // The same, as the leak check sees them.
  const found = findLeaks({ maxRetryAttempts: 0 })!.goroutines;
  const same = (s: GoroutineStack): boolean => {
    const g = parse(s.full)[0]!;
    return (
      g.id === s.id && g.state === s.state && g.functions.join() === s.functions.join() && g.createdBy === s.createdBy
    );
  };
  console.log("the same:", found.length, found.every(same));
  mu.unlock();
  end.close();
  cancel();
  verifyNone();
}

export function main(): void {
  find();
  retry();
  verify();
  current();
  options();
  dumps();
}

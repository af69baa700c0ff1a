/** Schedules: what `explore` finds, that it finds nothing where there is nothing, and that a seed is a schedule. */
import { chan, Cond, go, gosched, Mutex, noPreempt, select, sleep, timeout, wait, WaitGroup } from "gort";
import { bubble, explore, ScheduleError, type ExploreOptions } from "gort/testing";

function assert(ok: boolean, what: string): void {
  if (!ok) throw new Error(what);
}

/** Long enough to be preempted in. */
function compute(n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += i;
  return sum;
}

const length = 3;

function together(...all: (() => void)[]): void {
  const wg = new WaitGroup();
  for (const f of all) wg.go(f);
  wg.wait();
}

const bugs: Readonly<Record<string, () => void>> = {
  "an update is lost where one gives way": () => {
    let n = 0;
    const add = (): void => {
      const read = n;
      gosched();
      n = read + 1;
    };
    together(add, add);
    assert(n === 2, `n is ${n}`);
  },
  "an update is lost where one is preempted": () => {
    let n = 0;
    const add = (): void => {
      const read = n;
      compute(length);
      n = read + 1;
    };
    together(add, add);
    assert(n === 2, `n is ${n}`);
  },
  "locks in two orders": () => {
    const [a, b] = [new Mutex(), new Mutex()];
    const both = (first: Mutex, second: Mutex) => (): void => {
      using _first = first.lock();
      compute(length);
      using _second = second.lock();
    };
    together(both(a, b), both(b, a));
  },
  "a signal nobody waits for yet": () => {
    const mu = new Mutex();
    const cond = new Cond(mu);
    together(
      () => {
        using _ = mu.lock();
        cond.wait();
      },
      () => cond.signal(),
    );
  },
  "two cases that are ready": () => {
    const [jobs, quit] = [chan<number>(1), chan<void>()];
    jobs.send(1);
    quit.close();
    assert(select({ jobs, quit }).case === "jobs", "the job was dropped");
  },
  "a send on a closed channel": () => {
    const ch = chan<number>(1);
    together(
      () => ch.send(1),
      () => ch.close(),
    );
  },
  "a goroutine is left": () => {
    const answer = chan<number>();
    go(() => answer.send(compute(length)));
    const done = chan<void>(1);
    go(() => done.send());
    select({ answer, done });
  },
  "three steps in one order": () => {
    let state = 0;
    together(
      () => {
        if (state === 2) state = 3;
      },
      () => {
        if (state === 0) state = 1;
      },
      () => {
        if (state === 1) state = 2;
      },
    );
    assert(state !== 3, "it went all the way");
  },
};

const sound: Readonly<Record<string, () => void>> = {
  "a lock": () => {
    let n = 0;
    const mu = new Mutex();
    const add = (): void => {
      using _ = mu.lock();
      const read = n;
      compute(length);
      n = read + 1;
    };
    together(add, add, add);
    assert(n === 3, `n is ${n}`);
  },
  noPreempt: () => {
    let n = 0;
    const add = (): void =>
      noPreempt(() => {
        const read = n;
        compute(length);
        n = read + 1;
      });
    together(add, add);
    assert(n === 2, `n is ${n}`);
  },
  "one who waits in a loop": () => {
    let ready = false;
    go(() => void (ready = true));
    while (!ready) compute(length);
  },
  timeouts: () => {
    const ch = chan<number>();
    go(() => {
      sleep(10);
      ch.send(1);
    });
    assert(select({ ch, late: timeout(20) }).case === "ch", "late");
  },
  "what is outside": () => {
    const ch = chan<number>();
    go(() => ch.send(wait(Promise.resolve(7))));
    assert(ch.recv() === 7, "another value");
  },
};

const ways: readonly ExploreOptions[] = [{}, { strategy: "pct" }, { preemptions: 2 }, { strategy: "pct", changes: 4 }];

function failure(f: () => void, options: ExploreOptions): ScheduleError | undefined {
  try {
    explore(f, options);
    return undefined;
  } catch (e) {
    if (e instanceof ScheduleError) return e;
    throw e;
  }
}

const how = (e: ScheduleError | undefined): string => `${String(e?.cause)}\n${e?.schedule.join("\n")}`;

export function main(): void {
  for (const [name, f] of Object.entries(bugs)) {
    for (const options of ways) {
      const found = failure(f, options);
      const again = [1, 2, 3].map(() => how(failure(f, { ...options, seeds: 1, replay: found?.seed ?? 0 })));
      const same = found !== undefined && again.every((text) => text === how(found));
      if (options === ways[0]) console.log(`${name}: ${String(found?.cause).split("\n")[0]}`);
      if (!same) console.log("  not the same again", options);
    }
  }
  for (const [name, f] of Object.entries(sound)) {
    const runs = ways.map((options) => explore(f, { ...options, seeds: 100 }));
    console.log(`${name}: nothing in ${runs.join(", ")}`);
  }

  const drawn: number[] = [];
  const draw = (): void => void drawn.push(Math.random(), Math.floor(Math.random() * 100));
  explore(draw, { seeds: [5, 6, 5] });
  console.log("Math.random is the seed's:", drawn[0] === drawn[4], drawn[1] === drawn[5], drawn[0] !== drawn[2]);
  console.log("and is anybody's again:", Math.random() !== drawn[0]);

  const e = failure(bugs["an update is lost where one is preempted"]!, { seeds: 200, preemptions: 1 })!;
  console.log(
    e.message
      .replaceAll(/\(\S+explore\.ts:(\d+):\d+\)/g, "(explore.ts)")
      .replaceAll(/\b(schedule|seed|replay:) \d+/g, "$1 N"),
  );
  console.log(e.code, e.strategy, e.run === e.seed, e.cause instanceof Error);

  // However late it is when the event loop's turn comes, which the clock says and not the seed.
  const order = (): void => {
    const wg = new WaitGroup();
    let told = "";
    for (let k = 0; k < 3; k++) {
      wg.go(() => {
        for (let i = 0; i < 20_000; i++) if (i % 100 === 0) told += k;
      });
    }
    wg.wait();
    throw new Error(told);
  };
  const told = [0, 1, 2, 3, 4, 5, 6, 7].map(() => String(failure(order, { replay: 7 })?.cause));
  console.log("a replay of long loops:", told[0]?.length, new Set(told).size);

  for (const wrong of [{ strategy: "dfs" }, { seeds: -1 }, { seeds: "5" }, { replay: 1.5 }, { seed: 5 }, null]) {
    try {
      explore(() => {}, wrong as never);
    } catch (error) {
      console.log(String(error));
    }
  }
  for (const inside of [() => bubble(() => 1), () => explore(() => {}), async () => {}]) {
    console.log(String(failure(inside as () => void, { seeds: 1 })?.cause));
  }
}

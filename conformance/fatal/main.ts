/** The ends of a process, one an argument: fatal.test.ts compares what each prints with NAME.txt. */
import {
  background,
  chan,
  go,
  goexit,
  type Goroutine,
  gosched,
  Mutex,
  nilChan,
  RWMutex,
  select,
  setMaxStack,
  setName,
  sleep,
  WaitGroup,
  withLabels,
  withTimeout,
} from "gort";

class T {
  wait(): void {
    chan().recv();
  }
}

function disposer(f: () => void): Disposable {
  return { [Symbol.dispose]: f };
}

const cases: Record<string, () => void> = {
  chan(): void {
    go(() => new T().wait());
    go(() => select());
    go(function sender() {
      nilChan<number>().send(1);
    });
    gosched();
    chan().recv();
  },
  select0(): void {
    select();
  },
  nilrecv(): void {
    nilChan().recv();
  },
  mutex(): void {
    const mu = new Mutex();
    mu.lock();
    mu.lock();
  },
  rwmutex(): void {
    const mu = new RWMutex();
    go(() => mu.rLock());
    mu.lock();
    mu.lock();
  },
  wg(): void {
    const wg = new WaitGroup();
    wg.add(1);
    wg.wait();
  },
  join(): void {
    go(() => select()).join();
  },
  panic(): void {
    throw "boom";
  },
  panicerr(): void {
    go(function worker() {
      throw new Error("file does not exist");
    });
    sleep(1000);
  },
  deadline(): void {
    const [ctx] = withTimeout(background(), 100);
    sleep(60_000, ctx);
  },
  panicparked(): void {
    gosched();
    throw "carries no stack";
  },
  panicint(): void {
    throw 42;
  },
  panicstruct(): void {
    throw { x: 0 };
  },
  paniccause(): void {
    throw new Error("outer", { cause: new RangeError("inner") });
  },
  repanic(): void {
    try {
      throw new Error("first");
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- Go prints both; in JavaScript the second one replaces the first
      throw new Error("second");
    }
  },
  nestedpanic(): void {
    using _ = disposer(() => {
      throw new Error("inner");
    });
    throw new Error("first");
  },
  recoveredrepanic(): void {
    try {
      throw new Error("first");
    } catch (e) {
      gosched();
      throw e;
    }
  },
  closed(): void {
    const ch = chan<number>();
    ch.close();
    ch.send(1);
  },
  closedwhile(): void {
    const ch = chan<number>();
    go(() => ch.close());
    ch.send(1);
  },
  closeclosed(): void {
    const ch = chan();
    ch.close();
    ch.close();
  },
  closenil(): void {
    nilChan().close();
  },
  unlock(): void {
    new Mutex().unlock();
  },
  runlock(): void {
    new RWMutex().rUnlock();
  },
  rwunlock(): void {
    new RWMutex().unlock();
  },
  unlockothers(): void {
    go(function bystander() {
      select();
    });
    gosched();
    new Mutex().unlock();
  },
  neg(): void {
    new WaitGroup().done();
  },
  neglen(): void {
    chan(-1);
  },
  stack(): void {
    setMaxStack(100_000);
    const deeper = (n: number): number => deeper(n + 1) + 1;
    deeper(0);
  },
  idx(): void {
    const a: { n: number }[] = [{ n: 1 }];
    console.log(a[5]!.n);
  },
  nilptr(): void {
    const t = null as unknown as T;
    t.wait();
  },
  gofatalnil(): void {
    go(null as unknown as () => void);
  },
  goexit(): void {
    goexit();
  },
  goexitpanic(): void {
    try {
      goexit();
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- this is what is looked at
      throw new Error("in goexit");
    }
  },
  named(): void {
    go(() => {
      setName("janitor");
      withLabels({ request: "42" }, () => select());
    });
    gosched();
    chan().recv();
  },
  namedpanic(): void {
    setName("janitor");
    throw new Error("boom");
  },
  all(): void {
    go(() => select());
    gosched();
    throw new Error("boom");
  },
  quit(): void {
    go(function spinner() {
      for (;;) if (Date.now() === 0) return;
    });
    go(() => chan().recv());
    console.log("ready");
    sleep(60_000);
  },
  joined(): void {
    const worker = go(function worker() {
      throw new Error("boom");
    });
    worker.join();
  },
  joinedend(): void {
    const worker = go(function worker() {
      throw new Error("boom");
    });
    gosched();
    joins(worker);
  },
  usingpanic(): void {
    using _ = disposer(() => {
      gosched();
      throw new Error("inner");
    });
    gosched();
    throw new Error("first");
  },
  unprintable(): void {
    const e = new Error("boom");
    Object.defineProperty(e, "message", {
      get: () => {
        throw new Error("no message");
      },
    });
    throw e;
  },
};

function joins(worker: Goroutine<void>): void {
  worker.join();
}

export function main(): void {
  const f = cases[process.argv[2]!]!;
  f();
}

/** Down here, where it moves no other lines. */
cases["unheard"] = function unheard(): void {
  const answers = chan<number>();
  const worker = go(function worker() {
    if (answers.len === 0) throw new Error("boom");
    answers.send(1);
  });
  answers.recv();
  worker.join();
};

/** More of them than anybody reads. */
cases["unheardmany"] = function unheardmany(): void {
  const workers = Array.from({ length: 25 }, (_, i) =>
    go(function worker() {
      throw new Error(`boom ${i}`);
    }),
  );
  chan<number>().recv();
  for (const worker of workers) worker.join();
};

/** The public API as a program: every name of the contract, used once. What npm would publish must type-check it. */
import {
  go,
  run,
  chan,
  select,
  onRecv,
  onSend,
  onDefault,
  onTimeout,
  sleep,
  WaitGroup,
  Mutex,
  RWMutex,
  Cond,
  Once,
  onceFunc,
  onceValue,
  Semaphore,
  Group,
  SingleFlight,
  Pool,
  AtomicInt,
  noPreempt,
  wait,
  gosched,
  goexit,
  numGoroutine,
  numCPU,
  gomaxprocs,
  lockOSThread,
  unlockOSThread,
  stack,
  setMaxStack,
  withLabels,
  setName,
  stats,
  nilChan,
  timeout,
  otherwise,
  sending,
  after,
  afterFunc,
  Timer,
  Ticker,
  background,
  todo,
  withCancel,
  withCancelCause,
  withTimeout,
  withDeadline,
  withValue,
  withoutCancel,
  contextAfterFunc,
  fromSignal,
  Canceled,
  DeadlineExceeded,
  ChannelError,
  type Chan,
  type SendChan,
  type RecvChan,
  type Goroutine,
  type Context,
} from "gort";

export function main(): void {
  const g: Goroutine<number> = go((a: number, b: number) => a + b, 1, 2);
  console.log("join", g.join(), typeof g.id, g.name);
  const boom = go(() => {
    throw new Error("x");
  });
  try {
    boom.join();
  } catch (e) {
    console.log("caught", (e as Error).message);
  }
  const ch: Chan<number> = chan<number>(2);
  const s: SendChan<number> = ch;
  const r: RecvChan<number> = ch;
  s.send(1);
  console.log(ch.trySend(2), ch.trySend(3), ch.len, ch.cap);
  console.log(r.recv(), r.recvOk(), r.tryRecv());
  ch.close();
  console.log(r.recv(), r.recvOk(), r.tryRecv());
  for (const f of [
    () => ch.send(1),
    () => ch.close(),
    () => nilChan<number>().close(),
    () => chan(-1),
    () => chan(1.5),
  ])
    try {
      f();
    } catch (e) {
      console.log((e as Error).name, (e as Error).message, e instanceof ChannelError);
    }
  const jobs = chan<string>(1);
  jobs.send("j");
  const out = chan<number>(1);
  const [ctx, cancel] = withCancel(background());
  const q = select({
    job: jobs,
    quit: ctx.done(),
    out: sending(nilChan<number>(), 1),
    tick: timeout(50),
    none: otherwise,
  });
  switch (q.case) {
    case "job":
      console.log("job", q.value, q.ok);
      break;
    case "none":
      console.log("none");
      break;
    default:
      console.log(q.case);
  }
  console.log(
    select(
      onRecv(jobs, (v) => v),
      onSend(out, 5, () => "sent"),
      onTimeout(10, () => "late"),
    ),
  );
  console.log(
    select(
      onRecv(jobs, () => "x"),
      onDefault(() => "default"),
    ),
  );
  const t = select({ a: jobs, tick: timeout(5) });
  console.log(t.case);
  const mu = new Mutex();
  {
    using _ = mu.lock();
    console.log(mu.tryLock());
  }
  console.log(mu.tryLock());
  mu.unlock();
  const rw = new RWMutex();
  rw.rLock();
  console.log(rw.tryRLock(), rw.tryLock());
  rw.rUnlock();
  rw.rUnlock();
  {
    using _ = rw.lock();
  }
  {
    using _ = rw.rLock();
  }
  const wg = new WaitGroup();
  wg.add();
  go(() => wg.done());
  wg.go((x: number) => console.log("wg.go", x), 7);
  wg.wait();
  const cond = new Cond(mu);
  let flag = false;
  go(() => {
    mu.lock();
    flag = true;
    cond.signal();
    mu.unlock();
  });
  mu.lock();
  while (!flag) cond.wait();
  mu.unlock();
  cond.broadcast();
  const once = new Once();
  once.do(() => console.log("once"));
  once.do(() => console.log("twice"));
  onceFunc(() => console.log("of"))();
  console.log(onceValue(() => 42)());
  const sem = new Semaphore(3);
  sem.acquire(2);
  console.log(sem.tryAcquire(2), sem.tryAcquire());
  sem.release(3);
  const eg = new Group(background());
  eg.setLimit(2);
  for (let i = 0; i < 4; i++)
    eg.go(() => {
      if (i === 2) throw new Error("g" + i);
      sleep(1);
    });
  try {
    eg.wait();
  } catch (e) {
    console.log("group", (e as Error).message, eg.ctx.err() === Canceled, (eg.ctx.cause() as Error).message);
  }
  const sf = new SingleFlight<string, number>();
  let calls = 0;
  const gate = chan<void>();
  const gs = [1, 2, 3].map(() =>
    go(() =>
      sf.do("k", () => {
        calls++;
        gate.recv();
        return 9;
      }),
    ),
  );
  do gosched();
  while (stats().states["runnable"] !== undefined); // until all of them wait
  gate.close();
  console.log(gs.map((x) => JSON.stringify(x.join())).join(), calls);
  sf.forget("k");
  const pool = new Pool(() => ({}));
  const o = pool.get();
  pool.put(o);
  console.log(pool.get() === o);
  const ai = new AtomicInt(5);
  ai.add(2);
  console.log(ai.load(), ai.compareAndSwap(7, 8), ai.swap(1), ai.load());
  ai.store(3);
  sleep(1);
  console.log(after(1).recv() instanceof Date);
  const af = chan<number>(1);
  afterFunc(1, () => af.send(1));
  af.recv();
  {
    using tm = new Timer(1);
    tm.c.recv();
    console.log(tm.stop(), tm.reset(1));
  }
  {
    using tk = new Ticker(1);
    let n = 0;
    for (const _ of tk) if (++n === 3) break;
    tk.c.recv();
    tk.reset(2);
    tk.stop();
  }
  const [c2] = withTimeout(background(), 5);
  try {
    chan<number>().recv(c2);
  } catch (e) {
    console.log((e as Error).name, e === DeadlineExceeded, c2.err() === DeadlineExceeded);
  }
  cancel();
  console.log(ctx.err()?.name, ctx.signal.aborted);
  const [c3, cc] = withCancelCause(todo());
  cc(new Error("why"));
  console.log(c3.cause()?.message);
  const v = withValue(background(), "k", 1);
  console.log(v.value("k"), v.value("z"), withoutCancel(ctx).err());
  withDeadline(background(), new Date(Date.now() + 1000))[1]();
  const stop = contextAfterFunc(ctx, () => {});
  void stop;
  const ac = new AbortController();
  const fs = fromSignal(ac.signal);
  ac.abort();
  console.log(fs.err()?.name);
  console.log(
    wait(Promise.resolve(3)),
    numGoroutine() >= 1,
    numCPU() >= 1,
    gomaxprocs() >= 1,
    noPreempt(() => 4),
  );
  gosched();
  lockOSThread();
  unlockOSThread();
  console.log(
    stack().startsWith("goroutine 1 [running]"),
    typeof stack(true),
    setMaxStack(0) > 0,
    withLabels({ a: "b" }, () => 5),
  );
  setName("m");
  console.log(stats().goroutines >= 1);
  go(() => {
    try {
      goexit();
    } finally {
      console.log("fin");
    }
  }).join();
  const p = go(() => 6).asPromise();
  console.log(wait(p));
  const bad: Context = ctx;
  void bad;
  void run;
  console.log("done");
}

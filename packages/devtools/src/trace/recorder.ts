/**
 * The execution trace, version 1 ("go 1.19 trace"), which every Go up to the newest opens.
 *
 *     header │ batches: what was there at the start, then events as they happen … │ frequency │ strings │ stacks
 *
 * Each thread has a recorder of its own; a "P" of the file is a thread (main is 0), because main may run without a P of the scheduler's. A
 * chunk is a batch, so chunks of several threads may stand in any order. Numbers of strings and stacks are made different by the thread's.
 * A parallel goroutine belongs to the thread that runs it, from its creation on: it has no history elsewhere.
 *
 * Times are nanoseconds, each the difference to the event before. A goroutine stops with the stack it has been captured with; what is
 * created carries the place of `go`. What readies another would have to take its own native stack, some microseconds each: the
 * event carries the stack of the goroutine that is readied, under a frame `gort.ready`, so that scheduler latency is told by who suffers it.
 *
 * Waits for files and processes are system calls that block, waits for sockets are network waits.
 * Memory: what has been written is handed on in chunks of 64 KB; kept are the tables of stacks and strings, and a number for each
 * goroutine alive.
 */
import { callerLocations, type G, inspect, type Location, type StackNode, type Tracer } from "../inspect.ts";
import { waitLeaf } from "../pprof/goroutine.ts";
import { CHUNK, TraceBytes } from "./bytes.ts";
import { RunLabels } from "./labels.ts";

const BATCH = 1;
const FREQUENCY = 2;
const STACK = 3;
const GOMAXPROCS = 4;
const PROC_START = 5;
const PROC_STOP = 6;
const GO_CREATE = 13;
const GO_END = 15;
const GO_SCHED = 17;
const GO_PREEMPT = 18;
const GO_SLEEP = 19;
const GO_BLOCK = 20;
const BLOCK_SEND = 22;
const BLOCK_RECV = 23;
const BLOCK_SELECT = 24;
const BLOCK_SYNC = 25;
const BLOCK_COND = 26;
const BLOCK_NET = 27;
const SYSCALL = 28;
const SYSEXIT = 29;
const SYSBLOCK = 30;
const GO_WAITING = 31;
const STRING = 37;
const START_LOCAL = 38;
const UNBLOCK_LOCAL = 39;
const START_LABEL = 41;
const TASK_CREATE = 45;
const TASK_END = 46;
const REGION = 47;
const LOG = 48;

/** The event of a wait reason. */
function eventOf(reason: string): number {
  // Not GO_STOP, which nothing follows: a context may end such a wait.
  if (/\(nil chan\)|\(no cases\)/.test(reason)) return GO_BLOCK;
  if (reason.startsWith("chan send")) return BLOCK_SEND;
  if (reason.startsWith("chan receive")) return BLOCK_RECV;
  if (reason.startsWith("select")) return BLOCK_SELECT;
  if (reason === "sleep") return GO_SLEEP;
  if (reason === "sync.Cond.Wait") return BLOCK_COND;
  if (/^(?:IO wait \(file\)|exec wait|syscall)/.test(reason)) return SYSCALL;
  if (/^(?:IO wait|http\.)/.test(reason)) return BLOCK_NET;
  if (/^(?:sync\.|semacquire|join|errgroup|singleflight)/.test(reason)) return BLOCK_SYNC;
  return GO_BLOCK;
}

/** ns of the clock all threads have. */
function hrtime(): number {
  const [s, ns] = process.hrtime();
  return s * 1e9 + ns;
}

/** The same for the same place on every thread: `go tool trace` tells kinds of goroutines by it. 48 bits of FNV-1a over its text. */
function addressOf(l: Location): number {
  let [a, b] = [0x811c9dc5, 0xcbf29ce4];
  for (const c of `${l.name}\n${l.file}:${l.line}:${l.column}`) {
    const code = c.codePointAt(0) as number;
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x01000193) ^ (a >>> 15);
  }
  return (b >>> 16) * 0x1_0000_0000 + (a >>> 0) + 1;
}

/** What is kept of a goroutine. */
class Known {
  /** Creations, starts and wake-ups so far, which leaving a system call has to say. */
  n: number = 1;
  /** A wait that was given up has been undone by the time it is readied, so its status does not tell. */
  waits: boolean = false;
  /** It is in a table. */
  kept: boolean = false;
}

export class Recorder implements Tracer {
  readonly #bytes: TraceBytes;
  readonly #table: InstanceType<ReturnType<typeof inspect>["StackTable"]> = new (inspect().StackTable)();
  /** Stacks in use: by number of their node. */
  readonly #stacks: (StackNode | undefined)[] = [];
  readonly #strings: Map<string, number> = new Map();
  /** Stacks of one frame, by what is at hand when a goroutine is created. */
  readonly #named: Map<string | null, number> = new Map();
  readonly #anonymous: Map<string | null, number> = new Map();
  readonly #sites: Map<string, number> = new Map();
  /** By reason: the event of a wait, and the roots of the stacks of who waits and who is readied. */
  readonly #events: number[] = [];
  readonly #waits: StackNode[] = [];
  readonly #readies: StackNode[] = [];
  /** Goroutines in a system call. */
  readonly #syscalls: Set<number> = new Set();
  /** Goroutines that have stopped before; of others, the creation is all there was. */
  readonly #known: Map<number, Known> = new Map();
  /** Of the goroutine that runs. */
  #current: Known | null = null;
  /** Entered from outside, and not captured yet when it was heard of. */
  #entering: G | null = null;
  #last: number;
  #running: boolean = false;
  #inProc: boolean = false;
  #preemptions: number;
  #gomaxprocs: number = 0;
  events: number = 0;
  /** The thread. */
  readonly #p: number;
  /** What is added to numbers of strings and stacks. */
  readonly #base: number;
  readonly #labels: RunLabels;
  /** From this thread's clock to the one all threads have, ns. */
  readonly #offset: number = hrtime() - inspect().host.now() * 1e6;

  constructor(out: (chunk: Uint8Array) => void, p: number = 0) {
    this.#bytes = new TraceBytes(out);
    this.#p = p;
    this.#base = p * 0x1000_0000;
    this.#labels = new RunLabels(this.#base + 0x800_0000, (id, text) => this.#write(id, text));
    this.#last = this.#clock();
    this.#preemptions = inspect().S.preemptions;
    this.#snapshot();
  }

  #clock(): number {
    return Math.round(inspect().host.now() * 1e6 + this.#offset);
  }

  /** A time the scheduler has read, ms, in ns. */
  #at(now: number): number {
    return Math.round(now * 1e6 + this.#offset);
  }

  /** ns since the last event, by the clock or by `now`. Never 0: two events of one time have no order. */
  #delta(now: number, bytes?: number): number {
    if (this.#bytes.begins(bytes)) this.#bytes.event2(BATCH, this.#p, this.#last);
    const delta = Math.max(1, now - this.#last);
    this.#last += delta;
    this.events++;
    return delta;
  }

  /** The goroutines there are. */
  #snapshot(): void {
    const { eachGoroutine, R, S, STATUS, WAITING } = inspect();
    this.#procs();
    eachGoroutine((g) => {
      this.#create(g, this.#firstFrame(g), 0);
      if ((g.status & STATUS) !== WAITING) return;
      this.#waiting(g);
    });
    if (S.inLoop === 0) return;
    this.entered();
    if (R.g !== null) this.started(R.g);
  }

  /** How many Ps there are, when that has changed. */
  #procs(): void {
    const { gomaxprocs } = inspect().S;
    if (this.#p !== 0 || gomaxprocs === this.#gomaxprocs) return;
    this.#gomaxprocs = gomaxprocs;
    this.#bytes.event3(GOMAXPROCS, this.#delta(this.#clock()), gomaxprocs, 0);
  }

  #string(text: string): number {
    // An empty string is none.
    const shown = text === "" ? " " : text;
    let id = this.#strings.get(shown);
    if (id === undefined) this.#strings.set(shown, (id = this.#base + this.#strings.size + 1));
    return id;
  }

  /** A string, at once. */
  #write(id: number, text: string): void {
    // Three bytes at most for a unit of UTF-16; what is longer than half a chunk is cut.
    if (this.#bytes.begins(Math.min(text.length * 3, CHUNK / 2) + 24)) this.#bytes.event2(BATCH, this.#p, this.#last);
    this.#bytes.text(STRING, id, text);
  }

  #use(node: StackNode): number {
    if (node.id === 0) return 0;
    this.#stacks[node.id] = node;
    return this.#base + node.id;
  }

  /** The function of a goroutine that has not run, by its name, an anonymous one by the place of `go`. */
  #startFrame(g: G): number {
    const named = typeof g.v === "function" && g.v.name !== "";
    const key = named ? (g.v as Function).name : g.site;
    const starts = named ? this.#named : this.#anonymous;
    let id = starts.get(key);
    if (id === undefined) starts.set(key, (id = this.#use(this.#table.of([inspect().startLocation(g)]))));
    return id;
  }

  #site(site: string | null): number {
    if (site === null) return 0;
    let id = this.#sites.get(site);
    if (id === undefined) this.#sites.set(site, (id = this.#use(this.#table.of([inspect().siteLocation(site)]))));
    return id;
  }

  /** The outermost frame: what tells a kind of goroutine from others. */
  #firstFrame(g: G): number {
    const { frameLocation, FRESH, startLocation } = inspect();
    if (g.x >= FRESH && g.frame === null) return this.#startFrame(g);
    let outermost: Location | null = null;
    for (let f = g.frame; f !== null; f = f.next) {
      const at = frameLocation(f);
      if (!at.hidden) outermost = at;
    }
    return this.#use(this.#table.of([outermost === null ? startLocation(g) : outermost]));
  }

  /** It has waited since before it was heard of. */
  #waiting(g: G): void {
    this.#bytes.event2(GO_WAITING, this.#delta(this.#clock()), g.id);
    const known = this.#keep(g, new Known());
    known.n = 2;
    known.waits = true;
  }

  #keep(g: G, known: Known): Known {
    known.kept = true;
    this.#known.set(g.id, known);
    return known;
  }

  #create(g: G, first: number, stack: number): void {
    this.#bytes.event4(GO_CREATE, this.#delta(this.#clock()), g.id, first, stack);
  }

  /** What is to be known of a wait reason. */
  #learn(reason: number): void {
    const { location, reasonText } = inspect();
    const [table, leaf] = [this.#table, waitLeaf(reason)];
    const under = (node: StackNode): StackNode => (leaf === null ? node : table.add(node, leaf));
    this.#waits[reason] = under(table.root);
    this.#readies[reason] = under(table.add(table.root, location("gort.ready", "", true)));
    this.#events[reason] = eventOf(reasonText(reason));
  }

  #stackOf(g: G, root: StackNode): number {
    return this.#use(this.#table.addFrames(root, g.frame, false));
  }

  // ---- the scheduler

  created(g: G): void {
    this.#settle();
    const { VALUE } = inspect();
    if (g.x === VALUE) {
      this.#entering = g;
      return;
    }
    this.#create(g, this.#firstFrame(g), this.#site(g.site));
  }

  /** A goroutine that came from outside has begun by waiting: its frames are complete now. */
  #settle(): void {
    const g = this.#entering;
    if (g === null) return;
    this.#entering = null;
    const { DEAD, STATUS, WAITING } = inspect();
    const status = g.status & STATUS;
    if (status === DEAD) return;
    this.#create(g, this.#firstFrame(g), 0);
    if (status !== WAITING) return;
    if (this.#running) {
      this.#waiting(g);
      return;
    }
    const alone = !this.#inProc;
    if (alone) this.entered();
    this.started(g);
    this.stopped(g, inspect().host.now());
    if (alone) this.left();
  }

  started(g: G): void {
    this.#settle();
    const known = (this.#current = this.#known.get(g.id) ?? new Known());
    const n = known.n++;
    this.#running = true;
    const label = g.ext === null ? 0 : this.#labels.of(g);
    // schedule() has just read the clock.
    const delta = this.#delta(this.#at(inspect().S.now));
    if (label === 0) this.#bytes.event2(START_LOCAL, delta, g.id);
    else this.#bytes.event4(START_LABEL, delta, g.id, n, label);
  }

  stopped(g: G, now: number): void {
    this.#settle();
    if (!this.#running) return;
    this.#running = false;
    const { REASON_SHIFT, S, STATUS, WAITING } = inspect();
    const known = this.#current as Known;
    if (!known.kept) this.#keep(g, known);
    const at = this.#at(now);
    if ((g.status & STATUS) !== WAITING) {
      const preempted = S.preemptions !== this.#preemptions;
      this.#preemptions = S.preemptions;
      this.#bytes.event2(preempted ? GO_PREEMPT : GO_SCHED, this.#delta(at), this.#stackOf(g, this.#table.root));
      return;
    }
    known.waits = true;
    const reason = g.status >> REASON_SHIFT;
    if (this.#events[reason] === undefined) this.#learn(reason);
    const type = this.#events[reason] as number;
    this.#bytes.event2(type, this.#delta(at), this.#stackOf(g, this.#waits[reason] as StackNode));
    if (type !== SYSCALL) return;
    this.#syscalls.add(g.id);
    this.#bytes.event1(SYSBLOCK, this.#delta(at));
  }

  ended(g: G): void {
    this.#settle();
    if (this.#known.size > 0) this.#known.delete(g.id);
    if (!this.#running) return;
    this.#running = false;
    this.#bytes.event1(GO_END, this.#delta(this.#clock()));
  }

  readied(g: G): void {
    this.#settle();
    const known = this.#known.get(g.id);
    if (known === undefined || !known.waits) return;
    known.waits = false;
    const n = known.n++;
    if (this.#syscalls.size > 0 && this.#syscalls.delete(g.id)) {
      this.#bytes.event4(SYSEXIT, this.#delta(this.#clock()), g.id, n, 0);
      return;
    }
    // Timers and sockets ready goroutines where none runs: Go's events have no stack then either.
    let stack = 0;
    if (this.#running) {
      const reason = g.status >> inspect().REASON_SHIFT;
      if (this.#events[reason] === undefined) this.#learn(reason);
      stack = this.#stackOf(g, this.#readies[reason] as StackNode);
    }
    this.#bytes.event3(UNBLOCK_LOCAL, this.#delta(this.#clock()), g.id, stack);
  }

  /** Shown from its next run on. */
  relabelled(): void {}

  entered(): void {
    this.#settle();
    this.#procs();
    this.#inProc = true;
    // The loop has just read the clock.
    this.#bytes.event2(PROC_START, this.#delta(this.#at(inspect().S.now)), 0);
  }

  left(): void {
    this.#settle();
    if (!this.#inProc) return;
    this.#inProc = false;
    // Right behind the last goroutine's stop: its time will do.
    this.#bytes.event1(PROC_STOP, this.#delta(this.#last));
  }

  // ---- the program's own marks

  #here(): number {
    const { R } = inspect();
    const node = this.#table.of(callerLocations());
    return this.#use(R.g === null ? node : this.#table.addFrames(node, R.g.frame?.next ?? null, false));
  }

  taskBegun(id: number, parent: number, type: string): void {
    this.#settle();
    const stack = this.#here();
    this.#bytes.event(TASK_CREATE, [this.#delta(this.#clock()), id, parent, this.#string(type), stack]);
  }
  taskEnded(id: number): void {
    this.#settle();
    const stack = this.#here();
    this.#bytes.event3(TASK_END, this.#delta(this.#clock()), id, stack);
  }
  regionBegun(task: number, type: string): void {
    this.#region(task, 0, type);
  }
  regionEnded(task: number, type: string): void {
    this.#region(task, 1, type);
  }
  #region(task: number, mode: number, type: string): void {
    this.#settle();
    const stack = this.#here();
    this.#bytes.event(REGION, [this.#delta(this.#clock()), task, mode, this.#string(type), stack]);
  }
  logged(task: number, category: string, message: string): void {
    this.#settle();
    const stack = this.#here();
    // Both in one batch.
    const delta = this.#delta(this.#clock(), CHUNK / 2 + 1024);
    this.#bytes.event(LOG, [delta, task, this.#string(category), stack]);
    this.#bytes.text(null, 0, message);
  }

  /** What stands behind the events. */
  finish(): void {
    this.#settle();
    // The one that runs now.
    if (this.#running) {
      const { R } = inspect();
      this.#running = false;
      this.#bytes.event2(GO_SCHED, this.#delta(this.#clock()), R.g === null ? 0 : this.#here());
    }
    this.left();
    this.#procs();
    if (this.#p === 0) this.#bytes.event1(FREQUENCY, 1_000_000_000);
    const stacks: { id: number; frames: number[] }[] = [];
    this.#stacks.forEach((node, id) => {
      const frames = (node as StackNode)
        .locations()
        .flatMap((l) => [addressOf(l), this.#string(l.name), this.#string(l.file), l.line]);
      stacks.push({ id: this.#base + id, frames });
    });
    for (const [text, id] of this.#strings) this.#bytes.text(STRING, id, text);
    for (const { id, frames } of stacks) this.#bytes.event(STACK, [id, frames.length / 4, ...frames]);
    this.#bytes.flush();
  }
}

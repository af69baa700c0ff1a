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
import { type G, inspect, type StackNode, type Tracer } from "../inspect.ts";
import { waitLeaf } from "../pprof/goroutine.ts";
import { CHUNK, TraceBytes } from "./bytes.ts";
import {
  BATCH,
  FREQUENCY,
  GOMAXPROCS,
  PROC_START,
  PROC_STOP,
  GO_CREATE,
  GO_END,
  GO_SCHED,
  GO_PREEMPT,
  SYSCALL,
  SYSEXIT,
  SYSBLOCK,
  GO_WAITING,
  STRING,
  START_LOCAL,
  UNBLOCK_LOCAL,
  START_LABEL,
  TASK_CREATE,
  TASK_END,
  REGION,
  LOG,
  eventOf,
} from "./events.ts";
import { RunLabels } from "./labels.ts";
import { Tables } from "./tables.ts";

/** ns of the clock all threads have. */
function hrtime(): number {
  const [s, ns] = process.hrtime();
  return s * 1e9 + ns;
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
  readonly #tables: Tables;
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
  readonly #labels: RunLabels;
  /** From this thread's clock to the one all threads have, ns. */
  readonly #offset: number = hrtime() - inspect().host.now() * 1e6;

  constructor(out: (chunk: Uint8Array) => void, p: number = 0) {
    this.#bytes = new TraceBytes(out);
    this.#p = p;
    const base = p * 0x1000_0000;
    this.#tables = new Tables(base);
    this.#labels = new RunLabels(base + 0x800_0000, (id, text) => this.#write(id, text));
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
      this.#create(g, this.#tables.firstFrame(g), 0);
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

  /** A string, at once. */
  #write(id: number, text: string): void {
    // Three bytes at most for a unit of UTF-16; what is longer than half a chunk is cut.
    if (this.#bytes.begins(Math.min(text.length * 3, CHUNK / 2) + 24)) this.#bytes.event2(BATCH, this.#p, this.#last);
    this.#bytes.text(STRING, id, text);
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
    const [tables, leaf] = [this.#tables, waitLeaf(reason)];
    const under = (node: StackNode): StackNode => (leaf === null ? node : tables.under(node, leaf));
    this.#waits[reason] = under(tables.root);
    this.#readies[reason] = under(tables.under(tables.root, location("gort.ready", "", true)));
    this.#events[reason] = eventOf(reasonText(reason));
  }

  // ---- the scheduler

  created(g: G): void {
    this.#settle();
    const { VALUE } = inspect();
    if (g.x === VALUE) {
      this.#entering = g;
      return;
    }
    this.#create(g, this.#tables.firstFrame(g), this.#tables.site(g.site));
  }

  /** A goroutine that came from outside has begun by waiting: its frames are complete now. */
  #settle(): void {
    const g = this.#entering;
    if (g === null) return;
    this.#entering = null;
    const { DEAD, STATUS, WAITING } = inspect();
    const status = g.status & STATUS;
    if (status === DEAD) return;
    this.#create(g, this.#tables.firstFrame(g), 0);
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
      this.#bytes.event2(
        preempted ? GO_PREEMPT : GO_SCHED,
        this.#delta(at),
        this.#tables.stackOf(g, this.#tables.root),
      );
      return;
    }
    known.waits = true;
    const reason = g.status >> REASON_SHIFT;
    if (this.#events[reason] === undefined) this.#learn(reason);
    const type = this.#events[reason] as number;
    this.#bytes.event2(type, this.#delta(at), this.#tables.stackOf(g, this.#waits[reason] as StackNode));
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
      stack = this.#tables.stackOf(g, this.#readies[reason] as StackNode);
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

  taskBegun(id: number, parent: number, type: string): void {
    this.#settle();
    const stack = this.#tables.here();
    this.#bytes.event(TASK_CREATE, [this.#delta(this.#clock()), id, parent, this.#tables.string(type), stack]);
  }
  taskEnded(id: number): void {
    this.#settle();
    const stack = this.#tables.here();
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
    const stack = this.#tables.here();
    this.#bytes.event(REGION, [this.#delta(this.#clock()), task, mode, this.#tables.string(type), stack]);
  }
  logged(task: number, category: string, message: string): void {
    this.#settle();
    const stack = this.#tables.here();
    // Both in one batch.
    const delta = this.#delta(this.#clock(), CHUNK / 2 + 1024);
    this.#bytes.event(LOG, [delta, task, this.#tables.string(category), stack]);
    this.#bytes.text(null, 0, message);
  }

  /** What stands behind the events. */
  finish(): void {
    this.#settle();
    // The one that runs now.
    if (this.#running) {
      const { R } = inspect();
      this.#running = false;
      this.#bytes.event2(GO_SCHED, this.#delta(this.#clock()), R.g === null ? 0 : this.#tables.here());
    }
    this.left();
    this.#procs();
    if (this.#p === 0) this.#bytes.event1(FREQUENCY, 1_000_000_000);
    this.#tables.write(this.#bytes);
    this.#bytes.flush();
  }
}

/** What the live page is fed with, as it is sent. Imports nothing: the page knows it too. */

/** A place in the program: the function, and `file:line:column` or "". */
export type LiveFrame = readonly [name: string, at: string];

export interface LiveGroup {
  /** The same for the same stack and state, as long as the process lives. */
  key: string;
  count: number;
  /** "chan receive", "runnable", … */
  state: string;
  /** It waits for other goroutines: not for time, the network or a promise. */
  blocks: boolean;
  /** Nobody can ever wake it: it waits on a nil channel, or in a select without cases. */
  forever: boolean;
  /** The innermost frame first; the outermost are left out where there are very many. */
  stack: LiveFrame[];
  /** How long the one that waited longest has waited, ms; 0 if none waits. */
  wait: number;
  /** Where they were created, the most frequent first; the name is the creator's. */
  creators: { at: LiveFrame; count: number }[];
  /** Their labels and names, the most frequent first. */
  labels: { of: Readonly<Record<string, string>>; count: number }[];
}

export interface LiveMember {
  id: number;
  name: string;
  labels: Readonly<Record<string, string>> | null;
  /** ms; 0 if it does not wait. */
  wait: number;
  /** The goroutine that created it; 0: code outside of any. */
  parent: number;
  /** The thread it is on. */
  m: number;
}

/** The group that was asked for, in full. */
export interface LiveOpened {
  group: LiveGroup;
  /** Those that have waited longest. */
  members: LiveMember[];
}

export interface LiveProc {
  p: number;
  /** The thread that has it; -1: it is idle. */
  m: number;
  /** Goroutines in its queue. */
  queue: number;
  timers: number;
}

export interface LiveThread {
  m: number;
  /** The P it has; -1: none. */
  p: number;
  doing: "running" | "system call" | "looking for work" | "waiting for events" | "asleep";
  /** It is kept for blocking calls. */
  blocking: boolean;
  /** The goroutine that runs on it, or is next. */
  runs: { id: number; name: string } | null;
  /** The goroutine that has locked it; 0: none. */
  locked: number;
  goroutines: number;
  /** ms of processor time so far; -1: not known. */
  cpu: number;
  switches: number;
  slices: number;
  syscalls: number;
  steals: number;
  handoffs: number;
  /** It did not answer in time: what is said of its goroutines is what it said before, so many ms ago; -1: never. */
  late: number | null;
}

/** Found by whoever has looked: they are gone. */
export interface LiveLeak {
  count: number;
  state: string;
  stack: readonly string[];
  createdBy: string;
  labels: Readonly<Record<string, string>> | null;
  /** Seconds of uptime when the last of them was found. */
  found: number;
  ids: readonly number[];
}

export interface LiveStats {
  goroutines: number;
  states: Record<string, number>;
  reasons: Record<string, number>;
  created: number;
  maxAlive: number;
  switches: number;
  preemptions: number;
  turns: number;
  timers: number;
  steals: number;
  handoffs: number;
  gomaxprocs: number;
  stackBytes: number;
  globalQueue: number;
}

export interface LiveState {
  pid: number;
  program: string;
  /** Seconds since the start of the process. */
  uptime: number;
  /** Bytes. */
  rss: number;
  heapUsed: number;
  /** Seconds of processor time of the process so far. */
  cpu: number;
  /** How long main's event loop took to come round, ms. */
  lag: number;
  /** What this answer has cost the program: ms on its threads together. */
  cost: number;
  stats: LiveStats;
  /** Parallel goroutines in the queues that have not started: of these nothing else is known. */
  unstarted: number;
  procs: LiveProc[];
  threads: LiveThread[];
  groups: LiveGroup[];
  /** Groups that the filter lets through; `groups` has the biggest of them, and those that have waited longest. */
  matching: number;
  /** Groups there are. */
  total: number;
  opened: LiveOpened | null;
  leaks: LiveLeak[];
  silent: string[];
}

/** What `gort top` shows of a program, as it is sent. */
import { inspect } from "../inspect.ts";
import { groupGoroutines } from "../pprof/goroutine.ts";
import { sortGroups } from "../pprof/text.ts";

/** Groups sent. */
const GROUPS = 50;

export interface TopGroup {
  count: number;
  /** What they wait for. */
  state: string;
  /** The innermost frames of the user's: `name file:line`. */
  stack: string[];
  labels: Readonly<Record<string, string>> | null;
}

export interface TopSnapshot {
  pid: number;
  program: string;
  /** Seconds since the start of the process. */
  uptime: number;
  /** Bytes. */
  rss: number;
  heapUsed: number;
  /** Seconds of CPU so far. */
  cpu: number;
  threads: number;
  /** Whether the P runs goroutines: it does while it answers only if the answer is a goroutine. */
  stats: ReturnType<ReturnType<typeof inspect>["stats"]>;
  groups: TopGroup[];
}

export function topJson(): TopSnapshot {
  const { stats, U } = inspect();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const groups = sortGroups(groupGoroutines())
    .slice(0, GROUPS)
    .map(({ stack, labels, count }) => ({
      count,
      labels,
      state: stack[0]?.hidden === true ? stack[0].name.replace(/^gort\./, "") : "",
      stack: stack
        .filter((l) => !l.hidden)
        .slice(0, 4)
        .map((l) => (l.file === "" ? l.name : `${l.name} ${l.file}:${l.line}`)),
    }));
  return {
    pid: process.pid,
    program: process.argv[1] ?? "",
    uptime: process.uptime(),
    rss,
    heapUsed,
    cpu: (user + system) / 1e6,
    threads: U[7] !== 0 ? 2 : 1,
    stats: stats(),
    groups,
  };
}

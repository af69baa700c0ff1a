/**
 * What is measured and what it has to reach. The targets come with the project, but for system calls and what crosses threads, whose limits are our own; ratios
 * are ours to Go's better.
 */

export interface Target {
  case: string;
  /** The file in cases/ that holds it. */
  file: string;
  metric: string;
  /** The most our value may be: a share of Go's better median, or an absolute value where Go has no twin. */
  most: number;
  absolute?: true;
}

/** What the second run in a process adds to its metric. */
const STEADY = ", steady";

function row(file: string, name: string, metric: string, most: number): Target {
  return { case: name, file, metric, most };
}

/** Of a case that is over before the engine has optimised it: the first time in a process, and the second. Go's twin as well. */
function twice(file: string, name: string, metric: string, most: number, steady: number = most): Target[] {
  return [row(file, name, metric, most), row(file, name, `${metric}${STEADY}`, steady)];
}

export const targets: Target[] = [
  ...twice("spawn", "spawn_batch", "create+exit", 0.35),
  ...twice("spawn", "spawn_join", "create+join", 0.5),
  row("switch", "gosched_2", "switch", 0.7),
  row("switch", "gosched_100", "switch", 0.7),
  row("switch", "gosched_10000", "switch", 0.8),
  ...twice("switch", "pingpong", "roundtrip", 0.4, 0.3),
  row("switch", "ring_1000", "hop", 0.5),
  row("channels", "buffered128_1p1c", "send+recv", 0.8),
  ...twice("channels", "buffered128_4p4c", "send+recv", 0.8),
  ...twice("channels", "unbuffered_1p1c", "send+recv", 0.6),
  row("channels", "buffered128_samegoroutine", "send+recv", 0.8),
  ...twice("select", "select2_ready", "select+resend", 0.8),
  row("select", "select8_ready", "select+resend", 0.8),
  row("select", "select2_default", "select-default", 0.8),
  row("select", "select8_default", "select-default", 0.8),
  ...twice("select", "select2_blocked", "blocked-select", 0.8),
  ...twice("select", "select8_blocked", "blocked-select", 0.8),
  row("sync", "mutex_uncontended", "lock+unlock", 1),
  ...twice("sync", "mutex_contended_8g", "lock+unlock", 1),
  ...twice("sync", "mutex_contended_8g_yield", "lock+unlock", 1),
  ...twice("spawn", "wg_fanout_1000", "fanout1000", 0.5),
  row("time", "timer_start_stop", "NewTimer+Stop", 1),
  { ...row("time", "sleep_1e5", "late-p99", 5), absolute: true },
  ...twice("context", "ctx_cancel", "cancel-1000-children", 1),
  row("context", "ctx_make", "WithCancel+cancel", 1),
  row("memory", "parked_1e5", "RSS/goroutine", 0.25),
  row("memory", "parked_1e6", "RSS/goroutine", 0.15),
  row("memory", "parked_1e6", "create+park-all", 0.2),
  row("memory", "parked_1e6", "wake-all(close)", 0.2),
  row("programs", "sieve_2000", "first-2000-primes", 1),
  row("programs", "skynet_1e6", "1e6-leaves", 0.6),
  { ...row("time", "preempt_idle", "late-p99", 5), absolute: true },
  row("time", "preempt_spin", "late-p50", 0.6),
  row("time", "preempt_spin", "late-max", 0.6),
  { ...row("threads", "cpu_parallel", "slower-than-ideal", 0.54), absolute: true },
  { ...row("threads", "parallel_roundtrip", "go+join", 2), absolute: true },
  { ...row("threads", "parallel_across", "go+join", 20), absolute: true },
  { ...row("threads", "parallel_across", "blocking", 20), absolute: true },
  { ...row("threads", "parallel_1000", "goroutine", 1), absolute: true },
  row("pingpong", "pingpong_threads", "roundtrip-spinning", 0.7),
  row("pingpong", "pingpong_threads", "roundtrip-parked", 0.7),
  row("pingpong", "pingpong_threads_core", "roundtrip-spinning", 0.7),
  row("pingpong", "pingpong_workers", "roundtrip-spinning", 0.7),
  row("pingpong", "pingpong_workers", "roundtrip-parked", 0.7),
  row("pingpong", "pingpong_workers_core", "roundtrip-spinning", 0.7),
  { ...row("threads", "syscall_handoff", "handed-on-p50", 300), absolute: true },
  { ...row("threads", "syscall_handoff", "handed-on-max", 20), absolute: true },
  { ...row("threads", "syscall", "alone", 100), absolute: true },
  { ...row("threads", "syscall", "with-threads", 200), absolute: true },
  { ...row("threads", "cancel_hog", "max", 20), absolute: true },
  { ...row("threads", "send_across", "number", 3), absolute: true },
  { ...row("threads", "send_across", "object", 4), absolute: true },
  { ...row("threads", "stream_across", "4-KiB-chunk", 100), absolute: true },
  { ...row("threads", "stream_across", "64-KiB-chunk", 500), absolute: true },
  { ...row("idle", "idle_cpu", "one-thread", 1), absolute: true },
  { ...row("idle", "thread_memory", "each-of-4", 6), absolute: true },
  { ...row("threads", "parallel_cold", "first-result", 25), absolute: true },
  { ...row("programs", "fib_32", "compiled/uncompiled", 1.3), absolute: true },
];

/** The cases that are run twice. */
export const steady: ReadonlySet<string> = new Set(targets.filter((t) => t.metric.endsWith(STEADY)).map((t) => t.case));

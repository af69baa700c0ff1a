/** Numbers of the events of an execution trace that are written here. Go 1.19: `traceEv…` in runtime/trace.go. */

export const BATCH = 1;
export const FREQUENCY = 2;
export const STACK = 3;
export const GOMAXPROCS = 4;
export const PROC_START = 5;
export const PROC_STOP = 6;
export const GO_CREATE = 13;
export const GO_END = 15;
export const GO_SCHED = 17;
export const GO_PREEMPT = 18;
const GO_SLEEP = 19;
const GO_BLOCK = 20;
const BLOCK_SEND = 22;
const BLOCK_RECV = 23;
const BLOCK_SELECT = 24;
const BLOCK_SYNC = 25;
const BLOCK_COND = 26;
const BLOCK_NET = 27;
export const SYSCALL = 28;
export const SYSEXIT = 29;
export const SYSBLOCK = 30;
export const GO_WAITING = 31;
export const STRING = 37;
export const START_LOCAL = 38;
export const UNBLOCK_LOCAL = 39;
export const START_LABEL = 41;
export const TASK_CREATE = 45;
export const TASK_END = 46;
export const REGION = 47;
export const LOG = 48;

/** The event of a wait reason. */
export function eventOf(reason: string): number {
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

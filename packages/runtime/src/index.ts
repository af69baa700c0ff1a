/** Go's goroutine runtime for TypeScript. */
import "./internal/index.ts";
import "./chan/lowered.ts";

export { go, run } from "./scheduler/go.ts";
export type { Goroutine } from "./scheduler/g.ts";
export { parallel } from "./shared/parallel.ts";
export type { Crossing, MayCross, Shareable } from "./shared/shareable.ts";
export { blocking } from "./shared/blocking.ts";
export { syscall } from "./shared/syscall.ts";
export { perThread } from "./shared/perthread.ts";
export { move } from "./shared/move.ts";
export { wait } from "./scheduler/wait.ts";
export {
  goexit,
  gomaxprocs,
  gosched,
  lockOSThread,
  noPreempt,
  numCPU,
  numGoroutine,
  setMaxStack,
  setName,
  unlockOSThread,
  withLabels,
} from "./scheduler/runtime.ts";
export { stats, type Stats } from "./scheduler/stats.ts";
export { stack } from "./scheduler/dump.ts";

export { chan, nilChan } from "./chan/make.ts";
export type { Chan } from "./chan/chan.ts";
export type { Received, RecvChan, SendChan } from "./chan/ends.ts";
export {
  onDefault,
  onRecv,
  onSend,
  onTimeout,
  otherwise,
  select,
  sending,
  timeout,
  type Case,
  type Otherwise,
  type Selectable,
  type Selected,
  type Sending,
  type Timeout,
} from "./chan/select.ts";

export { Mutex, type Locker } from "./sync/mutex.ts";
export { RWMutex } from "./sync/rwmutex.ts";
export { WaitGroup } from "./sync/waitgroup.ts";
export { Cond } from "./sync/cond.ts";
export { Once, onceFunc, onceValue } from "./sync/once.ts";
export { Semaphore } from "./sync/semaphore.ts";
export { Group } from "./sync/group.ts";
export { SingleFlight } from "./sync/singleflight.ts";
export { Pool } from "./sync/pool.ts";
export { AtomicInt } from "./sync/atomic.ts";

export { fromAsyncIterable } from "./stream/iterable.ts";
export { fromEmitter, type Emitter, type EmitterOptions } from "./stream/emitter.ts";
export { toReadable, toReadableStream, type ToReadableOptions } from "./stream/readable.ts";
export { toWritable, toWritableStream, type ToWritableOptions } from "./stream/writable.ts";
export type { SourceChan, SourceOptions } from "./stream/source.ts";

export { sleep } from "./time/sleep.ts";
export { after, afterFunc, Ticker, Timer } from "./time/timer.ts";

export { background, todo } from "./context/background.ts";
export { Canceled, DeadlineExceeded, type ContextError, type ContextErrorCode } from "./context/errors.ts";
export {
  afterFunc as contextAfterFunc,
  fromSignal,
  withCancel,
  withCancelCause,
  withDeadline,
  withoutCancel,
  withTimeout,
  withValue,
} from "./context/with.ts";
export type { CancelCauseFunc, CancelFunc, Context } from "./context/context.ts";
export { ChannelError, GortError, SyncError, type ChannelErrorCode, type GortErrorCode } from "./errors/catalogue.ts";

/**
 * Why a goroutine waits: a small number on the G, a word of Go's in every dump.
 *
 * The words are those of Go's newest runtime. Other packages (net, http, …) add their own with {@link waitReason} when
 * they load.
 */
const reasons: string[] = [""];

/** Registers a reason and returns its number. The same text gives the same number. */
export function waitReason(text: string): number {
  const known = reasons.indexOf(text);
  return known > 0 ? known : reasons.push(text) - 1;
}

/** The text of a reason; "" for 0. */
export function reasonText(reason: number): string {
  return reasons[reason] ?? "";
}

export const CHAN_RECEIVE: number = waitReason("chan receive");
export const CHAN_SEND: number = waitReason("chan send");
export const CHAN_RECEIVE_NIL: number = waitReason("chan receive (nil chan)");
export const CHAN_SEND_NIL: number = waitReason("chan send (nil chan)");
export const SELECT: number = waitReason("select");
export const SELECT_NO_CASES: number = waitReason("select (no cases)");
export const SLEEP: number = waitReason("sleep");
export const PROMISE: number = waitReason("promise");
export const JOIN: number = waitReason("join");
export const MUTEX: number = waitReason("sync.Mutex.Lock");
export const RWMUTEX_R: number = waitReason("sync.RWMutex.RLock");
export const RWMUTEX_W: number = waitReason("sync.RWMutex.Lock");
export const WAITGROUP: number = waitReason("sync.WaitGroup.Wait");
export const COND: number = waitReason("sync.Cond.Wait");
export const ONCE: number = waitReason("sync.Once.Do");
export const SEMAPHORE: number = waitReason("semacquire");
export const GROUP_GO: number = waitReason("errgroup.Group.Go");
export const GROUP_WAIT: number = waitReason("errgroup.Group.Wait");
export const SINGLEFLIGHT: number = waitReason("singleflight.Group.Do");
export const BLOCKING: number = waitReason("blocking call");

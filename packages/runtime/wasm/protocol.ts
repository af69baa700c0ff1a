/**
 * The protocol of the threads: every step on shared state that must not be seen half done. AssemblyScript, compiled to
 * WebAssembly when the runtime is built: atomics cost a third there of what they cost in JavaScript, and a thread that is
 * terminated is never stopped between two statements that no loop and no call divides.
 */
export { setOwner } from "./lock";
export { allocate, release } from "./arena";
export {
  anyWork,
  acquire,
  becomeIdle,
  bury,
  beginSleep,
  demand,
  doze,
  giveUp,
  handOff,
  linger,
  post,
  postTo,
  putBlocking,
  setAway,
  setProcs,
  sleep,
  sleepDeep,
  spin,
  started,
  stopped,
  stopSpinning,
  takeBlocking,
  takeInbox,
  tell,
  unpark,
  wakeOne,
  wakeUp,
} from "./sched";
export { isEmpty, length, put, putNext, queueChain, queueTake, steal, take, takeBatch } from "./runq";
export {
  abandon,
  add,
  cancel,
  close,
  delist,
  enlist,
  enqueue,
  fire,
  giveBack,
  grow,
  ready,
  recv,
  select,
  send,
  signal,
  waitZero,
  acquireUnits,
  releaseUnits,
  serve,
  numberLoad,
  numberSwap,
  numberCompareAndSwap,
  numberAdd,
} from "./object";

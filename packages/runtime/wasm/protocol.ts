/**
 * The protocol of the threads: every step on shared state that must not be seen half done. AssemblyScript, compiled to
 * WebAssembly when the runtime is built: atomics cost a third there of what they cost in JavaScript, and a thread that is
 * terminated is never stopped between two statements that no loop and no call divides.
 */
export { setOwner } from "./lock";
export { allocate, release } from "./arena";
export {
  acquire,
  anyWork,
  becomeIdle,
  beginSleep,
  demand,
  doze,
  giveUp,
  setProcs,
  sleep,
  sleepDeep,
  spin,
  stopSpinning,
  wakeOne,
  wakeUp,
} from "./sched";
export { linger, post, postTo, takeInbox, tell, unpark } from "./wake";
export { handOff, putBlocking, setAway, takeBlocking } from "./away";
export { bury, started, stopped } from "./tasks";
export { isEmpty, length, put, putNext, queueChain, queueTake, steal, take, takeBatch } from "./runq";
export { enqueue, fire, giveBack, grow, close, ready, recv, select, send } from "./channel";
export { cancel, signal } from "./queue";
export { add, waitZero } from "./counter";
export { acquireUnits, releaseUnits, serve } from "./units";
export { numberAdd, numberCompareAndSwap, numberLoad, numberSwap } from "./number";
export { abandon, delist, enlist, isOrigin } from "./objects";

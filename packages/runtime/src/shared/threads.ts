/**
 * The other threads: opened when the first parallel goroutine is created with more than one P, never before. This is the seam
 * between the scheduler and this folder: it gives the machine what it needs of the loop, and `S.shared` is set here alone.
 */
import { again, wake, woken } from "../scheduler/wake.ts";
import { others } from "../scheduler/dump.ts";
import { elsewhere } from "../scheduler/finish.ts";
import { S } from "../scheduler/p.ts";
import { next } from "../scheduler/schedule.ts";
import { watchThreads } from "../scheduler/sysmon.ts";
import { others as statsOthers } from "../scheduler/stats.ts";
import { countAll } from "./counts.ts";
import { dumpOthers } from "./dumps.ts";
import { shareIds } from "./ids.ts";
import { Machine } from "./machine.ts";
import { open, X } from "./region.ts";
import { begin, copyOutcome, ended } from "./tasks.ts";
import { thread, type Memory } from "./thread.ts";
import { recoverOrphans, startMore } from "./workers.ts";

/** Makes this thread one of several. */
export function openThreads(procs: number): Machine {
  open(procs);
  if (thread === null) shareIds();
  else S.lastId = S.nextId; // none yet
  elsewhere.ended = ended;
  elsewhere.copy = copyOutcome;
  const machine = new Machine({
    again,
    enter: woken,
    hasWork: () => S.runq.hasWork(),
    next,
    begin,
    startThread: startMore,
    orphans: recoverOrphans,
  });
  S.shared = machine;
  others.dump = dumpOthers;
  statsOthers.add = countAll;
  if (thread === null) {
    watchThreads(X.memory as Memory);
    // It counts as running until it has left the loop: others would never wake it for what they have for it.
    if (S.inLoop === 0) wake();
  }
  return machine;
}

/**
 * The text of the thread that prints GODEBUG=schedtrace. It imports nothing, so that it starts at once; what it is given is in
 * schedtrace.ts. Addresses of the region are bytes.
 */
import {
  DEAD,
  DEEP,
  G_NMIDLE,
  G_NMS,
  G_NPROCS,
  G_QUEUE,
  G_QUEUE_HEAD,
  G_SPINNING,
  LOOP,
  M_BASE,
  M_PARK,
  M_POSTED,
  M_SIZE,
  M_SPINS,
  M_STATE,
  M_U,
  P_BASE,
  POLL,
  P_HEAD,
  P_NEXT,
  P_OWNER,
  P_RING,
  P_SIZE,
  P_TAIL,
  R_KIND,
  R_NEXT,
  RETIRED,
  RING,
  T_ID,
  TASK,
  UP,
} from "../shared/layout.ts";
import { ANSWER, CHANGES, GLOBAL, LOCAL, PROCS, REQUEST, RUNS, STOP, SYSCALLS, TICK, TIMERS } from "./publisher.ts";

/** How long a thread may take to answer, ms: what it does is printed at the time it is printed. */
const PATIENCE = 20;

export const code: string = `
const { workerData, receiveMessageOnPort } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { W, U, port, every, detail, stacks } = workerData;
const start = performance.now();
const none = () => ({ lines: "", goroutines: 0, bytes: 0, curg: -1, locked: -1 });
// Those that run goroutines: their words, poll words, port, what they said last, when, and what had changed until then.
const members = new Map([[0, { m: 0, W, U, port, said: none(), seen: start, changes: -1, before: 0, late: false }]]);
// The threads' region, once there are several, and its protocol.
let I = null, F = null, protocol = null, next = start;
const word = (at) => I[at >> 2];
const mWord = (m, at) => word(${M_BASE} + m * ${M_SIZE} + at);
const pWord = (p, at) => word(${P_BASE} + p * ${P_SIZE} + at);
const owner = (p) => I === null ? (p === 0 && W[${RUNS}] !== 0 ? 0 : -1) : pWord(p, ${P_OWNER}) - 1;
// A P has the started goroutines of its thread, and in its ring parallel ones that have not started. Main's own wait in P0 while it has none.
const holder = (p) => { const m = owner(p); return m < 0 && p === 0 && I === null ? 0 : m; };
const queued = (p) => (I === null ? 0 : pWord(p, ${P_TAIL}) - pWord(p, ${P_HEAD})) + (members.get(holder(p))?.W[${LOCAL}] ?? 0);
// Ticks are a thread's; they are counted for the P it has, or had last.
const last = new Map(), counted = new Map();
const of = (p) => { let c = counted.get(p); if (c === undefined) counted.set(p, c = { ticks: 0, syscalls: 0 }); return c; };
function count(procs) {
  for (let p = 0; p < procs; p++) { const m = owner(p); if (m >= 0) { const l = last.get(m); if (l !== undefined) l.p = p; else last.set(m, { p, tick: 0, syscalls: 0 }); } }
  for (const [m, { W }] of members) {
    let l = last.get(m);
    if (l === undefined) if (m === 0) last.set(0, l = { p: 0, tick: 0, syscalls: 0 }); else continue;
    const c = of(l.p);
    c.ticks += (W[${TICK}] - l.tick) >>> 0; l.tick = W[${TICK}];
    c.syscalls += W[${SYSCALLS}] - l.syscalls; l.syscalls = W[${SYSCALLS}];
  }
}
// Read while they change: what is gone by then may be missing, or twice; a goroutine that has a line is left out.
function unstarted(procs, listed) {
  const ids = new Set();
  const see = (r) => { if (r > 0 && word(r + ${R_KIND}) === ${TASK}) ids.add(F[(r + ${T_ID}) >> 3]); };
  for (let p = 0; p < procs; p++) {
    see(pWord(p, ${P_NEXT}));
    for (let i = pWord(p, ${P_HEAD}), n = 0; i !== pWord(p, ${P_TAIL}) && n < ${RING}; i = (i + 1) | 0, n++)
      see(pWord(p, ${P_RING} + ((i & ${RING - 1}) << 2)));
  }
  for (let r = word(${G_QUEUE_HEAD}), n = word(${G_QUEUE}); r > 0 && n > 0; r = word(r + ${R_NEXT}), n--) see(r);
  return [...ids].filter((id) => id > 0 && !listed.has(id));
}
const idOf = (line) => Number(/^ {2}G(\\d+)/.exec(line)[1]);
function goroutineLines(procs) {
  const texts = [...members.values()].map(({ said }) => said.lines);
  if (I === null) return texts.join("");
  const lines = texts.flatMap((t) => t === "" ? [] : t.slice(0, -1).split("\\n")), listed = new Set(lines.map(idOf));
  for (const id of unstarted(procs, listed)) lines.push("  G" + id + ": status=1() m=-1 lockedm=-1" + (stacks ? " stack=0" : ""));
  return lines.map((line) => [idOf(line), line]).sort((a, b) => a[0] - b[0]).map(([, line]) => line + "\\n").join("");
}
function learn() {
  for (let got; (got = receiveMessageOnPort(port)) !== undefined; ) {
    const { message } = got;
    if (message?.memory) {
      I = new Int32Array(message.memory.buffer);
      F = new Float64Array(message.memory.buffer);
      protocol = new WebAssembly.Instance(message.protocol, { env: { memory: message.memory }, wake: { attention() {} } }).exports;
    } else if (message?.member) {
      const { m, W, port } = message.member;
      const U = new Int32Array(I.buffer, ${M_BASE} + m * ${M_SIZE} + ${M_U}, 16);
      members.set(m, { m, W, U, port, said: none(), seen: performance.now(), changes: -1, before: 0, late: false });
    } else if (message !== null) members.get(0).said = message;
  }
  for (const [m, member] of members) {
    if (m === 0) continue;
    for (let got; (got = receiveMessageOnPort(member.port)) !== undefined; ) if (got.message !== null) member.said = got.message;
    if ([${DEAD}, ${RETIRED}].includes(mWord(m, ${M_STATE}))) members.delete(m);
  }
}
function ask(member) {
  const { m, W, U, port } = member;
  member.before = W[${ANSWER}];
  // What sleeps has nothing new to say.
  member.asked = m === 0 || W[${RUNS}] !== 0 || W[${CHANGES}] !== member.changes;
  if (!member.asked) return;
  Atomics.store(W, ${REQUEST}, (member.before + 1) | 0);
  if (W[${RUNS}] !== 0) { Atomics.store(U, 0, ${POLL}); return; }
  if (m !== 0) Atomics.add(I, (${M_BASE} + m * ${M_SIZE} + ${M_POSTED}) >> 2, 1);
  port.postMessage(0);
  if (m !== 0) protocol.unpark(m);
}
function hear(member, until, asked) {
  if (!member.asked) { member.late = false; return; }
  const { W, before } = member;
  member.late = W[${ANSWER}] === before && Atomics.wait(W, ${ANSWER}, before, Math.max(0, until - performance.now())) === "timed-out";
  if (member.late) return;
  member.seen = asked;
  // Answering is none of the changes, but for the wake-up's own.
  member.changes = W[${CHANGES}];
}
for (;;) {
  const wait = next - performance.now();
  if (wait > 0) Atomics.wait(W, ${STOP}, 0, wait);
  if (Atomics.load(W, ${STOP}) !== 0) break;
  if (performance.now() < next) continue;
  learn();
  const asked = performance.now();
  for (const member of members.values()) ask(member);
  for (const member of members.values()) hear(member, asked + ${PATIENCE}, asked);
  learn();
  const now = performance.now(), up = U[7] !== 0;
  const procs = I === null ? W[${PROCS}] : word(${G_NPROCS}), ps = [...Array(procs).keys()];
  const ms = I === null ? [0] : [...Array(word(${G_NMS})).keys()].filter((m) => m === 0 || mWord(m, ${M_STATE}) === ${UP});
  const own = ms[ms.length - 1] + 1;
  const pOf = (m) => ps.find((p) => owner(p) === m) ?? -1;
  const asleep = (m) => I === null ? W[${RUNS}] === 0 : [${DEEP}, ${LOOP}].includes(mWord(m, ${M_PARK}));
  const lockedOf = (m) => members.get(m)?.said.locked ?? -1;
  count(procs);
  let global = I === null ? 0 : word(${G_QUEUE}), bytes = "";
  for (const { W } of members.values()) global += W[${GLOBAL}];
  if (stacks) {
    let [goroutines, size] = [0, 0];
    for (const { said } of members.values()) { goroutines += said.goroutines; size += said.bytes; }
    bytes = " goroutines=" + goroutines + " stackbytes=" + size;
  }
  let text = "SCHED " + Math.round(now - start) + "ms: gomaxprocs=" + procs + " idleprocs=" + ps.filter((p) => owner(p) < 0).length
    + " threads=" + (ms.length + (up ? 2 : 1)) + " spinningthreads=" + (I === null ? 0 : word(${G_SPINNING}))
    + " idlethreads=" + (I === null ? 0 : word(${G_NMIDLE})) + " runqueue=" + global;
  if (!detail) text += " [" + ps.map(queued).join(" ") + "]" + bytes + "\\n";
  else {
    text += " gcwaiting=0 nmidlelocked=" + ms.filter((m) => m > 0 && lockedOf(m) >= 0 && asleep(m)).length
      + " stopwait=0 sysmonwait=" + (U[6] !== 0 ? 1 : 0) + bytes + "\\n";
    for (const p of ps) text += "  P" + p + ": status=" + (owner(p) < 0 ? 0 : 1) + " schedtick=" + of(p).ticks
      + " syscalltick=" + of(p).syscalls + " m=" + owner(p) + " runqsize=" + queued(p) + " gfreecnt=0 timerslen="
      + (members.get(holder(p))?.W[${TIMERS}] ?? 0) + "\\n";
    const line = (m, p, g, spinning, blocked, locked) => "  M" + m + ": p=" + p + " curg=" + g
      + " mallocing=0 throwing=0 preemptoff= locks=0 dying=0 spinning=" + spinning + " blocked=" + blocked + " lockedg=" + locked + "\\n";
    text += line(own + (up ? 1 : 0), -1, -1, false, false, -1);
    if (up) text += line(own, -1, -1, false, U[6] !== 0, -1);
    for (const m of ms.reverse()) {
      text += line(m, pOf(m), members.get(m)?.said.curg ?? -1, I !== null && mWord(m, ${M_SPINS}) === 1, asleep(m), lockedOf(m));
    }
    text += goroutineLines(procs);
  }
  for (const { m, W, late, seen } of members.values()) if (late && W[${RUNS}] !== 0)
    text += "  # M" + m + " has not come to a switch for " + Math.round(now - seen) + "ms: its numbers are those of the last one\\n";
  try { writeSync(2, text); } catch {}
  next += every;
  if (next < now) next = now;
}
port.close();
for (const { port } of members.values()) port.close();`;

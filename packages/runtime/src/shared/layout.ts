/**
 * The shared region: one WebAssembly.Memory that every thread of the process maps. Addresses are bytes. Read by the protocol
 * (packages/runtime/wasm, AssemblyScript) and by TypeScript alike, so that there is one layout.
 *
 *     0         globals: each word that several threads write stands on a line of its own
 *     P_BASE    P blocks: the right to run, and its queue of parallel goroutines that have not started
 *     M_BASE    M blocks: a thread, where it is woken, what it is told
 *     ARENA     units of 64 bytes: records, shared objects, buffers, encoded values; free lists by power of two
 *
 * Who writes what: `_LOCK` words guard what is said to be under them; everything else is atomic.
 */

// ---- globals
/** Guards the idle lists, the wanting list, the global queue, ownership of Ps. */
export const G_LOCK = 64;
/** gomaxprocs. Ps from here on are given up by who owns them. */
export const G_NPROCS = 128;
/** M numbers handed out so far. */
export const G_NMS = 132;
/** 1: nothing of the program runs any more. */
export const G_STOP = 136;
/** Threads that are about to say why the process ends. */
export const G_DYING = 140;
/** Idle Ps and Ms: counts that may be read without the lock. */
export const G_NPIDLE = 192;
export const G_NMIDLE = 196;
/** Heads of the idle lists, number + 1, linked through P_LINK and M_LINK. */
export const G_PIDLE = 200;
export const G_MIDLE = 204;
/** Ms that look for work of others. */
export const G_SPINNING = 256;
/** Ms that have runnable goroutines and no P: a FIFO through M_WANT_NEXT, and its length. */
export const G_WANT = 320;
export const G_WANT_HEAD = 324;
export const G_WANT_TAIL = 328;
/** The global queue: records through R_NEXT. */
export const G_QUEUE = 384;
export const G_QUEUE_HEAD = 388;
export const G_QUEUE_TAIL = 392;
/** Ms that run, or hold something of the event loop. At 0 nothing can happen any more. */
export const G_BUSY = 448;
/** 1: main has been asked to start a thread; 2: one is on its way. */
export const G_NEED_M = 512;
/** Next goroutine id, in the units of NUMBERS a thread takes at once. */
export const G_IDS = 576;
/** All shared objects, linked through O_NEXT and O_PREV, and what guards the list. */
export const G_OBJECTS_LOCK = 580;
export const G_OBJECTS = 584;
/** Counted up when somebody wants the goroutines of all threads in words: dumps.ts. */
export const G_DUMP = 588;
/** Threads for blocking calls that have none: number + 1, linked through M_LINK. Under G_LOCK. */
export const G_BLOCKING = 592;
/** Ms that cannot run parallel goroutines for now: in a system call, or locked by a goroutine. */
export const G_AWAY = 596;
/** 1: something has come for a thread that is gone. */
export const G_ORPHANS = 600;
/** SharedArrayBuffers that have crossed so far; counted up when somebody asks for one: memories.ts. */
export const G_MEMORIES = 604;
export const G_WANTED = 608;
/** Counted up when somebody wants the numbers of all threads: counts.ts. */
export const G_COUNT = 612;
/** Parcels sent so far; whether their depot is there; counted up when it has news, or somebody has some for it: depot.ts. */
export const G_PARCELS = 616;
export const G_DEPOT = 620;
export const G_DEPOT_NEWS = 624;
/** The arena: first unit never used, units there are, and the heads of the free lists (64 bits: tag, block); that of class 0 has batches. */
export const G_ARENA_NEXT = 640;
export const G_ARENA_END = 644;
export const G_FREE = 704;

// ---- Ps
export const P_BASE = 4096;
export const P_SIZE = 2048;
export const P_MAX = 256;
/** Positions in the ring only grow and are masked. */
export const P_HEAD = 0;
export const P_TAIL = 64;
export const P_NEXT = 128;
/** Owner, M number + 1; 0 when idle or not there. */
export const P_OWNER = 192;
export const P_LINK = 196;
export const P_RING = 1024;
/** Slots of a ring. The model checker runs with 4. */
export const RING = 256;

// ---- Ms
export const M_BASE = 528_384; // P_BASE + P_MAX * P_SIZE
export const M_SIZE = 512;
export const M_MAX = 10_000;
/** What the thread sleeps on: RUNNING … LOOP below. */
export const M_PARK = 0;
/** Counted up to wake the thread's event loop. */
export const M_LOOP = 4;
/** Records for this thread, newest first. */
export const M_INBOX = 64;
/** The P it owns, and one that was handed to it while it slept; number + 1. */
export const M_P = 128;
export const M_HANDED = 132;
export const M_LINK = 136;
/** 1 while in the idle list, in the wanting list. */
export const M_IS_IDLE = 140;
export const M_WANTS = 144;
export const M_WANT_NEXT = 148;
/** SPINS while it looks for work of others; COMES when it was woken to do so, and what its event loop has brought comes first. */
export const M_SPINS = 152;
/** UP … ENDED below. */
export const M_STATE = 156;
/** The lock it holds, or waits for; 0 when there is none. */
export const M_HELD = 160;
/** Parallel goroutines that run on it: records, linked through T_NEXT and T_PREV. */
export const M_TASKS = 164;
/** Its goroutines in words, and the request they answer: dumps.ts. */
export const M_DUMP = 168;
export const M_DUMPED = 172;
/** What `process.exit` on it was given, + 1. */
export const M_EXIT = 176;
/** 1: it runs blocking calls, and nothing else. */
export const M_BLOCKING = 180;
/** > 0 while it is counted in G_AWAY. */
export const M_AWAY = 184;
/** Messages main has posted to visitors on the thread. */
export const M_POSTED = 188;
/** The poll word and its neighbours: scheduler/sysmon.ts. Sixteen words. */
export const M_U = 192;
/** Its word 0: a poll is asked for. More than any depth that a recursive function counts (word 12), which compares the two. */
export const POLL = 0x7fff_ffff;
/** Counted for stats(), by the thread alone: goroutines alive (when it last went to sleep or looked at the clock), steals, hand-offs. */
export const M_ALIVE = 256;
export const M_STEALS = 260;
export const M_HANDOFFS = 264;
/** Its numbers in words, and the request they answer: counts.ts. */
export const M_COUNT = 268;
export const M_COUNTED = 272;
/** Goroutines that may run and wait on it, as it last said: who has more takes no new one. */
export const M_LOAD = 276;
/** What it has taken from its inbox and not heard yet, the newest first: waits.ts. */
export const M_HEARING = 280;
/** Units that are its own to take: a list and how many these are, and a batch, or 0: arena.ts. */
export const M_FREE = 284;
export const M_FREES = 288;
export const M_BATCH = 292;
/** Parallel goroutines that have begun on it and not ended. */
export const M_BEGUN = 296;
/** > 0 while it loads what parallel goroutines run. */
export const M_LOADS = 300;
/** 1: another thread has something for it that is in no inbox (a dump is wanted, a P is). It looks at this before it sleeps. */
export const M_TOLD = 304;

// Values of M_PARK.
export const RUNNING = 0;
/** Asleep with nothing pending: not counted in G_BUSY. */
export const DEEP = 1;
/** Somebody woke it. Only the thread itself takes this back. */
export const NOTIFIED = 2;
/** In its event loop. */
export const LOOP = 3;
/** In a futex for a moment, its event loop unlooked at: never main. */
export const DOZE = 5;
/** The thread has ended. What is put in its inbox from here on is main's to recover: G_ORPHANS. */
export const GONE = 4;

// Values of M_SPINS. Who comes is not counted in G_SPINNING.
export const SPINS = 1;
export const COMES = 2;

// Values of M_STATE.
/** It runs the runtime. */
export const UP = 1;
/** It has ended, and what it held is recovered. */
export const DEAD = 2;
/** It has been asked to end between two goroutines, or at a poll. */
export const ASKED = 3;
/** It has ended because a goroutine that was locked to it did. */
export const RETIRED = 4;

// ---- the arena
export const ARENA = 5_648_384; // M_BASE + M_MAX * M_SIZE
/** Bytes of a unit; class k has blocks of UNIT << k. The largest, of 512 MiB, still fits the region. */
export const UNIT = 64;
export const CLASSES = 24;

/** Units of a batch, linked through word 0; batches through word 4 of their first. */
export const BATCH = 32;
export const B_NEXT = 4;

// ---- records: one unit. A parallel goroutine that has not started, a wait, a message.
export const R_NEXT = 0;
export const R_KIND = 4;
/** The thread it belongs to, and the slot of what it is about there. */
export const R_M = 8;
export const R_SLOT = 12;
/** A wait: the shared object, its neighbours in the queue, whether it is in one. */
export const R_OBJECT = 16;
export const R_QNEXT = 20;
export const R_QPREV = 24;
/** Out of the queue again, R_QPREV says whether a value has come for it, or its own is still its own; else it is 0. */
export const CAME = -1;
export const BACK = -2;
export const R_QUEUED = 28;
/** A wait of a select: the select's first record, whose R_FIRED says whether a case has fired. */
export const R_SELECT = 32;
export const R_FIRED = 36;
/** 1: a value; 0: the object was closed. */
export const R_OK = 40;
export const R_INDEX = 44;
/** The value: a cell (codec.ts). */
export const R_CELL = 48;

// The same words of a parallel goroutine.
export const T_FUNCTION = 16;
export const T_COUNT = 20;
/** A wait group's object, 0, or ENDS: whoever has the handle wants to know its end, not its result. */
export const T_GROUP = 24;
export const ENDS = -1;
export const T_ARGUMENTS = 28;
export const T_ID = 32;
/** The creator's id, 32 bits of it, and where it was created: an interned text, or 0. */
export const T_PARENT = 40;
export const T_SITE = 44;
/** While it runs, in the place of what its arguments took: its neighbours on its thread. */
export const T_PREV = 20;
export const T_NEXT = 28;

// Values of R_KIND.
export const TASK = 1;
export const WAIT = 2;
export const DONE = 3;
export const FATAL = 4;
/** A parallel goroutine for a thread that runs blocking calls; a request for such a thread. */
export const CALL = 5;
/** What a thread has set process.exitCode to. */
export const STATUS = 6;
/** A value that waits in a channel for whoever receives it; nobody waits for that. It is main's. */
export const RETURNED = 7;

// ---- shared objects: two units
export const O_LOCK = 0;
export const O_KIND = 4;
export const O_CLOSED = 8;
export const O_CAP = 12;
/** Values in the buffer; of a wait group, its counter. */
export const O_COUNT = 16;
export const O_HEAD = 20;
/** The buffer: address, cells it has room for. */
export const O_BUFFER = 24;
export const O_ROOM = 28;
export const O_RECV_FIRST = 32;
export const O_RECV_LAST = 36;
export const O_SEND_FIRST = 40;
export const O_SEND_LAST = 44;
/** Handles of threads and of values under way. */
export const O_REFS = 48;
/** A cell with the error of a source that failed, or 0. */
export const O_FAILURE = 52;
/** A whole number: 64 bits. */
export const O_VALUE = 56;
/** Its neighbours among all objects. */
export const O_NEXT = 64;
export const O_PREV = 68;
/**
 * Units held by a thread, M number + 1 and how many; further threads in records, linked through H_NEXT. Of a wait group, goroutines it has started
 * there; of a Once, who is at it; of a context, where it came from; of a channel, in the second word 1: it is a timer's.
 */
export const O_HOLDER = 72;
export const O_HELD = 76;
export const O_HOLDERS = 80;

// ---- who holds units of an object: a record
export const H_NEXT = 0;
export const H_M = 4;
export const H_UNITS = 8;

// Kinds of objects: O_KIND.
export const CHANNEL = 1;
export const WAITGROUP = 2;
export const CONTEXT = 3;
export const MUTEX = 4;
export const SEMAPHORE = 5;
export const ATOMIC = 6;
export const RWMUTEX = 7;
export const COND = 8;
export const ONCE = 9;
export const MEMORY = 10;

/** Bytes of a cell. */
export const CELL = 16;
/** The tag of a cell whose value is in a block of the arena: its address and class are in the third and fourth word. */
export const CELL_BLOCK = 8;

// What an operation on a shared object came to.
export const QUEUED = 0;
export const OK = 1;
export const CLOSED = 2;
export const FULL = 3;
export const NO_ROOM = 4;

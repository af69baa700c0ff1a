/** The costs Go's goroutines and its scheduler are known by, ours beside Go's: `npm run bench -- --table`. */
import { better, goMedians, of, type Series } from "./series.ts";
import { short, table } from "./table.ts";

/** What it costs, in words; the case, its file in cases/, and the metric. */
const costs: [words: string, name: string, file: string, metric: string][] = [
  ["create a goroutine, and let it end", "spawn_batch", "spawn", "create+exit"],
  ["create one and wait for it", "spawn_join", "spawn", "create+join"],
  ["switch between two", "gosched_2", "switch", "switch"],
  ["switch among ten thousand", "gosched_10000", "switch", "switch"],
  ["hand over through a channel, there and back", "pingpong", "switch", "roundtrip"],
  ["an element through a buffered channel", "buffered128_1p1c", "channels", "send+recv"],
  ["memory of one that waits, of 100 000", "parked_1e5", "memory", "RSS/goroutine"],
  ["… a hundred frames deep, of 10 000", "stack_100_parked", "stack", "RSS/goroutine"],
  ["a stack a million frames deep", "stack_1e6", "stack", "stack"],
  ["… down and up again", "stack_1e6", "stack", "down+up"],
  ["a million goroutines: create, until all wait", "parked_1e6", "memory", "create+park-all"],
  ["… memory of each", "parked_1e6", "memory", "RSS/goroutine"],
  ["… wake all", "parked_1e6", "memory", "wake-all(close)"],
  ["queue of a thread: put and take a goroutine", "runq", "queues", "local"],
  ["queue of a P: put and take a parallel one that has not started", "runq", "queues", "local-parallel"],
  ["global queue of a thread: put and take", "runq", "queues", "global"],
  ["global queue of all: put and take", "runq", "queues", "global-parallel"],
  ["steal one from another P's queue", "runq", "queues", "steal"],
  ["look for events: the event loop's turn, with nothing to come", "netpoll", "queues", "turn"],
  ["a system call, one thread", "syscall", "threads", "alone"],
  ["… that gives the P up and takes it back", "syscall", "threads", "with-threads"],
  ["… until another thread runs with the P", "syscall_handoff", "threads", "handed-on-p50"],
  ["create a parallel goroutine and wait for it", "parallel_roundtrip", "threads", "go+join"],
  ["… that must run on another thread", "parallel_across", "threads", "go+join"],
  ["… by a blocking call", "parallel_across", "threads", "blocking"],
  ["a value there and back: main and another thread", "pingpong_threads", "pingpong", "roundtrip-spinning"],
  ["… after a pause", "pingpong_threads", "pingpong", "roundtrip-parked"],
  ["… between two others", "pingpong_workers", "pingpong", "roundtrip-spinning"],
  ["… after a pause", "pingpong_workers", "pingpong", "roundtrip-parked"],
  ["memory of a thread of Node's, empty", "thread_memory", "idle", "bare"],
  ["… of ours, without work", "thread_memory", "idle", "each-of-4"],
  ["an idle program with threads: processor time", "idle_cpu", "idle", "one-thread"],
];

/** The cases to run, by name, with the file of each. */
export function cases(): Map<string, string> {
  return new Map(costs.map(([, name, file]) => [name, file]));
}

export function costTable(all: Map<string, Series>): string {
  const rows = costs.map(([words, name, , metric]) => {
    const series = all.get(name)!;
    const mine = of(series.ours, metric);
    if (mine === undefined) return [words, "failed", "-", "-", "-"];
    const go = better(goMedians(series, metric));
    const known = Number.isFinite(go);
    return [words, mine.unit, short(mine.value), known ? short(go) : "-", known ? (mine.value / go).toFixed(2) : "-"];
  });
  return table([["what it costs", "", "Gort", "Go", "ratio"], ...rows]);
}

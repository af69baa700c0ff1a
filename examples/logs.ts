/**
 * A log analyser on all cores: how often each path was asked for, how many failed, how long they took. The file is read in pieces, so memory
 * stays small whatever its size; each piece is counted by a goroutine of its own, on whatever thread is free, a few at a time.
 *
 *     generate ──► file ──► pieces, cut at line ends ──► up to AHEAD counters at once, on any thread ──► merge
 *
 * Usage: npx gort run examples/logs.ts [MEGABYTES]     1 if left out; try 200
 */
import { go, parallel, type Goroutine } from "gort";
import { mkdtemp, open, rm } from "gort/fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MB = 1 << 20;
const AHEAD = 4;
const PIECE = MB;

/** Lines of a server's log, the same for the same size. Returns how many. */
function generate(path: string, size: number): number {
  using file = open(path, "w");
  let [written, lines, seed] = [0, 0, 1];
  while (written < size) {
    let text = "";
    while (text.length < 64 * 1024) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      const path = ["/", "/login", "/cart", "/search", "/static/app.js"][seed % 5]!;
      const status = (seed >> 8) % 50 === 0 ? 500 : 200;
      text += `10.0.${(seed >> 4) & 255}.7 - - [01/Jan/2026:00:00:00] "GET ${path} HTTP/1.1" ${status} ${(seed >> 6) % 9000} ${(seed >> 12) % 300}ms\n`;
      lines++;
    }
    written += file.write(text);
  }
  return lines;
}

interface Count {
  requests: number;
  failures: number;
  ms: number;
}
type Counts = Map<string, Count>;

const LINE = /"[A-Z]+ (\S+) [^"]*" (\d+) \d+ (\d+)ms$/;

/** Counts a piece of whole lines. */
const count = parallel(({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Counts => {
  const counts: Counts = new Map();
  for (const line of Buffer.from(buffer, byteOffset, length).toString("latin1").split("\n")) {
    const m = LINE.exec(line);
    if (m === null) continue;
    const path = m[1]!;
    let c = counts.get(path);
    if (c === undefined) counts.set(path, (c = { requests: 0, failures: 0, ms: 0 }));
    c.requests++;
    if (m[2]! >= "500") c.failures++;
    c.ms += Number(m[3]);
  }
  return counts;
});

/** Sends the file in pieces that end where a line does. Several of them are read at once, so that no thread waits for the next. */
function split(path: string, send: (piece: Uint8Array<ArrayBuffer>) => void): void {
  using file = open(path);
  let rest = Buffer.alloc(0);
  for (;;) {
    const buf = Buffer.allocUnsafe(AHEAD * PIECE);
    const n = file.read(buf);
    if (n === 0) break;
    const text = Buffer.concat([rest, buf.subarray(0, n)]);
    let at = 0;
    for (let end; (end = text.lastIndexOf(10, at + PIECE - 1) + 1) > at; at = end) send(text.subarray(at, end));
    rest = text.subarray(at);
  }
  if (rest.length > 0) send(rest);
}

function analyse(path: string): Counts {
  const total: Counts = new Map();
  const add = (counts: Counts): void => {
    for (const [key, { requests, failures, ms }] of counts) {
      const t = total.get(key) ?? { requests: 0, failures: 0, ms: 0 };
      total.set(key, { requests: t.requests + requests, failures: t.failures + failures, ms: t.ms + ms });
    }
  };
  const running: Goroutine<Counts>[] = [];
  split(path, (piece) => {
    if (running.length === AHEAD) add(running.shift()!.join());
    running.push(go(count, piece));
  });
  for (const counter of running) add(counter.join());
  return total;
}

export function main(): void {
  const size = Number(process.argv[2] ?? 1) * MB;
  const folder = mkdtemp(join(tmpdir(), "gort-logs-"));
  try {
    const path = join(folder, "access.log");
    const lines = generate(path, size);
    const start = performance.now();
    const counts = analyse(path);
    const took = performance.now() - start;
    let all = 0;
    for (const [name, { requests, failures, ms }] of [...counts].sort()) {
      all += requests;
      console.log(`${name.padEnd(16)}${requests} requests, ${failures} failed, ${(ms / requests).toFixed(1)} ms`);
    }
    console.log(`${all} of ${lines} lines`);
    if (process.argv[2] === undefined) return;
    const memory = process.resourceUsage().maxRSS / 1024;
    console.log(`${Math.round(size / MB / (took / 1000))} MB a second, ${Math.round(memory)} MB of memory`);
  } finally {
    rm(folder, { recursive: true });
  }
}

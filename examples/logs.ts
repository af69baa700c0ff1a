/**
 * A log analyser: how often each path was asked for, how many failed, how long they took. The file is read in pieces, so memory stays small
 * whatever its size; what is slow is counted by several goroutines.
 *
 *     generate ──► file ──► pieces, cut at line ends ──► COUNTERS counters ──► merge
 *
 * Usage: npx gort run examples/logs.ts [MEGABYTES]     1 if left out; try 200
 */
import { chan, WaitGroup, type RecvChan } from "gort";
import { mkdtemp, open, rm } from "gort/fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MB = 1 << 20;
const COUNTERS = 4;
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

/** One counter: pieces of whole lines, until there are no more. */
function count(pieces: RecvChan<Buffer>): Counts {
  const counts: Counts = new Map();
  for (const piece of pieces) {
    for (const line of piece.toString("latin1").split("\n")) {
      const m = LINE.exec(line);
      if (m === null) continue;
      const path = m[1]!;
      let c = counts.get(path);
      if (c === undefined) counts.set(path, (c = { requests: 0, failures: 0, ms: 0 }));
      c.requests++;
      if (m[2]! >= "500") c.failures++;
      c.ms += Number(m[3]);
    }
  }
  return counts;
}

/** Sends the file in pieces that end where a line does. */
function split(path: string, send: (piece: Buffer) => void): void {
  using file = open(path);
  let rest = Buffer.alloc(0);
  for (;;) {
    const buf = Buffer.allocUnsafe(PIECE);
    const n = file.read(buf);
    if (n === 0) break;
    const piece = Buffer.concat([rest, buf.subarray(0, n)]);
    const end = piece.lastIndexOf(10) + 1;
    if (end > 0) send(piece.subarray(0, end));
    rest = piece.subarray(end);
  }
  if (rest.length > 0) send(rest);
}

function analyse(path: string): Counts {
  const pieces = chan<Buffer>(COUNTERS);
  const total: Counts = new Map();
  const wg = new WaitGroup();
  for (let i = 0; i < COUNTERS; i++) {
    wg.go(() => {
      for (const [key, { requests, failures, ms }] of count(pieces)) {
        const t = total.get(key) ?? { requests: 0, failures: 0, ms: 0 };
        total.set(key, { requests: t.requests + requests, failures: t.failures + failures, ms: t.ms + ms });
      }
    });
  }
  split(path, (piece) => pieces.send(piece));
  pieces.close();
  wg.wait();
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

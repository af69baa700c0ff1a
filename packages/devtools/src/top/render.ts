/** One screen of `gort top`: a snapshot, and what has happened since the one before, as lines. */
import type { TopGroup, TopSnapshot } from "./snapshot.ts";

export interface Screen {
  columns: number;
  rows: number;
  bold: (text: string) => string;
  dim: (text: string) => string;
}

const units = ["", "k", "M", "G"];

/** 12345 → 12.3k */
export function short(n: number): string {
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit === 0 || n >= 99.95 ? Math.round(n) : n.toFixed(1)}${units[unit]}`;
}

function bytes(n: number): string {
  return n < 1024 ** 3 ? `${(n / 1024 ** 2).toFixed(1)} MB` : `${(n / 1024 ** 3).toFixed(2)} GB`;
}

function duration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${s % 60}s`;
  return `${Math.floor(s / 3600)}h${Math.floor((s % 3600) / 60)}m`;
}

/** Cut to a width, with an ellipsis. */
export function fit(text: string, width: number): string {
  return text.length <= width ? text : width <= 1 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 1)}…`;
}

/** `name 3, name 2`, the most frequent first. */
function counts(of: Record<string, number>): string {
  const entries = Object.entries(of)
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1]);
  return entries.length === 0 ? "none" : entries.map(([name, n]) => `${name} ${short(n)}`).join(", ");
}

function groupLine({ count, state, stack, labels }: TopGroup): string {
  const shown =
    labels === null
      ? ""
      : ` {${Object.entries(labels)
          .map(([k, v]) => `${k}=${v}`)
          .join(", ")}}`;
  const where = stack.length === 0 ? "(in the runtime)" : stack.map(base).join(" < ");
  return `${short(count).padStart(7)}  ${(state === "" ? "ready" : state).padEnd(20)} ${where}${shown}`;
}

/** `name file:line`, the file without its folder. */
function base(frame: string): string {
  return frame.replace(/ .*\/([^/]+:\d+)$/, " $1");
}

/** @param before The last snapshot, for what is counted per second; null at first. */
export function renderTop(now: TopSnapshot, before: TopSnapshot | null, screen: Screen): string[] {
  const { stats } = now;
  const seconds = before === null ? now.uptime : now.uptime - before.uptime;
  const rate = (key: "created" | "switches" | "preemptions" | "slices" | "turns" | "steals" | "handoffs"): string => {
    const n = stats[key] - (before === null ? 0 : before.stats[key]);
    return `${short(seconds > 0 ? n / seconds : 0)}/s`;
  };
  const cpu = seconds > 0 ? ((now.cpu - (before?.cpu ?? 0)) / seconds) * 100 : 0;
  const local = stats.localQueues.join(" ");
  const queued = stats.globalQueue + stats.localQueues.reduce((a, b) => a + b, 0);
  const lines = [
    `${fit(`gort top  ${now.program}`, Math.max(8, screen.columns - 24))}  pid ${now.pid}  up ${duration(now.uptime)}`,
    `CPU ${cpu.toFixed(0)}%   RSS ${bytes(now.rss)}   heap ${bytes(now.heapUsed)}   stacks ${bytes(stats.stackBytes)}`,
    `Ps ${stats.gomaxprocs}   Ms ${now.threads}   runnable: global ${stats.globalQueue}, local [${local}]${queued === 0 ? " (idle)" : ""}   timers ${short(stats.timers)}`,
    `goroutines ${short(stats.goroutines)} (most ${short(stats.maxAlive)}, created ${short(stats.created)}): ${counts(stats.states)}`,
    `waiting for: ${counts(stats.reasons)}`,
    `a second: switches ${rate("switches")}   created ${rate("created")}   preemptions ${rate("preemptions")}   slices ${rate("slices")}   turns ${rate("turns")}   steals ${rate("steals")}   hand-offs ${rate("handoffs")}`,
    "",
    `${"COUNT".padStart(7)}  ${"WAITS FOR".padEnd(20)} WHERE`,
    ...now.groups.map((group) => groupLine(group)),
  ]
    .slice(0, Math.max(1, screen.rows - 1))
    .map((line) => fit(line, screen.columns));
  // Behind the cut, which does not know what is not seen.
  for (const i of [0, 7]) if (i < lines.length) lines[i] = screen.bold(lines[i] as string);
  if (lines.length > 5) lines[5] = (lines[5] as string).replace("a second:", screen.dim("a second:"));
  return lines;
}

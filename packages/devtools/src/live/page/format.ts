/** Numbers, bytes and times as people read them. */

const UNITS = ["", "k", "M", "G", "T"];

/** 12345 → "12.3k" */
export function short(n: number): string {
  let unit = 0;
  while (n >= 999.5 && unit < UNITS.length - 1) {
    n /= 1000;
    unit++;
  }
  const whole = unit === 0 ? n >= 9.95 || Number.isInteger(n) : n >= 99.95;
  return `${whole ? Math.round(n) : n.toFixed(1)}${UNITS[unit]}`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 ** 2) return `${(n / 1024).toFixed(0)} KB`;
  return n < 1024 ** 3 ? `${(n / 1024 ** 2).toFixed(1)} MB` : `${(n / 1024 ** 3).toFixed(2)} GB`;
}

/** Seconds: "3 m 20 s". */
export function duration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} m`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** A wait in ms: nothing where there is none. */
export function wait(ms: number): string {
  if (ms < 1) return "";
  return ms < 1000 ? `${Math.round(ms)} ms` : ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms / 1000);
}

/** "file:line:column" without its folder and column. */
export function place(at: string): string {
  return at.replace(/^.*[/\\]/, "").replace(/(:\d+):\d+$/, "$1");
}

import { go, Ticker } from "gort";
export function main(): void {
  go(() => { for (;;) {} });
  using t = new Ticker(1);
  const start = performance.now(); let last = start; const l: string[] = []; const end = last + 1500; const all: [number, number][] = [];
  for (const _ of t) { const now = performance.now(); all.push([now - last - 1, last - start]); last = now; if (now > end) break; }
  all.sort((a, b) => b[0] - a[0]);
  console.log("ticks", all.length, all.slice(0, 6).map((x) => x.map((y) => y.toFixed(1)).join("@")).join("  "));
}

/** The numbers at the top: what is now, and the last minute of it. */
import type { LiveState } from "../state.ts";
import { Chart, Series } from "./chart.ts";
import { byId, el, setAttribute, setText } from "./dom.ts";
import { bytes, short } from "./format.ts";

interface Tile {
  name: string;
  /** What it means, for who asks. */
  title: string;
  /** null: not known yet. */
  value(now: LiveState, before: LiveState | null): number | null;
  text(value: number, now: LiveState): string;
  note?(now: LiveState): string;
}

const rate =
  (of: (s: LiveState) => number) =>
  (now: LiveState, before: LiveState | null): number | null =>
    before === null || now.uptime <= before.uptime
      ? null
      : Math.max(0, of(now) - of(before)) / (now.uptime - before.uptime);

const perSecond = (n: number): string => `${short(n)}/s`;

const tiles: readonly Tile[] = [
  {
    name: "goroutines",
    title: "Goroutines alive on all threads",
    value: (s) => s.stats.goroutines,
    text: short,
    note: (s) => `most ${short(s.stats.maxAlive)}`,
  },
  {
    name: "created",
    title: "Goroutines created",
    value: rate((s) => s.stats.created),
    text: perSecond,
    note: (s) => `${short(s.stats.created)} in all`,
  },
  {
    name: "switches",
    title: "How often a goroutine was resumed",
    value: rate((s) => s.stats.switches),
    text: perSecond,
  },
  {
    name: "preemptions",
    title: "How often a goroutine was made to give way at the end of its slice",
    value: rate((s) => s.stats.preemptions),
    text: perSecond,
  },
  {
    name: "steals",
    title: "How often a thread has taken goroutines of another P",
    value: rate((s) => s.stats.steals),
    text: perSecond,
  },
  {
    name: "hand-offs",
    title: "How often a thread that blocks has handed its P on",
    value: rate((s) => s.stats.handoffs),
    text: perSecond,
  },
  {
    name: "processor",
    title: "Processor time of the process; 100 % is one core",
    value: rate((s) => s.cpu * 100),
    text: (n) => `${Math.round(n)} %`,
  },
  {
    name: "loop lag",
    title: "How long the main thread's event loop took to come round when it was asked",
    value: (s) => s.lag,
    text: (n) => `${n < 10 ? n.toFixed(1) : Math.round(n)} ms`,
  },
  {
    name: "global queue",
    title: "Goroutines in the global run queue",
    value: (s) => s.stats.globalQueue,
    text: short,
  },
  { name: "timers", title: "Timers of goroutines that are running", value: (s) => s.stats.timers, text: short },
  {
    name: "heap",
    title: "Heap of the main thread",
    value: (s) => s.heapUsed,
    text: bytes,
    note: (s) => `RSS ${bytes(s.rss)}`,
  },
  { name: "stacks", title: "Captured stacks of all goroutines", value: (s) => s.stats.stackBytes, text: bytes },
];

const STATES = ["running", "runnable", "syscall", "waiting"];

/** The states as parts of one bar. */
class StateBar {
  readonly element: HTMLElement = el("div", { class: "states" });
  readonly #bar: HTMLElement = el("div", { class: "bar", role: "img" });
  readonly #legend: HTMLElement = el("p");
  readonly #parts: Map<string, HTMLElement> = new Map();
  constructor() {
    this.element.append(this.#bar, this.#legend);
  }

  show(states: Readonly<Record<string, number>>, reasons: Readonly<Record<string, number>>): void {
    const names = [...new Set([...STATES, ...Object.keys(states)])];
    for (const name of names) {
      let part = this.#parts.get(name);
      if (part === undefined) {
        part = el("span", { class: `state-${STATES.includes(name) ? name : "other"}` });
        this.#parts.set(name, part);
        this.#bar.append(part);
      }
      part.style.flexGrow = String(states[name] ?? 0);
    }
    const by = (of: Readonly<Record<string, number>>): [string, number][] =>
      Object.entries(of)
        .filter(([, n]) => n > 0)
        .sort((a, b) => b[1] - a[1]);
    const text = by(states)
      .map(([name, n]) => `${short(n)} ${name}`)
      .join(", ");
    const why = by(reasons).slice(0, 8);
    const more = why.map(([name, n]) => `${short(n)} ${name}`).join(", ");
    setAttribute(this.#bar, "aria-label", text);
    setText(this.#legend, more === "" ? text : `${text} — ${more}`);
  }
}

export class Tiles {
  readonly #bar: StateBar = new StateBar();
  readonly #tiles: ((now: LiveState, before: LiveState | null) => void)[];
  constructor() {
    const parent = byId("tiles");
    this.#tiles = tiles.map((tile) => {
      const [series, chart] = [new Series(), new Chart()];
      const [value, note] = [el("strong", {}, "–"), el("small")];
      parent.append(
        el("div", { class: "tile", title: tile.title }, el("span", {}, tile.name), note, value, chart.element),
      );
      return (now, before) => {
        const n = tile.value(now, before);
        if (n !== null) {
          series.push(n);
          setText(value, tile.text(n, now));
          const most = series.values.reduce((a, b) => Math.max(a, b), 0);
          chart.show(series, `${tile.name}: ${tile.text(n, now)}, at most ${tile.text(most, now)} in the last minute`);
        }
        setText(note, tile.note?.(now) ?? "");
      };
    });
    parent.after(this.#bar.element);
  }

  show(now: LiveState, before: LiveState | null): void {
    for (const tile of this.#tiles) tile(now, before);
    this.#bar.show(now.stats.states, now.stats.reasons);
  }
}

/** Ps with their queues, and threads with what they do. */
import type { LiveProc, LiveState, LiveThread } from "../state.ts";
import { Chart, Series } from "./chart.ts";
import { byId, el, type Row, Rows, setAttribute, setText } from "./dom.ts";
import { short } from "./format.ts";

function head(parent: HTMLElement, names: readonly string[]): void {
  parent.append(
    el("div", { class: "head", role: "row" }, ...names.map((name) => el("span", { role: "columnheader" }, name))),
  );
}

/** A cell, with the name of its column for where there is no head. */
function cell(name: string, ...children: (Node | string)[]): HTMLElement {
  return el("span", { role: "cell", "data-name": name }, ...children);
}

const runsText = (t: LiveThread): string => {
  if (t.runs === null) return "";
  return `G${t.runs.id}${t.runs.name === "" ? "" : ` ${t.runs.name}`}`;
};

interface ProcNow extends LiveProc {
  thread: LiveThread | null;
  /** Slices a second of the thread that has it; null: not known. */
  slices: number | null;
}

function procRow(): Row<ProcNow> {
  const series = new Series();
  const chart = new Chart(4);
  const [name, status, runs, queue, ticks] = [0, 0, 0, 0, 0].map(() => el("span"));
  const element = el(
    "div",
    { class: "row", role: "row" },
    cell("P", name!),
    cell("status", status!),
    cell("runs", runs!),
    cell("queue", queue!, chart.element),
    cell("slices", ticks!),
  );
  return {
    element,
    update({ p, m, queue: n, timers, thread, slices }) {
      setText(name!, `P${p}`);
      setAttribute(element, "data-status", m < 0 ? "idle" : "running");
      setText(status!, m < 0 ? "idle" : `on M${m}`);
      setText(runs!, thread === null ? "" : runsText(thread));
      series.push(n);
      setText(queue!, short(n));
      const most = series.values.reduce((a, b) => Math.max(a, b), 0);
      chart.show(series, `queue of P${p}: ${n}, at most ${most} in the last minute`);
      setText(ticks!, slices === null ? "" : `${short(slices)}/s`);
      setAttribute(element, "title", timers > 0 ? `${timers} timers` : "");
    },
  };
}

interface ThreadNow {
  now: LiveThread;
  before: LiveThread | null;
  seconds: number;
}

const rate = ({ now, before, seconds }: ThreadNow, of: (t: LiveThread) => number): number | null =>
  before === null || seconds <= 0 || now.late !== null ? null : Math.max(0, of(now) - of(before)) / seconds;

function doingText({ doing, blocking, locked, late }: LiveThread): string {
  let text: string = blocking ? `blocking calls: ${doing}` : doing;
  if (locked !== 0) text += `, locked by G${locked}`;
  if (late !== null) text += late < 0 ? ", has not answered" : `, has not answered for ${Math.round(late / 1000)} s`;
  return text;
}

function threadRow(): Row<ThreadNow> {
  const [name, doing, runs, count, syscalls, steals, handoffs, cpuText] = [0, 0, 0, 0, 0, 0, 0, 0].map(() =>
    el("span"),
  );
  const meter = el("span", { class: "fill" });
  const element = el(
    "div",
    { class: "row", role: "row" },
    cell("M", name!),
    cell("does", doing!),
    cell("runs", runs!),
    cell("processor", el("span", { class: "meter" }, meter), cpuText!),
    cell("goroutines", count!),
    cell("syscalls", syscalls!),
    cell("steals", steals!),
    cell("hand-offs", handoffs!),
  );
  return {
    element,
    update(t) {
      const { now } = t;
      setText(name!, now.m === 0 ? "M0 main" : `M${now.m}`);
      setAttribute(element, "data-status", now.late !== null ? "late" : now.doing === "running" ? "running" : "idle");
      setText(doing!, doingText(now));
      setText(runs!, runsText(now));
      const cpu = now.cpu < 0 ? null : rate(t, (x) => x.cpu);
      // ms a second
      const percent = cpu === null ? 0 : Math.min(100, cpu / 10);
      meter.style.width = `${percent.toFixed(0)}%`;
      setText(cpuText!, cpu === null ? "" : `${percent.toFixed(0)} %`);
      setText(count!, short(now.goroutines));
      const calls = rate(t, (x) => x.syscalls);
      setText(syscalls!, calls === null ? "" : `${short(calls)}/s`);
      setText(steals!, short(now.steals));
      setText(handoffs!, short(now.handoffs));
    },
  };
}

export class SchedulerView {
  readonly #procs: Rows<ProcNow>;
  readonly #threads: Rows<ThreadNow>;
  constructor() {
    const [procs, threads] = [byId("procs"), byId("threads")];
    head(procs, ["P", "status", "runs or is next", "queue, last minute", "slices"]);
    head(threads, ["M", "does", "runs or is next", "processor", "goroutines", "syscalls", "steals", "hand-offs"]);
    this.#procs = new Rows(procs, ({ p }) => String(p), procRow);
    this.#threads = new Rows(threads, ({ now }) => String(now.m), threadRow);
  }

  show(now: LiveState, before: LiveState | null): void {
    const seconds = before === null ? 0 : now.uptime - before.uptime;
    const old = new Map(before?.threads.map((t) => [t.m, t]));
    const threads = now.threads.map((t): ThreadNow => ({ now: t, before: old.get(t.m) ?? null, seconds }));
    const byNumber = new Map(threads.map((t) => [t.now.m, t]));
    this.#threads.show(threads);
    this.#procs.show(
      now.procs.map((p) => {
        const thread = byNumber.get(p.m) ?? null;
        return { ...p, thread: thread?.now ?? null, slices: thread === null ? null : rate(thread, (t) => t.slices) };
      }),
    );
    const element = byId("notes");
    element.hidden = now.silent.length === 0;
    setText(element, now.silent.join("; "));
  }
}

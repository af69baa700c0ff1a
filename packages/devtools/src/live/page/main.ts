/**
 * The live page: asks the program for its state about once a second, and shows it. Asks nothing while it is paused or not seen, and less
 * often where an answer costs the program much.
 */
import type { LiveState } from "../state.ts";
import { byId, el, setAttribute, setText } from "./dom.ts";
import { duration } from "./format.ts";
import { GroupsView } from "./groups.ts";
import { LeaksView } from "./leaks.ts";
import { SchedulerView } from "./scheduler.ts";
import { Tiles } from "./tiles.ts";

/** ms from one question to the next. */
const EVERY = 1000;
/** What the page may take of the program's time: one part of so many. */
const SHARE = 50;
const LONGEST = 60_000;
/** After which it is said that there is no answer, ms. */
const PATIENCE = 5000;
const NO_ANSWER = "the program does not answer";

const token = new URLSearchParams(location.search).get("token");
const pprof = document.documentElement.dataset["pprof"] ?? "../pprof/";

function address(path: string, query: Readonly<Record<string, string>> = {}): string {
  const all = new URLSearchParams(query);
  if (token !== null) all.set("token", token);
  return all.size === 0 ? path : `${path}?${all}`;
}

const groups: GroupsView = new GroupsView(() => void askSoon());
const tiles = new Tiles();
const scheduler = new SchedulerView();
const leaks = new LeaksView(look);

const run = { paused: false, asking: false, again: false, timer: 0, before: null as LiveState | null, cost: 0 };

function status(kind: "live" | "paused" | "lost", text: string): void {
  setAttribute(byId("status"), "data-kind", kind);
  setText(byId("status-text"), text);
}

function show(now: LiveState): void {
  const { before } = run;
  // Another program at the same place: what was counted there does not count.
  const last = before !== null && before.pid === now.pid ? before : null;
  run.before = now;
  const name = now.program.replace(/^.*[/\\]/, "");
  document.title = `${name} · gort`;
  setText(
    byId("program"),
    `${name} · pid ${now.pid} · up ${duration(now.uptime)} · GOMAXPROCS ${now.stats.gomaxprocs}`,
  );
  setAttribute(byId("program"), "title", now.program);
  tiles.show(now, last);
  scheduler.show(now, last);
  groups.show(now);
  leaks.show(now);
  setText(
    byId("cost"),
    `This look has cost the program ${now.cost.toFixed(1)} ms. Nothing is collected while nobody looks.`,
  );
}

/** Schedules the next question, in `ms`. */
function next(ms: number): void {
  clearTimeout(run.timer);
  if (!run.paused && !document.hidden) run.timer = setTimeout(() => void ask(), ms);
}

async function ask(): Promise<void> {
  if (run.asking) {
    run.again = true;
    return;
  }
  run.asking = true;
  const start = performance.now();
  let wait = EVERY;
  // What is held by a native call, or a debugger, answers later.
  const silent = setTimeout(() => {
    if (!run.paused) status("lost", NO_ANSWER);
  }, PATIENCE);
  try {
    const answer = await fetch(address("state", { group: groups.opened, filter: groups.filter }), {
      cache: "no-store",
    });
    if (!answer.ok) throw new Error(`${answer.status}: ${(await answer.text()).trim()}`);
    const state = (await answer.json()) as LiveState;
    if (!run.paused) show(state);
    // All stands still but what has just been opened.
    else groups.showOpened(state.opened);
    // The first look costs more than those behind it.
    wait = Math.min(LONGEST, Math.max(EVERY, Math.min(state.cost, run.cost) * SHARE));
    run.cost = state.cost;
    if (!run.paused) status("live", wait > EVERY ? `live, every ${duration(wait / 1000)}` : "live");
  } catch (error) {
    const why = error instanceof Error && /^\d{3}: /.test(error.message) ? error.message : NO_ANSWER;
    if (!run.paused) status("lost", why);
  } finally {
    clearTimeout(silent);
    run.asking = false;
  }
  if (run.again) {
    run.again = false;
    void ask();
  } else next(Math.max(0, wait - (performance.now() - start)));
}

function askSoon(): void {
  clearTimeout(run.timer);
  void ask();
}

function pause(paused: boolean): void {
  run.paused = paused;
  const button = byId("pause");
  setAttribute(button, "aria-pressed", String(paused));
  setText(button, paused ? "Go on" : "Pause");
  if (!paused) return askSoon();
  clearTimeout(run.timer);
  status("paused", "paused");
}

async function look(): Promise<string> {
  try {
    const answer = await fetch(address("leaks"), { method: "POST" });
    if (!answer.ok) return `${answer.status}: ${(await answer.text()).trim()}`;
    const { found } = (await answer.json()) as { found: number };
    askSoon();
    return found === 0 ? "None found." : `${found} found.`;
  } catch {
    return "The program does not answer.";
  }
}

/** A dump and traces are downloads; profiles open as text. */
function links(): void {
  const link = (text: string, path: string, query: Record<string, string>, file: string = ""): HTMLElement => {
    const a = el("a", { href: address(`${pprof}${path}`, query) }, text);
    if (file !== "") a.download = file;
    return a;
  };
  byId("links").append(
    link("all profiles", "", {}),
    ...["goroutine", "heap", "allocs", "block", "mutex", "threadcreate"].map((name) =>
      link(name, name, { debug: "1" }),
    ),
    link("download a dump", "goroutine", { debug: "2" }, "goroutines.txt"),
    link("a trace of 5 s", "trace", { seconds: "5" }, "out.trace"),
    link("the same for Perfetto", "trace", { seconds: "5", format: "chrome" }, "trace.json"),
    link("a CPU profile of 10 s", "profile", { seconds: "10" }, "cpu.pb.gz"),
  );
}

links();
byId("pause").addEventListener("click", () => pause(!run.paused));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(run.timer);
  else if (!run.paused) askSoon();
});
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target instanceof HTMLElement && /^(?:INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
  if (key === "p") pause(!run.paused);
  else if (key === "/") {
    event.preventDefault();
    groups.focusFilter();
  }
});
void ask();

/** Goroutines by stack and state: the list, what is suspect in it, and the group that is open. */
import type { LiveFrame, LiveGroup, LiveMember, LiveOpened, LiveState } from "../state.ts";
import { Series } from "./chart.ts";
import { byId, el, type Row, Rows, setAttribute, setText } from "./dom.ts";
import { place, short, wait } from "./format.ts";

/** Grown by so many within the last minute. */
const GROWN = 10;

const labelText = (of: Readonly<Record<string, string>>): string =>
  Object.entries(of)
    .map(([k, v]) => `${k}=${v}`)
    .join(" ");

const frameText = ([name, at]: LiveFrame): string => (at === "" ? name : `${name} ${place(at)}`);

interface Item {
  group: LiveGroup;
  patience: number;
  growth: number;
  /** So many that stood there have been found lost. */
  leaked: number;
}

/** What a group is suspected of, in words; none: nothing. */
function marksOf({ group, patience, growth, leaked }: Item): { text: string; title: string }[] {
  const marks = [];
  if (group.forever)
    marks.push({ text: "waits for ever", title: "A nil channel, or a select without cases: nothing can wake it" });
  else if (group.blocks && group.wait >= patience * 1000)
    marks.push({ text: "long wait", title: "The longest has waited for more than was chosen" });
  if (growth >= GROWN && group.blocks)
    marks.push({ text: `growing +${short(growth)}`, title: "More than a minute ago, or when this page was opened" });
  if (leaked > 0)
    marks.push({ text: "leaked before", title: `${leaked} that waited here were found lost: look for leaks again` });
  return marks;
}

function members(list: readonly LiveMember[], count: number): HTMLElement {
  const rows = list.map((m) =>
    el(
      "tr",
      {},
      el("td", {}, `G${m.id}`),
      el("td", {}, m.name),
      el("td", {}, wait(m.wait)),
      el("td", {}, m.parent === 0 ? "" : `G${m.parent}`),
      el("td", {}, `M${m.m}`),
      el("td", {}, m.labels === null ? "" : labelText(m.labels)),
    ),
  );
  const names = ["goroutine", "name", "waits", "created by", "thread", "labels"];
  return el(
    "div",
    { class: "members" },
    el("h4", {}, list.length < count ? `Members: the ${list.length} that have waited longest of ${count}` : "Members"),
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Members" },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...names.map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, ...rows),
      ),
    ),
  );
}

/** A group in full. */
function detail(group: LiveGroup, list: readonly LiveMember[]): HTMLElement {
  const stack = group.stack.flatMap(([name, at]) => [
    el("li", {}, el("code", {}, name), at === "" ? null : el("span", { class: "at" }, at)),
  ]);
  const creators = group.creators.map(({ at: [name, at], count }) =>
    el(
      "li",
      {},
      `${short(count)} by `,
      el("code", {}, name === "" ? "(unknown)" : name),
      el("span", { class: "at" }, at),
    ),
  );
  return el(
    "div",
    { class: "detail", role: "cell" },
    el("div", {}, el("h4", {}, "Stack"), el("ol", { class: "stack" }, ...stack)),
    el("div", {}, el("h4", {}, "Created"), el("ul", { class: "stack" }, ...creators)),
    members(list, group.count),
  );
}

export class GroupsView {
  readonly #rows: Rows<Item>;
  readonly #filter: HTMLInputElement = byId("filter");
  readonly #sort: HTMLSelectElement = byId("sort");
  readonly #patience: HTMLInputElement = byId("patience");
  readonly #suspects: HTMLInputElement = byId("suspects");
  readonly #history: Map<string, Series> = new Map();
  readonly #ask: () => void;
  #state: LiveState | null = null;
  /** The key of the open group, or "". */
  opened: string = "";
  #openRow: HTMLElement | null = null;

  /** @param ask Called when something else is to be asked of the program. */
  constructor(ask: () => void) {
    this.#ask = ask;
    const table = byId("groups");
    const names = ["count", "state", "where", "longest wait", "created by", "labels"];
    table.append(
      el("div", { class: "head", role: "row" }, ...names.map((name) => el("span", { role: "columnheader" }, name))),
    );
    this.#rows = new Rows(
      table,
      ({ group }) => group.key,
      ({ group }) => this.#row(group.key),
    );
    for (const input of [this.#sort, this.#patience, this.#suspects])
      input.addEventListener("input", () => this.#render());
    this.#filter.addEventListener("input", () => {
      this.#render();
      this.#ask();
    });
  }

  get filter(): string {
    return this.#filter.value.trim();
  }

  focusFilter(): void {
    this.#filter.focus();
  }

  #row(key: string): Row<Item> {
    const [count, state, where, callers, marks, longest, creator, labels] = Array.from({ length: 8 }, () => el("span"));
    for (const [element, name] of [
      [state, "badge"],
      [callers, "callers"],
      [marks, "marks"],
    ] as const)
      element!.className = name;
    const button = el("button", { type: "button", class: "open", "aria-expanded": "false" }, where!);
    const cell = (name: string, ...children: Node[]): HTMLElement =>
      el("span", { role: "cell", "data-name": name }, ...children);
    const element = el(
      "div",
      { class: "row", role: "row" },
      cell("count", count!),
      cell("state", state!),
      cell("where", button, marks!, callers!),
      cell("longest wait", longest!),
      cell("created by", creator!),
      cell("labels", labels!),
    );
    element.addEventListener("click", (event) => {
      // Not where somebody reads in the open part, or has selected something.
      if ((event.target as Element).closest(".detail") === null && !hasSelection(element)) this.#toggle(key);
    });
    return {
      element,
      update: (item) => {
        const { group } = item;
        setText(count!, short(group.count));
        setText(state!, group.state);
        setAttribute(state!, "data-kind", kindOf(group));
        const [top, ...rest] = group.stack;
        setText(where!, top === undefined ? "(in the runtime)" : frameText(top));
        setAttribute(button, "title", top?.[1] ?? "");
        setText(callers!, rest.slice(0, 4).map(frameText).join(" ‹ "));
        setText(longest!, wait(group.wait));
        const [by] = group.creators;
        const other = group.creators.length > 1 ? ` and ${group.creators.length - 1} more` : "";
        setText(creator!, by === undefined || by.at[0] === "" ? "" : `${frameText(by.at)}${other}`);
        const few = group.labels.slice(0, 3).map(({ of, count }) => labelText(of) + (count > 1 ? ` ×${count}` : ""));
        if (group.labels.length > 3) few.push("…");
        setText(labels!, few.join(", "));
        const found = marksOf(item);
        setAttribute(element, "data-suspect", String(found.length > 0));
        if (marks!.textContent !== found.map((m) => m.text).join(""))
          marks!.replaceChildren(...found.map(({ text, title }) => el("span", { class: "mark", title }, text)));
        setAttribute(button, "aria-expanded", String(this.opened === key));
        this.#showDetail(key, element);
      },
    };
  }

  #toggle(key: string): void {
    this.#openRow?.querySelector(".detail")?.remove();
    this.#openRow = null;
    this.opened = this.opened === key ? "" : key;
    this.#render();
    if (this.opened !== "") this.#ask();
  }

  #showDetail(key: string, element: HTMLElement): void {
    if (this.opened !== key) return;
    const opened = this.#state?.opened;
    // Until the answer is there, what the list knows.
    const group = opened?.group.key === key ? opened.group : this.#state?.groups.find((g) => g.key === key);
    if (group === undefined) return;
    const old = element.querySelector(".detail");
    const next = detail(group, opened?.group.key === key ? opened.members : []);
    if (old === null) element.append(next);
    // Where somebody selects, it stays.
    else if (!hasSelection(old)) {
      const scrolled = old.querySelector(".scroll");
      const at = scrolled?.scrollTop ?? 0;
      const focused = scrolled !== null && scrolled === document.activeElement;
      old.replaceWith(next);
      const fresh = next.querySelector<HTMLElement>(".scroll");
      if (fresh !== null) {
        fresh.scrollTop = at;
        if (focused) fresh.focus({ preventScroll: true });
      }
    }
    this.#openRow = element;
  }

  show(state: LiveState): void {
    this.#state = state;
    for (const group of state.groups) {
      let series = this.#history.get(group.key);
      if (series === undefined) this.#history.set(group.key, (series = new Series()));
      series.push(group.count);
    }
    if (this.#history.size > 5000) this.#history.clear();
    this.#render();
  }

  /** The open group alone. */
  showOpened(opened: LiveOpened | null): void {
    if (this.#state === null || opened === null) return;
    this.#state = { ...this.#state, opened };
    this.#render();
  }

  #render(): void {
    const state = this.#state;
    if (state === null) return;
    const patience = Number(this.#patience.value) > 0 ? Number(this.#patience.value) : 60;
    const words = this.filter.toLowerCase().split(/\s+/).filter(Boolean);
    const leaks = new Map<string, number>();
    for (const { state: why, stack, count } of state.leaks) {
      const at = [why, ...stack].join("\n");
      leaks.set(at, (leaks.get(at) ?? 0) + count);
    }
    const all = state.groups.map((group): Item => {
      const at = [group.state, ...group.stack.map(([name, at]) => (at === "" ? name : `${name} (${at})`))].join("\n");
      return { group, patience, growth: this.#history.get(group.key)?.growth ?? 0, leaked: leaks.get(at) ?? 0 };
    });
    const suspects = all.filter((item) => marksOf(item).length > 0);
    const items = (this.#suspects.checked ? suspects : all).filter(({ group }) => matches(group, words));
    const byWait = this.#sort.value === "wait";
    // Those that are even stand still.
    items.sort(
      ({ group: a }, { group: b }) =>
        (byWait ? b.wait - a.wait : 0) || b.count - a.count || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
    );
    this.#rows.show(items);
    setText(byId("suspect-count"), suspects.length > 0 ? `(${suspects.length})` : "");
    const shown = items.reduce((n, { group }) => n + group.count, 0);
    const left = state.matching > state.groups.length ? `, ${state.matching - state.groups.length} groups more` : "";
    const unstarted = state.unstarted > 0 ? `, and ${short(state.unstarted)} in the queues that have not started` : "";
    setText(byId("shown"), `${short(shown)} in ${items.length} of ${state.total} groups${left}${unstarted}`);
    const none = byId("none");
    none.hidden = items.length > 0;
    setText(
      none,
      this.#suspects.checked ? "Nothing is suspect." : words.length > 0 ? "Nothing matches." : "There are none.",
    );
  }
}

function kindOf({ state, blocks }: LiveGroup): string {
  if (state === "running" || state === "runnable") return state;
  return blocks ? "blocks" : "waits";
}

/** As the program filters (collect.ts): for what is shown already, and while it is paused. */
function matches(group: LiveGroup, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const places = [...group.stack, ...group.creators.map((c) => c.at)].map((at) => at.join(" "));
  const text = [group.state, ...places, ...group.labels.map((l) => labelText(l.of))].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

function hasSelection(element: Element): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode);
}

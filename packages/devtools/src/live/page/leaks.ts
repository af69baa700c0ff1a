/** What looks for leaks have found, and the button that looks. */
import type { LiveLeak, LiveState } from "../state.ts";
import { byId, el, type Row, Rows, setText } from "./dom.ts";
import { duration, short } from "./format.ts";

function leakRow(leak: LiveLeak): Row<LiveLeak> {
  const [title, ids] = [el("strong"), el("span", { class: "at" })];
  const frames = leak.stack.map((frame) => el("li", {}, el("code", {}, frame)));
  const labels =
    leak.labels === null
      ? ""
      : Object.entries(leak.labels)
          .map(([k, v]) => `${k}=${v}`)
          .join(" ");
  const element = el(
    "li",
    { class: "row leak" },
    title,
    ids,
    el("ol", { class: "stack" }, ...frames),
    leak.createdBy === "" ? null : el("p", { class: "at" }, `created by ${leak.createdBy}`),
    labels === "" ? null : el("p", { class: "at" }, labels),
  );
  return {
    element,
    update({ count, state, found, ids: numbers }) {
      setText(title, `${short(count)} lost in ${state}`);
      const more = count > 5 ? ", …" : "";
      setText(ids, ` G${numbers.slice(0, 5).join(", G")}${more} — found ${duration(found)} after the start`);
    },
  };
}

export class LeaksView {
  readonly #rows: Rows<LiveLeak>;
  constructor(look: () => Promise<string>) {
    this.#rows = new Rows(byId("leaks"), (l) => JSON.stringify([l.state, l.stack, l.createdBy, l.labels]), leakRow);
    const button = byId<HTMLButtonElement>("look");
    button.addEventListener("click", async () => {
      button.disabled = true;
      setText(byId("looked"), "looking …");
      try {
        setText(byId("looked"), await look());
      } finally {
        button.disabled = false;
      }
    });
  }

  show({ leaks }: LiveState): void {
    this.#rows.show(leaks);
    const count = leaks.reduce((n, l) => n + l.count, 0);
    setText(byId("leaks-count"), count > 0 ? `${short(count)} found so far` : "");
  }
}

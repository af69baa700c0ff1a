/** The last minute of a number, as a small area. */
import { setAttribute, svg } from "./dom.ts";

/** Points kept: one a second. */
const POINTS = 60;
const [WIDTH, HEIGHT] = [120, 24];

export class Series {
  readonly values: number[] = [];
  push(value: number): void {
    this.values.push(value);
    if (this.values.length > POINTS) this.values.shift();
  }

  get last(): number {
    return this.values.at(-1) ?? 0;
  }

  /** How much more than a minute ago, or when the page was opened. */
  get growth(): number {
    return this.last - (this.values[0] ?? 0);
  }
}

export class Chart {
  readonly element: SVGSVGElement;
  readonly #area: SVGPathElement = svg("path", { class: "area" });
  readonly #line: SVGPathElement = svg("path", { class: "line", "vector-effect": "non-scaling-stroke" });
  readonly #title: SVGTitleElement = svg("title");
  readonly #least: number;

  /** @param least The scale ends there, or at the greatest value where that is more. */
  constructor(least: number = 1) {
    this.#least = least;
    this.element = svg(
      "svg",
      { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
      this.#title,
      this.#area,
      this.#line,
    );
  }

  /** @param title What it says in words. */
  show({ values }: Series, title: string): void {
    const most = Math.max(this.#least, ...values);
    const step = WIDTH / (POINTS - 1);
    const first = WIDTH - (values.length - 1) * step;
    const points = values.map((value, i) => {
      const y = HEIGHT - 1 - (value / most) * (HEIGHT - 3);
      return `${(first + i * step).toFixed(1)} ${y.toFixed(1)}`;
    });
    const line = points.length === 0 ? "" : `M${points.join("L")}`;
    setAttribute(this.#line, "d", line);
    setAttribute(this.#area, "d", line === "" ? "" : `${line}L${WIDTH} ${HEIGHT}L${first.toFixed(1)} ${HEIGHT}Z`);
    if (this.#title.textContent !== title) this.#title.textContent = title;
  }
}

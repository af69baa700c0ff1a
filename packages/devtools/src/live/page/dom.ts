/**
 * Elements. Whatever comes from the program becomes text of a node, or the value of an attribute that is no address and no script: nothing
 * is ever parsed as HTML.
 */

type Child = Node | string | null;
type Attributes = Readonly<Record<string, string | number | boolean>>;

function put(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  for (const child of children) if (child !== null) element.append(child);
}

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  put(element, attributes, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  put(element, attributes, children);
  return element;
}

export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Sets the text where it is another one: what somebody has selected stays selected. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** One row of a list, and how it is brought up to date. */
export interface Row<T> {
  element: HTMLElement;
  update(item: T): void;
}

/** A list whose rows stay the same elements: focus, selection and what is open survive. */
export class Rows<T> {
  readonly #parent: HTMLElement;
  readonly #key: (item: T) => string;
  readonly #create: (item: T) => Row<T>;
  readonly #rows: Map<string, Row<T>> = new Map();
  constructor(parent: HTMLElement, key: (item: T) => string, create: (item: T) => Row<T>) {
    this.#parent = parent;
    this.#key = key;
    this.#create = create;
  }

  show(items: readonly T[]): void {
    const wanted = new Set(items.map(this.#key));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    // Behind the last child that is no row: a head.
    let place: Element | null = this.#parent.querySelector(":scope > .row");
    for (const item of items) {
      const key = this.#key(item);
      let row = this.#rows.get(key);
      if (row === undefined) this.#rows.set(key, (row = this.#create(item)));
      row.update(item);
      if (row.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(row.element, place);
    }
  }
}

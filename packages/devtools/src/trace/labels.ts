/**
 * Labels and names of goroutines in an execution trace: the text that a run of one that has some is shown under. Each text is written
 * where it is first needed and not kept, because a label may be the number of a request: there is no end of them.
 */
import type { G } from "../inspect.ts";
import { labelText } from "../pprof/text.ts";

type Extra = NonNullable<G["ext"]>;

/** What has been written for a goroutine. */
interface Written {
  name: string;
  labels: Extra["labels"];
  id: number;
}

export class RunLabels {
  readonly #write: (id: number, text: string) => void;
  readonly #written: WeakMap<Extra, Written> = new WeakMap();
  /** The last number given. */
  #id: number;

  /** `write` puts a string into the trace; numbers are given from `base` on. */
  constructor(base: number, write: (id: number, text: string) => void) {
    this.#id = base;
    this.#write = write;
  }

  /** The number of the text for a run of `g`; 0: it has neither labels nor a name. */
  of(g: G): number {
    const { ext } = g;
    if (ext === null || (ext.labels === null && ext.name === "")) return 0;
    const { name, labels } = ext;
    let known = this.#written.get(ext);
    if (known === undefined) this.#written.set(ext, (known = { name: "", labels: null, id: 0 }));
    if (known.id === 0 || known.labels !== labels || known.name !== name) {
      known.name = name;
      known.labels = labels;
      known.id = ++this.#id;
      const parts = [`G${g.id}`, name, labels === null ? "" : labelText(labels)];
      this.#write(known.id, parts.filter((part) => part !== "").join(" "));
    }
    return known.id;
  }
}

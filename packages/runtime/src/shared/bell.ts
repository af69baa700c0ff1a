/** What calls a thread that sleeps in its event loop (its word M_LOOP), and keeps an event loop open that would run empty. */
import { M_LOOP, M_PARK, NOTIFIED, RUNNING } from "./layout.ts";
import { X } from "./region.ts";

/** The thread's loop: entered soon, or now. */
interface Entry {
  again(): void;
  enter(): void;
}

export class Bell {
  readonly #loop: Entry;
  /** A wait for M_LOOP is under way. */
  #armed: boolean = false;
  /** Keeps main's event loop open while others run. */
  #open: NodeJS.Timeout | null = null;

  constructor(loop: Entry) {
    this.#loop = loop;
  }

  /** M_LOOP was `seen` as the thread fell asleep: enters the loop once it is another. */
  arm(seen: number): void {
    if (this.#armed) return;
    const wait = Atomics.waitAsync(X.I, X.at + (M_LOOP >> 2), seen);
    if (!wait.async) {
      this.#loop.again();
      return;
    }
    this.#armed = true;
    void wait.value.then(this.#called);
  }

  readonly #called = (): void => {
    this.#armed = false;
    if (Atomics.load(X.I, X.at + (M_PARK >> 2)) === NOTIFIED) this.#loop.enter();
    else this.#rearm();
  };

  /** It was woken for something that is done already: others may wake it again before it sleeps again. */
  #rearm(): void {
    const seen = Atomics.load(X.I, X.at + (M_LOOP >> 2));
    const park = Atomics.load(X.I, X.at + (M_PARK >> 2));
    if (park === NOTIFIED) this.#loop.enter();
    else if (park !== RUNNING) this.arm(seen);
  }

  /** Keeps the event loop open, or no more. */
  hold(open: boolean): void {
    if (open) {
      if (this.#open === null) this.#open = setInterval(() => {}, 0x7fff_ffff);
      else this.#open.ref();
    } else if (this.#open !== null) this.#open.unref();
  }
}

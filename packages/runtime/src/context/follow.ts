/** What follows a context or comes before one: functions to be called when it ends, and signals that end it. */
import { isA } from "../errors/catalogue.ts";
import { capture } from "../scheduler/als.ts";
import { addDue, dropDue } from "../scheduler/due.ts";
import { FRESH } from "../scheduler/status.ts";
import { newG, start } from "../scheduler/go.ts";
import { background } from "./background.ts";
import { asError, Canceled, DeadlineExceeded } from "./errors.ts";
import { CancelCtx, Child } from "./tree.ts";

/** A function in the list of a context. */
export class AfterFunc extends Child {
  readonly #f: () => void;
  readonly #als: ReturnType<typeof capture> = capture();
  /** 1: it has been started or stopped. */
  #over: number = 0;

  constructor(f: () => void) {
    super();
    this.#f = f;
  }

  override end(): null {
    if (this.#over === 0) {
      this.#over = 1;
      start(newG(this.#f, FRESH, null, 0, null, this.#als));
    }
    return null;
  }

  /** False if it has been started, or stopped before. */
  stop(): boolean {
    if (this.#over !== 0) return false;
    this.#over = 1;
    this.leave();
    return true;
  }
}

/** A context that ends with a signal. The listener is gone once it has ended. */
export class SignalCtx extends CancelCtx {
  readonly #from: AbortSignal;
  /** The signal comes by itself. */
  #due: boolean = false;
  constructor(from: AbortSignal) {
    super(background());
    this.#from = from;
    if (from.aborted) {
      this.handleEvent();
      return;
    }
    from.addEventListener("abort", this, { once: true });
    this.#due = hasTimeout(from);
    if (this.#due) addDue();
  }

  handleEvent(): void {
    const reason: unknown = this.#from.reason;
    const late = isA(reason, Error) && isLate(reason);
    this.cancel(late ? DeadlineExceeded : Canceled, asError(reason));
  }

  override release(): void {
    this.#from.removeEventListener("abort", this);
    if (this.#due) dropDue();
    this.#due = false;
  }

  override toString(): string {
    return `${String(this.parent)}.FromSignal`;
  }
}

/** The name may be a getter of somebody's, who cannot keep the context from ending. */
function isLate(reason: Error): boolean {
  try {
    return reason.name === "TimeoutError";
  } catch {
    return false;
  }
}

/**
 * Whether time alone aborts it: `AbortSignal.timeout`, and `AbortSignal.any` of one. Node marks them, under a symbol of its own; Node.js 22
 * only the first, and knows of the other what it is made of.
 */
function hasTimeout(signal: AbortSignal): boolean {
  for (const key of Object.getOwnPropertySymbols(signal)) {
    const value = (signal as unknown as Record<symbol, unknown>)[key];
    if (key.description === "kTimeout" && value === true) return true;
    if (key.description !== "kSourceSignals") continue;
    for (const source of (value ?? []) as Iterable<WeakRef<AbortSignal>>) {
      const from = source.deref();
      if (from !== undefined && hasTimeout(from)) return true;
    }
  }
  return false;
}

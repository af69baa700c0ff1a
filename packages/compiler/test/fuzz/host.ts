/**
 * What a program sees as `k`: the log, and objects and iterators that log what is done to them. It is not compiled, as a
 * library is not, and has one place that may suspend: `p`.
 */
/** So many lines are kept of a log. */
export const MOST = 3000;
/** How the engine says that its stack is full. */
export const EXCEEDED = "Maximum call stack size exceeded";

/** A value as text, running no code of the program. */
export function show(value: unknown, depth = 3): string {
  switch (typeof value) {
    case "string":
      return value.length > 60 ? `'${value.slice(0, 60)}'…${value.length}` : `'${value}'`;
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "symbol":
      return value.toString();
    case "function":
      return `function ${show(own(value, "name"), 0)}/${show(own(value, "length"), 0)}`;
    case "object":
      break;
    default:
      return String(value);
  }
  if (value === null) return "null";
  if (value instanceof Error) return `${show(value.name, 0)}: ${messageOf(value)}`;
  if (depth === 0) return "…";
  if (Array.isArray(value)) {
    const items = Array.from({ length: Math.min(value.length, 12) }, (_, i) =>
      i in value ? show(own(value, i), depth - 1) : "<hole>",
    );
    return `[${items.join(", ")}]${value.length > 12 ? value.length : ""}`;
  }
  const proto = Object.getPrototypeOf(value) as object | null;
  const name = proto === null ? "null" : show(own(own(proto, "constructor") ?? (() => 0), "name"), 0);
  const keys = Reflect.ownKeys(value).slice(0, 12);
  return `${name}{${keys.map((key) => `${String(key)}: ${show(own(value, key), depth - 1)}`).join(", ")}}`;
}

/** A property's value without calling a getter. */
function own(object: object, key: PropertyKey): unknown {
  const d = Object.getOwnPropertyDescriptor(object, key);
  if (d === undefined) return undefined;
  return "value" in d ? d.value : Symbol(`${d.get ? "get" : ""}${d.set ? "set" : ""}`);
}

/** Errors the engine words by the text of the call or by how it got there, which the compiler changes. */
const worded =
  /is not (?:a function|iterable|a constructor)|Cannot (?:destructure|read properties)|is not a function or its return value|was called on|^Spread syntax requires/;

function messageOf(error: Error): string {
  const message = String(own(error, "message") ?? error.message);
  // A name that had to be changed is named so by the engine.
  return worded.test(message) ? "…" : message.replace(/(?<=')(\w+)\$\d+(?=' before)/, "$1");
}

export class ProgramError extends Error {}

interface Base {
  new (...args: unknown[]): object;
}

export class Host {
  readonly lines: string[] = [];
  readonly kept: (() => unknown)[] = [];
  fuel: number = 160;
  sink: unknown = 0;
  private readonly counts: Map<number, number> = new Map();
  private readonly sites: Map<object, number> = new Map();
  readonly Base: Base;

  constructor() {
    this.over = new Promise((done) => (this.end = done));
    const log = (text: string): void => this.log(text);
    this.Base = class Base {
      a: unknown = 1;
      constructor(...args: unknown[]) {
        log(`Base ${show(args)} ${show(own(new.target, "name"))}`);
      }
      m(...args: unknown[]): unknown {
        log(`Base.m ${show(args)}`);
        return args[0];
      }
      get b(): unknown {
        log("get Base.b");
        return 2;
      }
      set b(value: unknown) {
        log(`set Base.b ${show(value)}`);
      }
    };
  }

  /** What goes on for longer than a function waits for it: a slice that ends early, on a busy machine, lets promises go ahead. */
  readonly over: Promise<void>;
  end: () => void = () => {};

  /** Called at each line of the log. */
  ended: () => void = () => {};

  log(text: string): void {
    this.ended();
    // Whether a program runs away is asked of the whole log.
    if (this.lines.length < MOST || (this.lines.length === MOST && text.includes(EXCEEDED))) this.lines.push(text);
    else this.fuel = 0;
  }

  private count(id: number): number {
    const n = (this.counts.get(id) ?? 0) + 1;
    this.counts.set(id, n);
    return n;
  }

  /** Logs a value and returns it. */
  t = (id: unknown, ...values: unknown[]): unknown => {
    this.log(`${show(id)} ${values.map((v) => show(v)).join(" ")}`);
    return values[0];
  };

  /** Logs without a call. */
  set s(value: unknown) {
    this.log(`set ${show(value)}`);
  }

  /** Logs. Where goroutines are woven it suspends the caller; see ways.ts. */
  p: (id: number, value: unknown) => unknown = (id, value) => {
    this.log(`pause ${id} ${show(value)}`);
    return value;
  };

  /** Logs an exception. */
  e = (id: unknown, error: unknown): void => {
    this.log(`${show(id)} caught ${show(error)}`);
  };

  error = (id: number, value: unknown): Error => new ProgramError(`${id} ${show(value, 1)}`);

  /** Throws every `times`-th time. */
  x = (id: number, times: number, value: unknown): unknown => {
    this.log(`x ${id} ${show(value)}`);
    if (this.count(id) % times === 0) throw new ProgramError(`x${id}`);
    return value;
  };

  go = (id: number): boolean => {
    this.log(`go ${id}`);
    return this.fuel-- > 0;
  };

  few = ((of: unknown): unknown =>
    typeof of === "number" ? this.count(of) % 4 !== 0 : (of as unknown[]).slice(0, 5)) as never;

  /** At most a few elements, as an array of arrays for patterns. */
  upTo = function* (over: Iterable<unknown>): Generator<unknown[]> {
    let n = 0;
    for (const x of over) {
      if (++n > 5) return;
      yield [x, n];
    }
  };

  plain = (value: unknown): unknown => (typeof value === "bigint" ? 0 : value);

  /** An object with a logging getter, setter and method. */
  o = (id: number): object => {
    const log = (text: string): void => this.log(`o${id} ${text}`);
    let b: unknown = id;
    return {
      a: 1,
      get b(): unknown {
        log("get b");
        return b;
      },
      set b(value: unknown) {
        log(`set b ${show(value)}`);
        b = value;
      },
      m(...args: unknown[]): unknown {
        log(`m ${show(args)}`);
        return args[0];
      },
    };
  };

  /** An object that logs how it is made a primitive. */
  co = (id: number, value: unknown): object => ({
    [Symbol.toPrimitive]: (hint: string): unknown => {
      this.log(`co${id} ${hint}`);
      return typeof value === "object" || typeof value === "function" ? id : value;
    },
  });

  /** An iterator of n elements; `shape` says how it fails. */
  it = (id: number, n: number, shape: number): object => {
    const log = (text: string): void => this.log(`it${id} ${text}`);
    const made: Record<PropertyKey, unknown> = {
      [Symbol.iterator](): unknown {
        log("start");
        if (shape === 9) throw new ProgramError(`it${id} start`);
        let i = 0;
        const iterator: Record<string, unknown> = {
          next(): unknown {
            log(`next ${i}`);
            if (shape === 8 && i === 1) throw new ProgramError(`it${id} next`);
            if (shape === 7 && i === 1) return 5;
            return { value: i, done: i++ >= n };
          },
        };
        if (shape !== 6)
          iterator["return"] = (): unknown => {
            log("return");
            if (shape === 5) throw new ProgramError(`it${id} return`);
            return shape === 4 ? 1 : {};
          };
        return iterator;
      },
    };
    return made;
  };

  /** Something to dispose of. */
  d = (id: number, value: unknown, shape: number): object => ({
    value,
    [Symbol.dispose]: (): void => {
      this.log(`dispose ${id} ${show(value)}`);
      if (shape === 3) throw new ProgramError(`d${id}`);
    },
  });

  tag = (site: TemplateStringsArray, ...values: unknown[]): unknown => {
    if (!this.sites.has(site)) this.sites.set(site, this.sites.size);
    this.log(`tag ${this.sites.get(site)} ${show(site)} ${show(site.raw)} ${show(values)}`);
    return values.length;
  };

  /** A library that calls back: its frame is native to the compiler. */
  call = (f: unknown, ...args: unknown[]): unknown => {
    this.log(`call ${show(args)}`);
    if (typeof f !== "function") return f;
    const value: unknown = Reflect.apply(f, undefined, args);
    this.log(`called ${show(value)}`);
    return value;
  };
}

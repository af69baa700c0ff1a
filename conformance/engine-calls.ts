/**
 * Ours alone: what the engine calls by itself (conversions, iterators, a proxy's traps) cannot block: an error says who, and
 * nothing goes on with a wrong value. The same functions called by compiled code can.
 */
import { chan, go, gosched, sleep, wait, type Chan } from "gort";

const nothing: Chan<number> = chan();

class Thing {
  readonly ch: Chan<number>;
  constructor(ch: Chan<number> = nothing) {
    this.ch = ch;
  }
  toString(): string {
    return `thing ${String(this.ch.recv())}`;
  }
  valueOf(): number {
    return this.ch.recv()!;
  }
  toJSON(): unknown {
    return { value: this.ch.recv() };
  }
  next(): IteratorResult<number, undefined> {
    const value = this.ch.recv();
    return value === undefined ? { done: true, value } : { done: false, value };
  }
  [Symbol.iterator](): this {
    return this;
  }
  get(): number {
    return this.ch.recv()!;
  }
  static [Symbol.hasInstance](x: unknown): boolean {
    return nothing.recv() === x;
  }
}

class Primitive {
  [Symbol.toPrimitive] = (): number => {
    sleep(1);
    return 5;
  };
}

class Base {
  readonly value: number;
  constructor() {
    this.value = nothing.recv()!;
  }
}
class Derived extends Base {}
/** Where no goroutine runs. */
async function makes(): Promise<object> {
  await Promise.resolve();
  return new Derived();
}

/** A function that became a method later. */
function Old(this: unknown): void {}
Old.prototype.toString = function (): string {
  sleep(1);
  return "old";
};

const proxy = new Proxy({} as Record<string, number>, {
  get: () => nothing.recv()!,
  has: () => nothing.recv() === 1,
  set(target, key, value: number) {
    sleep(1);
    return Reflect.set(target, key, value);
  },
});
const described = Object.defineProperty({} as { x: number }, "x", { get: () => nothing.recv() });

/** What the operation was, where, and who called: without the path of the file. */
function shown(message: string): string {
  const told = /suspended: (.*?)(?: \(.*?:(\d+:\d+)\))?, (.*);/.exec(message)?.slice(1).join(", ") ?? message;
  return told.replace("Function.from", "Array.from"); // as Node 22 calls it
}

function attempt(name: string, f: () => unknown): void {
  let result: string;
  try {
    result = `went on with ${String(f())}`;
  } catch (e) {
    const { code, message } = e as Error & { code?: string };
    result = code === "GORT_NATIVE_FRAME" ? shown(message) : String(e);
  }
  console.log(`${name}: ${result}`);
}

export function main(): void {
  attempt("template", () => {
    const s = `<${new Thing()}>`;
    return s;
  });
  attempt("in tail position", () => `<${new Thing()}>`);
  attempt("String", () => String(new Thing()));
  attempt("join", () => [new Thing()].join());
  attempt("key", () => ({ thing: 1 })[new Thing() as unknown as "thing"]);
  attempt("plus", () => 1 + Number(new Thing()));
  attempt("compare", () => (new Thing() as unknown as number) > 1);
  attempt("toPrimitive", () => 2 * Number(new Primitive()));
  attempt("prototype", () => `${new (Old as unknown as new () => object)()}`);
  attempt("JSON", () => JSON.stringify({ thing: new Thing() }));
  attempt("instanceof", () => ({}) instanceof Thing);
  attempt("spread", () => [...new Thing()].length);
  attempt("destructuring", () => {
    const [a] = new Thing() as Iterable<number>;
    return a;
  });
  attempt("Array.from", () => Array.from(new Thing()).length);
  attempt("proxy get", () => proxy["x"]! + 1);
  attempt("proxy has", () => "x" in proxy);
  attempt("proxy set", () => (proxy["x"] = 1));
  attempt("descriptor", () => described.x);
  attempt("super", () => new Derived());
  attempt("accessor below", () => {
    const o = {
      get below(): string {
        return new Thing().toString();
      },
    };
    return o.below;
  });
  try {
    wait(makes());
  } catch (e) {
    console.log("super, no goroutine:", (e as Error).message.split(/: |; /)[2]);
  }

  // Called by name, each of them blocks.
  const ch = chan<number>();
  go(() => {
    for (let i = 1; i <= 12; i++) {
      gosched();
      ch.send(i);
    }
    ch.close();
  });
  const thing = new Thing(ch);
  const got = [thing.toString(), thing.valueOf(), JSON.stringify(thing.toJSON()), thing.next().value, thing.get()];
  got.push(thing.get.call(thing), Reflect.apply(thing.get, thing, []), thing.get.bind(thing)());
  got.push(go(() => thing.get()).join(), go(thing.get.bind(thing)).join(), thing["get"](), thing?.get?.());
  console.log(got.join(", "));
  console.log(new (Old as unknown as new () => object)().toString(), new Primitive()[Symbol.toPrimitive]());
  go(() => nothing.send(42));
  console.log("nobody took the value before:", nothing.recv());
}

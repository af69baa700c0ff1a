/** Blocking calls in every position of an async function, beside `await`. */
import { chan, go, type Chan } from "gort";

const ch: Chan<number> = chan<number>();
const other: Chan<number> = chan<number>(10);
const take = (): number => ch.recv()!;

class K {
  #p = 1;
  async m(): Promise<number[]> {
    const { a = take(), ...rest } = { b: 2 } as { a?: number; b: number };
    const more = [rest.b, this.#p];
    return [a, ...more, take()].map((x) => x + take());
  }
}

async function t(label: string, f: () => unknown): Promise<void> {
  try {
    console.log(label, await f());
  } catch (e) {
    console.log(label, "threw", (e as Error).message.split(";")[0]);
  }
}

async function all(): Promise<void> {
  go(() => {
    for (let i = 0; i < 60; i++) ch.send(i);
  });
  await t("destructuring", async () => new K().m());
  await t("forEach", async () => {
    [1, 2].forEach((x) => other.send(x * take()));
    return [other.recv(), other.recv()];
  });
  await t("sort", async () => [2, 1].sort((a, b) => (take(), a - b)));
  await t("optional", async () => {
    const o: { f?: (x: number) => number } = { f: (x) => x + take() };
    return o.f?.(await Promise.resolve(1));
  });
  await t("compound", async () => {
    const o = { n: 1 };
    o.n += take();
    o.n ||= 4;
    return o.n;
  });
  await t("labelled", async () => {
    let s = 0;
    outer: for (const v of ch) {
      for (const w of [1, 2]) {
        if (v + w > 20) break outer;
        if (w === 2) continue outer;
        s += v * w;
      }
    }
    return s;
  });
  await t("switch", async () => {
    switch (take() % 2) {
      case 0:
        return "even";
      default:
        return "odd";
    }
  });
  await t("using", async () => {
    using _ = { [Symbol.dispose]: () => other.send(7) };
    take();
    return "body";
  });
  console.log(other.recv());
  const log: string[] = [];
  const resource = (name: string, both = false): AsyncDisposable => {
    log.push(`open ${name}`);
    const disposable = {
      [Symbol.asyncDispose]: async (): Promise<void> => {
        log.push(`close ${name} ${take()}`);
        await Promise.resolve();
        log.push(`closed ${name}`);
        if (both) throw new Error(`close of ${name}`);
      },
    };
    return disposable;
  };
  await t("await using", async () => {
    await using a = resource("a");
    await using none = null;
    await using b = resource("b");
    await using c = { [Symbol.dispose]: () => log.push("plain c") };
    log.push(`body ${take()} ${String(none)} ${typeof a} ${typeof b} ${typeof c}`);
    return "returned";
  });
  console.log(log.splice(0).join(", "));
  await t("await using in a loop, with a throw", async () => {
    for (const name of ["x", "y"]) {
      await using _ = resource(name, name === "y");
      if (name === "x") continue;
      throw new Error(`body ${take()}`);
    }
  });
  console.log(log.splice(0).join(", "));
  await t("await using in an async generator that is left", async () => {
    async function* values(): AsyncGenerator<number> {
      await using _ = { [Symbol.asyncDispose]: async () => void log.push("closed") };
      yield 1;
      yield 2;
    }
    for await (const v of values()) if (v === 1) break;
    return log.splice(0);
  });
  await t("using in a generator that is left", async () => {
    function* values(): Generator<number> {
      using _ = { [Symbol.dispose]: () => void log.push("closed") };
      yield 1;
      yield 2;
    }
    for (const v of values()) if (v === 1) break;
    return log.splice(0);
  });
  await t("finally", async () => {
    try {
      take();
      return "kept";
    } finally {
      take();
    }
  });
  await t("finally with a throw", async () => {
    try {
      await Promise.reject(new Error(`no ${take()}`));
    } finally {
      other.send(take());
      await Promise.resolve();
    }
  });
  console.log(other.recv());
  await t("default of a parameter", async () => {
    async function f(a = take()): Promise<number> {
      return a;
    }
    return f();
  });
  await t("arguments", async () => {
    async function f(..._args: number[]): Promise<number> {
      take();
      // oxlint-disable-next-line prefer-rest-params
      return arguments.length;
    }
    return f(1, 2);
  });
  await t("template", async () => {
    const tag = (s: TemplateStringsArray, ...v: unknown[]): string => s.join("|") + v.join(" ");
    return `${take()} ${tag`a${take()}b${await Promise.resolve(2)}c`}`;
  });
  await t("new", async () => {
    class P {
      v: number;
      constructor() {
        this.v = take();
      }
    }
    return typeof new P().v;
  });
  await t("a promise as a value", async () => {
    const make = (): Promise<string> => (take(), Promise.resolve("inside"));
    const p = make();
    return [p instanceof Promise, await p];
  });
  await t("a generator", async () => {
    function* g(): Generator<number> {
      yield take();
    }
    return [...g()];
  });
  await t("closures", async () => {
    const fs: (() => number)[] = [];
    for (let i = 0; i < 3; i++) {
      take();
      fs.push(() => i);
    }
    return fs.map((f) => f());
  });
  await t("this", async () => {
    const o = {
      v: 5,
      async f(): Promise<number> {
        return (async () => this.v + Math.sign(take()))();
      },
    };
    return o.f();
  });
  await t("order of microtasks", async () => {
    const log: string[] = [];
    const a = (async () => {
      log.push("a1");
      await Promise.resolve();
      log.push("a2");
      await t2();
      log.push("a3");
    })();
    const b = (async () => {
      log.push("b1");
      await Promise.resolve();
      log.push("b2");
      await Promise.resolve();
      log.push("b3");
    })();
    async function t2(): Promise<void> {
      log.push("t");
    }
    await Promise.all([a, b]);
    return log.join(" ");
  });
}

export async function main(): Promise<void> {
  await all();
}

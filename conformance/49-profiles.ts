/**
 * What Go holds of goroutine profiles: exact counts by stack and labels, the most frequent first; labels that goroutines inherit;
 * profiles that are asked for at once, while goroutines come and go; labels in CPU profiles.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { background, chan, go, gosched, sleep, wait, WaitGroup, withCancel, withLabels, type Chan } from "gort";
import { pprofHandler } from "@gort/devtools";
import { Profile } from "pprof-format";

function func1(c: Chan<number>): void {
  c.recv();
}
function func2(c: Chan<number>): void {
  c.recv();
}
function func3(c: Chan<number>): void {
  c.recv();
}

class Source {
  readonly #server: Server;
  readonly #url: string;

  constructor() {
    const handler = pprofHandler();
    this.#server = createServer((req, res) => handler(req, res));
    wait(new Promise<void>((resolve) => void this.#server.listen(0, "127.0.0.1", resolve)));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/debug/pprof/`;
  }

  async #fetch(path: string): Promise<Buffer> {
    const response = await fetch(this.#url + path);
    return Buffer.from(await response.arrayBuffer());
  }

  text(path: string): string {
    return wait(this.#fetch(path)).toString();
  }

  /** Samples: the functions, the innermost first, labels, the first value. */
  samples(path: string): { stack: string[]; labels: Record<string, string>; value: number }[] {
    const profile = Profile.decode(gunzipSync(wait(this.#fetch(path))));
    const string = (i: unknown): string => profile.stringTable.strings[Number(i)] ?? "?";
    const functions = new Map(profile.function.map((f) => [Number(f.id), string(f.name)]));
    const locations = new Map(
      profile.location.map((l) => [Number(l.id), functions.get(Number(l.line[0]!.functionId))]),
    );
    return profile.sample.map(({ locationId, label, value }) => ({
      stack: locationId.map((id) => locations.get(Number(id)) ?? "?"),
      labels: Object.fromEntries(label.map((l) => [string(l.key), string(l.str)])),
      value: Number(value[0]),
    }));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function start(n: number, c: Chan<number>): void {
  for (let i = 0; i < n; i++) {
    if (i % 10 === 0) go(func1, c);
    else if (i % 2 === 0) go(func2, c);
    else go(func3, c);
    for (let j = 0; j < 5; j++) gosched();
  }
}

function counts(source: Source): void {
  const c = chan<number>();
  start(100, c);
  withLabels({ label: "value" }, () => start(89, c));
  const text = source.text("goroutine?debug=1");
  for (const m of text.matchAll(/^(\d+) @.*\n(# labels: .*\n)?#\t\S+\t(func\d)\+/gm))
    console.log(m[1], m[3], m[2]?.trim() ?? "");
  const samples = source.samples("goroutine").filter(({ stack }) => stack.some((f) => f.startsWith("func")));
  for (const { value, labels, stack } of samples.sort((a, b) => b.value - a.value))
    console.log(value, JSON.stringify(stack), JSON.stringify(labels));
  c.close();
  sleep(10);
}

/** Two ask at once, again and again, while goroutines come and go: each profile has one of each. */
function overlapping(source: Source): void {
  const [ctx, cancel] = withCancel(background());
  const wg = new WaitGroup();
  const odd: string[] = [];
  const churn = (): void => {
    while (ctx.err() === undefined) {
      const done = new WaitGroup();
      for (let i = 0; i < 20; i++) done.go(() => gosched());
      done.wait();
      sleep(1);
    }
  };
  wg.go(churn);
  for (const i of ["0", "1"])
    withLabels({ asks: i }, () => {
      wg.go(() => {
        for (let n = 0; n < 25; n++) {
          const text = source.text("goroutine?debug=1");
          for (const k of ["0", "1"]) {
            // Each is there once, or has ended.
            const found = text.split(`"asks":"${k}"`).length - 1;
            if (found > 1 || (k === i && found === 0)) odd.push(`${k}: ${found}`);
          }
        }
      });
    });
  sleep(1);
  while (source.text("goroutine?debug=1").includes('"asks"')) sleep(5);
  cancel();
  wg.wait();
  console.log("overlapping", odd.length === 0 ? "ok" : odd);
}

/** One that is in a profile has all its elders in it too. */
function launches(source: Source): void {
  const [ctx, cancel] = withCancel(background());
  const end = chan<number>();
  const wg = new WaitGroup();
  let launched = 0;
  wg.go(() => {
    for (let i = 0; ctx.err() === undefined; i++) {
      withLabels({ loop: String(i) }, () => wg.go(func1, end));
      launched++;
      for (let j = 0; j < i % 50; j++) gosched();
      if (i % 20 === 0) sleep(1);
    }
  });
  let good = true;
  for (let n = 0; n < 3; n++) {
    sleep(5);
    while (launched < 2) sleep(1);
    const numbers = new Map<number, number>();
    for (const { labels, value } of source.samples("goroutine"))
      if (labels["loop"] !== undefined)
        numbers.set(Number(labels["loop"]), (numbers.get(Number(labels["loop"])) ?? 0) + value);
    const last = numbers.size - 1;
    // The last one's creator may have its label still.
    for (let i = 0; i <= last; i++) good &&= numbers.get(i) === 1 || (i === last && numbers.get(i) === 2);
    good &&= last > 0;
  }
  cancel();
  end.close();
  wg.wait();
  console.log("launches", good);
}

function burn(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;) JSON.stringify([1, 2, 3]);
}

/**
 * Ten at a time under a label: what a CPU profile has of them has it. They do not take turns as fast as samples are taken (1 ms), or
 * each sample may stand where they change.
 */
function labelled(source: Source): void {
  let over = false;
  const wg = new WaitGroup();
  wg.go(() => {
    while (!over) {
      const ten = new WaitGroup();
      for (let i = 0; i < 10; i++) ten.go(() => withLabels({ key: "value" }, () => burn(2.7)));
      ten.wait();
    }
  });
  const samples = source.samples("profile?seconds=1").filter(({ stack }) => stack.includes("burn"));
  over = true;
  wg.wait();
  const [all, some] = [samples, samples.filter(({ labels }) => labels["key"] === "value")].map((list) =>
    list.reduce((n, { value }) => n + value, 0),
  );
  console.log("labelled", all! > 3, some! > all! * 0.9);
}

export function main(): void {
  const source = new Source();
  counts(source);
  overlapping(source);
  launches(source);
  labelled(source);
  source.close();
}

/**
 * What a debugger sees, over the DevTools protocol: a breakpoint in a user's line binds in both copies of the function, and
 * stops there before and behind a park. The debugger is played by this file: it reads the source map, as they do.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { decode } from "@jridgewell/sourcemap-codec";
import { expect, test } from "vitest";
import { UserProject } from "../../../scripts/testing/user-project.ts";

interface Message {
  id?: number;
  method?: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  params: any;
  // oxlint-disable-next-line typescript/no-explicit-any
  result?: any;
}

/** Where each segment of a script's map leads, all counted from 0; -1: to nothing of the user's. */
interface Segment {
  line: number;
  column: number;
  userLine: number;
}

function segmentsOf(mapUrl: string): Segment[] {
  const map = JSON.parse(Buffer.from(mapUrl.replace(/^.*base64,/, ""), "base64").toString()) as { mappings: string };
  return decode(map.mappings).flatMap((segments, line) =>
    segments.map((s) => ({ line, column: s[0], userLine: s.length > 1 ? s[2]! : -1 })),
  );
}

class Debugger {
  private readonly waiting: Map<number, (m: Message) => void> = new Map();
  private readonly pauses: Message[] = [];
  private wake: (() => void) | null = null;
  private next = 0;
  readonly scripts: Map<string, { url: string; segments: Segment[] }> = new Map();
  output = "";
  private readonly child: ChildProcess;
  private readonly socket: WebSocket;

  private constructor(child: ChildProcess, socket: WebSocket) {
    this.child = child;
    this.socket = socket;
    child.stdout!.setEncoding("utf8").on("data", (s: string) => (this.output += s));
    socket.addEventListener("message", ({ data }) => this.take(JSON.parse(String(data)) as Message));
  }

  /** Starts a program, which waits before its first line. */
  static async start(project: UserProject, file: string): Promise<Debugger> {
    const args = ["--inspect-wait=127.0.0.1:0", "--import", "@gort/compiler/register", file];
    // Suspensions by force would be stepped through, too.
    const env = { ...process.env, NODE_OPTIONS: "", GORT_FORCE: "" };
    const child = spawn(process.execPath, args, { cwd: project.folder, env });
    const url = await new Promise<string>((resolve) => {
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (s: string) => {
        said += s;
        const found = /ws:\S+/.exec(said);
        if (found !== null) resolve(found[0]);
      });
    });
    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    const it = new Debugger(child, socket);
    await it.post("Debugger.enable");
    // As IDEs do: the runtime and Node's own code are passed through.
    await it.post("Debugger.setBlackboxPatterns", { patterns: ["^node:", "/packages/", "/node_modules/"] });
    await it.post("Runtime.enable");
    await it.post("Runtime.runIfWaitingForDebugger");
    return it;
  }

  private take(m: Message): void {
    if (m.id !== undefined) {
      this.waiting.get(m.id)!(m);
      return;
    }
    if (m.method === "Debugger.scriptParsed") {
      const { scriptId, url, sourceMapURL } = m.params as { scriptId: string; url: string; sourceMapURL: string };
      if (sourceMapURL.startsWith("data:")) this.scripts.set(scriptId, { url, segments: segmentsOf(sourceMapURL) });
    } else if (m.method === "Debugger.paused") {
      this.pauses.push(m);
      this.wake?.();
    }
  }

  post(method: string, params: object = {}): Promise<NonNullable<Message["result"]>> {
    const id = ++this.next;
    return new Promise((resolve) => {
      this.waiting.set(id, (m) => resolve(m.result as object));
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** The next pause: the user's line (from 1) of each frame that has one, innermost first; 0 where the compiler's own text stands. */
  async paused(): Promise<{ lines: number[]; names: string[]; inside: boolean }> {
    while (this.pauses.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    const frames = this.pauses.shift()!.params.callFrames as {
      functionName: string;
      location: { scriptId: string; lineNumber: number; columnNumber: number };
    }[];
    const mapped = frames.flatMap(({ functionName, location }) => {
      const at = this.scripts
        .get(location.scriptId)
        ?.segments.findLast(
          (s) => s.line < location.lineNumber || (s.line === location.lineNumber && s.column <= location.columnNumber),
        );
      return at === undefined ? [] : [{ line: at.userLine + 1, name: functionName }];
    });
    const inside = this.scripts.has(frames[0]!.location.scriptId);
    return { lines: mapped.map((m) => m.line), names: mapped.map((m) => m.name), inside };
  }

  /** Steps to another line, as debuggers do: through what is not the user's they step by themselves. */
  async stepOver(from: number): Promise<string> {
    await this.post("Debugger.stepOver");
    for (;;) {
      const { lines, names, inside } = await this.paused();
      const line = inside ? lines[0]! : 0;
      if (line !== 0 && line !== from) return `${names[0]!.replace(/\d+$/, "")} ${line}`;
      const out = !inside && lines.length > 0;
      await this.post(line !== 0 ? "Debugger.stepOver" : out ? "Debugger.stepOut" : "Debugger.stepInto");
    }
  }

  /** Sets breakpoints at everything a user's line has become, as debuggers do; how many different functions' places bound. */
  async breakAt(file: string, line: number): Promise<number> {
    const bound = new Set<string>();
    for (const [scriptId, { url, segments }] of this.scripts) {
      if (!url.endsWith(file)) continue;
      for (const s of segments.filter((x) => x.userLine === line - 1)) {
        const location = { scriptId, lineNumber: s.line, columnNumber: s.column };
        const { actualLocation } = (await this.post("Debugger.setBreakpoint", { location })) as {
          actualLocation?: { lineNumber: number };
        };
        if (actualLocation !== undefined) bound.add(String(actualLocation.lineNumber));
      }
    }
    return bound.size;
  }

  /** What it has printed at its end. */
  async ended(): Promise<string> {
    // Node.js stays for the debugger that is attached.
    while (!this.output.includes("end\n") && this.child.exitCode === null && this.child.signalCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return this.output;
  }

  [Symbol.dispose](): void {
    this.socket.close();
    this.child.kill("SIGKILL");
  }
}

const app = `import { chan, go, run, sleep } from "gort";

function work(n: number): number {
  let sum = n;
  sleep(1);
  sum += 1;
  debugger;
  return sum;
}

function rounds(): number {
  let total = 0;
  for (let i = 0; i < 3; i++) {
    total += work(i);
  }
  return total;
}

debugger;
await run(() => {
  console.log(rounds());
});
`;

test(
  "a breakpoint stops in the fast copy and in the resume clone, in the user's line",
  { timeout: 30_000 },
  async () => {
    using project = new UserProject({ "app.ts": app });
    using it = await Debugger.start(project, "app.ts");

    for (let stop = await it.paused(); stop.lines[0] !== 19; stop = await it.paused()) await it.post("Debugger.resume");
    expect(await it.breakAt("/app.ts", 4)).toBeGreaterThanOrEqual(1);
    expect(await it.breakAt("/app.ts", 6)).toBeGreaterThanOrEqual(2);
    expect(await it.breakAt("/app.ts", 14)).toBeGreaterThanOrEqual(2);
    const seen = new Set<string>();
    const expected = ["rounds 14", "work 4", "work$r 6", "work$r 7", "rounds$r 14"];
    // Both copies of each function are stopped in, and a stop in the middle of a call shows the callers.
    while (!expected.every((stop) => seen.has(stop))) {
      await it.post("Debugger.resume");
      const { lines, names } = await it.paused();
      seen.add(`${names[0]!.replace(/\d+$/, "")} ${lines[0]}`);
      if (names[0] === "work") expect(names[1]).toMatch(/^rounds/);
    }
  },
);

const stepped = `import { chan, go, run } from "gort";

function work(n: number): number {
  const ch = chan<number>();
  go(() => ch.send(n));
  let sum = n;
  debugger;
  sum += ch.recv()!;
  sum *= 10;
  return sum;
}

await run(() => {
  const got = work(1);
  console.log(got);
});
`;

test(
  "step-over survives a park: the next line is the user's next line, in the clone",
  { timeout: 60_000 },
  async () => {
    using project = new UserProject({ "app.ts": stepped });
    using it = await Debugger.start(project, "app.ts");
    expect((await it.paused()).lines[0]).toBe(7);
    const seen: string[] = [];
    for (let line = 7; line !== 10;) {
      const at = await it.stepOver(line);
      line = Number(at.split(" ")[1]);
      // What another goroutine runs meanwhile is stopped in, too.
      if (line !== 5) seen.push(at);
    }
    expect(seen).toEqual(["work 8", "work$r 8", "work$r 9", "work$r 10"]);
  },
);

const spins = `import { go, run } from "gort";

function spin(n: number): number {
  let x = 0;
  for (let i = 0; i < n; i++) x = (x * 31 + i) % 1000003;
  return x;
}

await run(() => {
  const both = [go(spin, 2e7), go(spin, 2e7)];
  for (const g of both) console.log(g.join());
});
console.log("end");
`;

// A debugger has every error keep its stack, and Node.js 26 ends the process where there is no limit to that.
test("a goroutine is preempted while a debugger is attached", { timeout: 60_000 }, async () => {
  using project = new UserProject({ "app.ts": spins });
  using it = await Debugger.start(project, "app.ts");
  expect(await it.ended()).toBe("936082\n936082\nend\n");
});

/** Files and connections that fail: where each was asked for is in the error; what was accepted is not lost. */
import { go, numGoroutine, sleep, wait } from "gort";
import { exec } from "gort/exec";
import { mkdtemp, open, readFile, rm, writeFile } from "gort/fs";
import { dial, type NetError } from "gort/net";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./lib/settle.ts";

/** The error's text, and the names of the functions it says it came through; an event of Node's that brought it has no part in it. */
function where(f: () => unknown): string {
  try {
    return `no error: ${String(f())}`;
  } catch (e) {
    const { code, op, syscall, stack = "" } = e as NetError & NodeJS.ErrnoException;
    const names = [...stack.matchAll(/^ {4}at ([\w$.]+) \(.*files-faults\.ts:\d+:\d+\)$/gm)].map((m) => m[1]);
    const events = /\(node:events:/.test(stack) ? ", an event of Node's" : "";
    return `${[code, op ?? syscall].filter(Boolean).join(" ")} in ${names.join(" < ")}${events}`;
  }
}

function load(path: string): string {
  return readFile(path, "utf8");
}

function configure(): string {
  return load("/nope");
}

function vanishing(): void {
  const folder = mkdtemp(join(tmpdir(), "gort-faults-"));
  const path = join(folder, "a.txt");
  writeFile(path, "still there");
  const file = open(path);
  rm(path);
  // The open file stays what it was; its name is gone.
  console.log(
    file.readFile("utf8"),
    "|",
    where(() => load(path)),
  );
  file.close();
  console.log(
    "closed:",
    where(() => file.readFile()),
  );
  rm(folder, { recursive: true });
}

function full(): void {
  if (!existsSync("/dev/full")) return;
  console.log(
    "disk full:",
    where(() => writeFile("/dev/full", "x".repeat(10_000))),
  );
  const file = open("/dev/full", "w");
  console.log(
    "disk full:",
    where(() => file.write("x")),
  );
  file.close();
}

function connect(): void {
  dial({ host: "127.0.0.1", port: 1 });
}

function reset(): void {
  const server = createServer((socket) => socket.on("data", () => socket.resetAndDestroy()));
  wait(new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  using c = dial({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  server.close();
  c.write("reset me");
  console.log(
    "reset:",
    where(function reading() {
      for (;;) if (c.read(new Uint8Array(8)) === 0) return "the end";
    }),
  );
  console.log(
    "written to it:",
    where(function writing() {
      for (let i = 0; i < 100; i++) {
        c.write("x");
        sleep(1);
      }
    }),
  );
}

function command(): void {
  exec("no-such-program-here");
}

function exits(): void {
  exec(process.execPath, ["-e", "process.exit(3)"]);
}

export function main(): void {
  console.log(where(configure));
  vanishing();
  full();
  console.log(where(connect));
  reset();
  console.log(where(command));
  console.log(where(exits));
  const g = go(function worker() {
    return where(configure);
  });
  console.log(g.join());
  until(() => numGoroutine() === 1);
  console.log("goroutines left:", numGoroutine());
}

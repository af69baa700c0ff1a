/** Files and programs: the functions of node:fs/promises, and other programs' lines, as blocking code. */
import { background, go, numGoroutine, sleep, withTimeout } from "gort";
import { exec, spawn } from "gort/exec";
import {
  glob,
  mkdtemp,
  mkdtempDisposable,
  open,
  opendir,
  readdir,
  readFile,
  rm,
  stat,
  watch,
  writeFile,
} from "gort/fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./lib/settle.ts";

function attempt(f: () => unknown): string {
  try {
    return `no error: ${String(f())}`;
  } catch (e) {
    return `${(e as Error).name} ${(e as { code: string }).code} ${(e as Error).message.replaceAll(/'\/[^']*'/g, "PATH")}`;
  }
}

function files(): void {
  const folder = mkdtemp(join(tmpdir(), "gort-fs-"));
  const path = join(folder, "a.txt");
  writeFile(path, "some text");
  console.log(readFile(path, "utf8"), stat(path).size, readdir(folder).join());
  {
    using file = open(path, "r+");
    const buf = new Uint8Array(4);
    console.log(file.read(buf), new TextDecoder().decode(buf), file.write(" more"), file.stat().size);
  }
  console.log(readFile(path, "utf8"));
  const writers = [1, 2, 3].map((n) => go(() => writeFile(join(folder, `${n}`), `${n}`)));
  for (const w of writers) w.join();
  console.log(readdir(folder).sort().join());
  console.log(attempt(() => readFile(join(folder, "missing"))));
  console.log(attempt(() => readdir(path)));
  rm(folder, { recursive: true });
  console.log(attempt(() => stat(folder)));
}

function folders(): void {
  let path: string;
  {
    using folder = mkdtempDisposable(join(tmpdir(), "gort-fs-"));
    ({ path } = folder);
    for (const name of ["a.txt", "b.txt", "c.md"]) writeFile(join(path, name), name);
    const names: string[] = [];
    using entries = opendir(path);
    for (const entry of entries) names.push(`${entry.name} ${entry.isFile()}`);
    console.log(names.sort().join());
    {
      using early = opendir(path);
      early.recv();
    }
    console.log(glob("*.txt", { cwd: path }).sort().join());
    console.log(attempt(() => opendir(join(path, "none"))));
    using file = open(join(path, "lines"), "w+");
    console.log(file.writev([Buffer.from("one\ntwo\n"), Buffer.from("three")]));
    const buffers = [new Uint8Array(4), new Uint8Array(4)];
    console.log(file.readv(buffers, 0), Buffer.concat(buffers).toString().trim().replace("\n", " "));
    using again = open(join(path, "lines"));
    for (const line of again.readLines()) console.log(line);
    using changes = watch(path);
    writeFile(join(path, "new"), "");
    console.log(changes.recv()!.filename, numGoroutine());
  }
  until(() => numGoroutine() === 1);
  console.log(
    attempt(() => stat(path)),
    numGoroutine(),
  );
}

function programs(): void {
  console.log(JSON.stringify(exec("echo", ["two words"])));
  console.log(exec("cat", [], { input: "what goes in" }).stdout);
  console.log(attempt(() => exec("sh", ["-c", "echo no >&2; exit 3"])));
  console.log(attempt(() => exec("no-such-program-here")));
  const [ctx] = withTimeout(background(), 30);
  console.log(attempt(() => exec("sleep", ["60"], {}, ctx)));
  {
    using child = spawn("sh", ["-c", "for i in 1 2 3; do echo line $i; done; printf last; echo oops >&2; exit 4"]);
    const lines: string[] = [];
    for (const line of child.lines) lines.push(line);
    console.log(lines.join(), child.errorLines.recv(), JSON.stringify(child.wait()));
  }
  {
    // More than is kept: the program waits for its reader.
    using child = spawn("sh", ["-c", "i=0; while [ $i -lt 5000 ]; do echo $i; i=$((i+1)); done"]);
    let sum = 0;
    for (const line of child.lines) sum += Number(line);
    console.log(sum, JSON.stringify(child.wait()));
  }
  {
    // One line, in many pieces.
    using child = spawn("sh", ["-c", "head -c 8000000 /dev/zero | tr '\\0' x; printf '\\r\\n\\nlast'"]);
    const lengths: number[] = [];
    for (const line of child.lines) lengths.push(line.length);
    console.log(lengths.join());
  }
  const child = spawn("sleep", ["60"]);
  go(() => {
    sleep(10);
    child.kill();
  });
  console.log(JSON.stringify(child.wait()));
  console.log(attempt(() => spawn("no-such-program-here").wait()));
  console.log(attempt(() => spawn("", [])));
  // The system says ENOENT of the folder, too.
  console.log(attempt(() => exec("echo", [], { cwd: "/no-such-folder" })));
}

export function main(): void {
  files();
  folders();
  programs();
  until(() => numGoroutine() === 1);
  console.log("goroutines left:", numGoroutine());
}

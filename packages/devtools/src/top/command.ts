/**
 * `gort top`: the essentials of a running program in a terminal, redrawn every second. It asks the program's pprof port, or starts the
 * program with one.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { get } from "node:http";
import { styleText } from "node:util";
import { Failure } from "../failure.ts";
import { parseAddress } from "../pprof/address.ts";
import { findProgram } from "../program.ts";
import { renderTop } from "./render.ts";
import type { TopSnapshot } from "./snapshot.ts";

export interface TopOptions {
  once?: boolean;
  interval?: unknown;
  token?: unknown;
}

/** Where to ask. */
interface Target {
  url: string;
  child: ChildProcess | null;
}

function ask(url: string, token: string | undefined): Promise<TopSnapshot> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const request = get(url, { headers, agent: false, timeout: 10_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode !== 200)
          return reject(new Failure(`${url} answered ${response.statusCode}: ${text.trim()}`));
        try {
          resolve(JSON.parse(text) as TopSnapshot);
        } catch {
          reject(new Failure(`${url} did not answer as a program of Gort does.`));
        }
      });
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", reject);
  });
}

/** Starts the program; its own output would run into the screen, so it goes nowhere but for errors at the end. */
function start(file: string, args: readonly string[]): Promise<Target> {
  const command = [process.argv[1] as string, "run", "--pprof", "localhost:0", findProgram(file), ...args];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr!.setEncoding("utf8").on("data", (part: string) => {
      text = (text + part).slice(-4096);
      const url = /^gort: profiles at (\S+)$/m.exec(text)?.[1];
      if (url !== undefined) resolve({ url: `${url}top.json`, child });
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      reject(new Failure(`${file} ended with status ${code} before it could be looked at.\n${text}`)),
    );
  });
}

async function targetOf(named: string | undefined, args: readonly string[]): Promise<Target> {
  if (named !== undefined && /\.[cm]?[jt]sx?$/.test(named)) return start(named, args);
  if (named !== undefined && /^https?:/.test(named)) {
    const url = new URL(named);
    if (url.pathname === "/") url.pathname = "/debug/pprof/";
    return { url: new URL("top.json", url).href, child: null };
  }
  const address = parseAddress(named ?? "6060");
  if (address === null)
    throw new Failure(`gort top takes [HOST:]PORT, an address or a file to run; it was given ${named}.`);
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return { url: `http://${host}:${address.port}/debug/pprof/top.json`, child: null };
}

function seconds(value: unknown): number {
  const n = value === undefined ? 1 : Number(value);
  if (n >= 0.1 && n <= 3600) return n;
  throw new Failure(`--interval takes seconds, from 0.1 on; it was given ${String(value)}.`);
}

const useColor = process.stdout.isTTY === true && process.stdout.hasColors();
const styled =
  (style: "bold" | "dim") =>
  (text: string): string =>
    useColor ? styleText(style, text, { validateStream: false }) : text;
const [bold, dim] = [styled("bold"), styled("dim")];

function draw(now: TopSnapshot, before: TopSnapshot | null, live: boolean): void {
  // A terminal that does not know its size says 0.
  const [columns, rows] = [process.stdout.columns || 120, process.stdout.rows || 40];
  const size = live ? { columns, rows } : { columns: process.stdout.isTTY ? columns : 200, rows: 60 };
  const lines = renderTop(now, before, { ...size, bold, dim });
  if (!live) {
    process.stdout.write(`${lines.join("\n")}\n`);
    return;
  }
  // Home, each line cleared to its end, the rest of the screen cleared: nothing flickers.
  process.stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`);
}

/** Resolves when the user has had enough: q, Ctrl-C, Ctrl-D. */
function quitKey(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(true);
    process.stdin.on("data", (key: Buffer) => {
      // q, Ctrl-C, Ctrl-D, Escape.
      if ([113, 81, 3, 4, 27].includes(key[0] ?? 0)) resolve();
    });
  });
}

async function live(target: Target, token: string | undefined, interval: number): Promise<string> {
  let before: TopSnapshot | null = null;
  let over = false;
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const quit = async (): Promise<void> => {
    await quitKey();
    over = true;
    stop();
  };
  void quit();
  // The other screen, without a cursor.
  process.stdout.write("\x1b[?1049h\x1b[?25l");
  try {
    while (!over) {
      const now = await ask(target.url, token);
      if (over) break;
      draw(now, before, true);
      before = now;
      await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, interval * 1000))]);
    }
    return "";
  } catch (error) {
    return before === null ? unreachable(target, error) : "The program has ended.";
  } finally {
    process.stdout.write("\x1b[?25h\x1b[?1049l");
    // Listened to, standard input would keep the process.
    if (process.stdin.isTTY) process.stdin.setRawMode(false).pause().unref();
  }
}

function unreachable(target: Target, error: unknown): string {
  if (error instanceof Failure) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === "ECONNREFUSED" ? "nobody listens there" : message || code || "no answer";
  return `${target.url}: ${why}. Start the program with: gort run --pprof app.ts`;
}

export async function runTop(named: string | undefined, args: readonly string[], options: TopOptions): Promise<void> {
  const interval = seconds(options.interval);
  const given = options.token ?? process.env["GORT_PPROF_TOKEN"];
  const token = given === undefined ? undefined : String(given);
  const target = await targetOf(named, args);
  let failure = "";
  try {
    if (options.once === true || process.stdout.isTTY !== true) {
      const first = await ask(target.url, token);
      await new Promise((resolve) => setTimeout(resolve, Math.min(interval, 1) * 1000));
      draw(await ask(target.url, token), first, false);
    } else failure = await live(target, token, interval);
  } catch (error) {
    failure = unreachable(target, error);
  }
  target.child?.removeAllListeners("exit");
  target.child?.kill();
  if (failure !== "") throw new Failure(failure);
}

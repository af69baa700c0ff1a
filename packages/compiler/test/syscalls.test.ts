/** Node's slow synchronous functions hand the P on: which calls are rewritten, and that they mean the same. */
import { expect, test } from "vitest";
import { compile } from "../src/compile.ts";

function compiled(text: string): string {
  return compile(text, { filename: "/app/main.ts" }).code;
}

test("by name, through the namespace, through the default", () => {
  const code = compiled(`import { execSync, spawnSync as run } from "node:child_process";
import * as fs from "fs";
import zlib from "node:zlib";
export const all = () => [execSync("ls"), run("ls"), fs.readFileSync("x", "utf8"), zlib.gzipSync("a")];`);
  expect(code).toContain('$R.syscall(execSync,void 0,"ls")');
  expect(code).toContain('$R.syscall(run,void 0,"ls")');
  expect(code).toContain('$R.syscall(fs.readFileSync,fs,"x","utf8")');
  expect(code).toContain('$R.syscall(zlib.gzipSync,zlib,"a")');
});

test("and nothing else", () => {
  const code = compiled(`import { existsSync, readFileSync as read } from "node:fs";
import * as other from "./fs.ts";
export function f(readFileSync: (s: string) => string, fs: { readFileSync(s: string): string }) {
  const again = read;
  return [existsSync("x"), readFileSync("x"), fs.readFileSync("x"), other.readFileSync("x"), again("x"), read?.("x")];
}`);
  expect(code).not.toContain("$R.syscall");
});

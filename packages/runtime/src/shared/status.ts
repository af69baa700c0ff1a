/**
 * `process.exitCode`. Node's threads have one each; a program that sets it in a parallel goroutine means the process's, and would end with
 * another status where that goroutine ran on main. So a thread tells main: when a goroutine ends, before anybody hears of that, and
 * before it sleeps. (The property cannot be defined anew.)
 */
import process from "node:process";
import { decodeCell, encodeCell } from "./codec.ts";
import { R_CELL, R_KIND, R_M, STATUS } from "./layout.ts";
import { record, X } from "./region.ts";
import { onRecord } from "./waits.ts";

/** What main has been told. */
let said: typeof process.exitCode = undefined;

export function tellStatus(): void {
  const status = process.exitCode;
  if (status === said || X.m === 0) return;
  said = status;
  const r = record();
  X.I[(r + R_KIND) >> 2] = STATUS;
  X.I[(r + R_M) >> 2] = 0;
  encodeCell(r + R_CELL, status, "process.exitCode");
  X.p.post(r);
}

onRecord(STATUS, (r) => {
  process.exitCode = decodeCell(r + R_CELL) as typeof process.exitCode;
  X.p.release(r, 0);
});

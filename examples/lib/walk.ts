/** Finds the files of a folder. Every read parks the goroutine, never the process. */
import { type Dirent, promises as fs } from "node:fs";
import { join } from "node:path";
import { wait, type SendChan } from "gort";

const source = /\.[cm]?[jt]s$/;

/** What went wrong with one path; the work goes on without it. */
export interface Problem {
  path: string;
  reason: string;
}

/**
 * Sends every source file under `folder` to `files`, and every path that cannot be read to `problems`.
 * Symbolic links are not followed: a link to a parent would never end.
 */
export function walk(folder: string, files: SendChan<string>, problems: SendChan<Problem>): void {
  let entries: Dirent[];
  try {
    entries = wait(fs.readdir(folder, { withFileTypes: true }));
  } catch (error) {
    problems.send({ path: folder, reason: reasonOf(error) });
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, files, problems);
    else if (entry.isFile() && source.test(entry.name)) files.send(path);
  }
}

const reasons: Record<string, string> = {
  EACCES: "permission denied",
  EISDIR: "is a folder, not a file",
  ELOOP: "a link that leads to itself",
  EMFILE: "too many files are open",
  ENOENT: "does not exist",
  ENOTDIR: "is a file, not a folder",
  EPERM: "not permitted",
};

/** A system error in words a person can act on. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && reasons[code]) || message || String(error);
}

/**
 * `gort/fs`: files as blocking code. The names and arguments are those of node:fs/promises; what it promises is returned, what it
 * rejects with is thrown (Node's errors, with `code`, `path` and `syscall`, and the goroutine's stack). The event loop goes on meanwhile. Go: package os.
 */
import * as promises from "node:fs/promises";
import { blocking, type Blocking } from "./blocking.ts";

export {
  type FileChange,
  glob,
  mkdtempDisposable,
  opendir,
  type TemporaryFolder,
  watch,
  type WatchOptions,
} from "./directory.ts";
export { File, open } from "./file.ts";
export type { Blocking };
export { constants } from "node:fs/promises";

export const access: Blocking<typeof promises.access> = blocking(promises.access);
export const appendFile: Blocking<typeof promises.appendFile> = blocking(promises.appendFile);
export const chmod: Blocking<typeof promises.chmod> = blocking(promises.chmod);
export const chown: Blocking<typeof promises.chown> = blocking(promises.chown);
export const copyFile: Blocking<typeof promises.copyFile> = blocking(promises.copyFile);
export const cp: Blocking<typeof promises.cp> = blocking(promises.cp);
export const lchown: Blocking<typeof promises.lchown> = blocking(promises.lchown);
export const link: Blocking<typeof promises.link> = blocking(promises.link);
export const lstat: Blocking<typeof promises.lstat> = blocking(promises.lstat);
export const lutimes: Blocking<typeof promises.lutimes> = blocking(promises.lutimes);
export const mkdir: Blocking<typeof promises.mkdir> = blocking(promises.mkdir);
export const mkdtemp: Blocking<typeof promises.mkdtemp> = blocking(promises.mkdtemp);
export const readdir: Blocking<typeof promises.readdir> = blocking(promises.readdir);
export const readFile: Blocking<typeof promises.readFile> = blocking(promises.readFile);
export const readlink: Blocking<typeof promises.readlink> = blocking(promises.readlink);
export const realpath: Blocking<typeof promises.realpath> = blocking(promises.realpath);
export const rename: Blocking<typeof promises.rename> = blocking(promises.rename);
export const rm: Blocking<typeof promises.rm> = blocking(promises.rm);
export const rmdir: Blocking<typeof promises.rmdir> = blocking(promises.rmdir);
export const stat: Blocking<typeof promises.stat> = blocking(promises.stat);
export const statfs: Blocking<typeof promises.statfs> = blocking(promises.statfs);
export const symlink: Blocking<typeof promises.symlink> = blocking(promises.symlink);
export const truncate: Blocking<typeof promises.truncate> = blocking(promises.truncate);
export const unlink: Blocking<typeof promises.unlink> = blocking(promises.unlink);
export const utimes: Blocking<typeof promises.utimes> = blocking(promises.utimes);
export const writeFile: Blocking<typeof promises.writeFile> = blocking(promises.writeFile);

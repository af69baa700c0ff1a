/** An open file: node:fs/promises' FileHandle, its methods parking instead of returning promises. */
import type { PathLike, BigIntStats, Stats, StatOptions } from "node:fs";
import { open as openHandle, type FileHandle } from "node:fs/promises";
import { wants } from "../errors/catalogue.ts";
import { fromAsyncIterable } from "../stream/iterable.ts";
import type { SourceChan } from "../stream/source.ts";
import { waitFile } from "./blocking.ts";

/** What is left of `buf` behind `offset`. */
function spaceIn(buf: Uint8Array, offset: number): number {
  if (!ArrayBuffer.isView(buf)) throw wants("File.read", "a Uint8Array", buf);
  if (typeof offset !== "number") throw wants("File.read", "a number of bytes as offset", offset);
  return buf.byteLength - offset;
}

/**
 * An open file. `using file = open(path)` closes it. Positions and lengths are bytes; reads and writes that name no position go on where the last of
 * either ended. Every method parks, and throws Node's error (with `code` and `syscall`; "EBADF" on a closed file). Go: os.File.
 */
export class File implements AsyncDisposable {
  readonly #handle: FileHandle;

  /** Of a handle of node:fs/promises, which is the file's from now on. */
  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** The system's number for it; -1 once it is closed. Go: File.Fd. */
  get fd(): number {
    return this.#handle.fd;
  }

  /**
   * Reads into `buf` once; returns the number of bytes, 0 at the end of the file. Go: File.Read, with a position File.ReadAt.
   * @param offset where in `buf`: 0 if left out
   * @param length bytes at most: what fits if left out
   * @param position where in the file, which moves nothing; null, the default: on from the last read or write
   * @throws TypeError GORT_ARGUMENT if an argument is of a wrong type
   */
  read(
    buf: Uint8Array,
    offset: number = 0,
    length: number = spaceIn(buf, offset),
    position: number | null = null,
  ): number {
    if (typeof length !== "number") throw wants("File.read", "a number of bytes as length", length);
    return waitFile(this.#handle.read(buf, offset, length, position).then(({ bytesRead }) => bytesRead));
  }

  /**
   * Writes all of `data`, text as UTF-8; returns the number of bytes. Go: File.Write, with a position File.WriteAt.
   * @param position where in the file, which moves nothing; null, the default: on from the last read or write
   * @throws TypeError GORT_ARGUMENT if an argument is of a wrong type
   */
  write(data: Uint8Array | string, position: number | null = null): number {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (!ArrayBuffer.isView(bytes)) throw wants("File.write", "a Uint8Array or a text", data);
    mustBePosition(position, "File.write");
    return waitFile(writeAll(this.#handle, bytes, position));
  }

  /** Reads once into several buffers, one after the other; returns the number of bytes. `position` as in {@link read}. */
  readv(buffers: readonly Uint8Array[], position: number | null = null): number {
    return waitFile(this.#handle.readv(buffers, position ?? undefined).then(({ bytesRead }) => bytesRead));
  }

  /** Writes all of several pieces, one after the other; returns the number of bytes. `position` as in {@link write}. */
  writev(pieces: readonly Uint8Array[], position: number | null = null): number {
    mustBePosition(position, "File.writev");
    return waitFile(writeAll(this.#handle, Buffer.concat(pieces), position));
  }

  /** Its lines from the beginning, or from the last read or write, without their ends, as a channel; does not park. Go: bufio.Scanner. */
  readLines(): SourceChan<string> {
    return fromAsyncIterable<string>(this.#handle.readLines({ autoClose: false }));
  }

  /** What is left of it behind the last read or write, as bytes, or as text in an encoding. Go: io.ReadAll. */
  readFile(): Buffer;
  readFile(encoding: BufferEncoding): string;
  readFile(encoding?: BufferEncoding): Buffer | string {
    return waitFile(this.#handle.readFile(encoding ?? null) as Promise<Buffer | string>);
  }

  /** Writes all of `data` where the last read or write ended. What stands behind it stays: {@link truncate} it before. */
  writeFile(data: string | Uint8Array): void {
    return waitFile(this.#handle.writeFile(data));
  }

  /** The same as {@link writeFile}: at the end of the file only if it was opened with "a". */
  appendFile(data: string | Uint8Array): void {
    return waitFile(this.#handle.appendFile(data));
  }

  /** What the system knows of it. Go: File.Stat. */
  stat(): Stats;
  stat(options: StatOptions & { bigint: true }): BigIntStats;
  stat(options?: StatOptions): Stats | BigIntStats {
    return waitFile(this.#handle.stat(options));
  }

  /** Makes it `length` bytes long; 0 if left out. Go: File.Truncate. */
  truncate(length: number = 0): void {
    return waitFile(this.#handle.truncate(length));
  }

  /** Has the system write what it still holds of the file's data and of what it knows about it. Go: File.Sync. */
  sync(): void {
    return waitFile(this.#handle.sync());
  }

  /** Has the system write what it still holds of the file's data. */
  datasync(): void {
    return waitFile(this.#handle.datasync());
  }

  /** Go: File.Chmod. */
  chmod(mode: number): void {
    return waitFile(this.#handle.chmod(mode));
  }

  /** Go: File.Chown. */
  chown(uid: number, gid: number): void {
    return waitFile(this.#handle.chown(uid, gid));
  }

  /** When it was read and changed last: dates, or seconds since 1970. Go: os.Chtimes. */
  utimes(atime: string | number | Date, mtime: string | number | Date): void {
    return waitFile(this.#handle.utimes(atime, mtime));
  }

  /** Closes it; again does nothing. Go: File.Close. */
  close(): void {
    return waitFile(this.#handle.close());
  }

  /** Closes it without waiting for that. */
  [Symbol.dispose](): void {
    // A disposer may run where nothing can park. Node closes it all the same; a failure has nobody to go to.
    this.#handle.close().catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#handle.close();
  }
}

/** It is counted on, so it must be a number. */
function mustBePosition(position: unknown, of: string): void {
  if (position !== null && typeof position !== "number") throw wants(of, "a number as position", position);
}

async function writeAll(handle: FileHandle, data: Uint8Array, position: number | null): Promise<number> {
  let done = 0;
  while (done < data.byteLength) {
    const at = position === null ? null : position + done;
    const { bytesWritten } = await handle.write(data, done, data.byteLength - done, at);
    done += bytesWritten;
  }
  return done;
}

/**
 * Opens a file, parking the caller until it is. Go: os.OpenFile.
 *
 *     using file = open("notes.txt", "a");
 * @param flags Node's: "r" if left out
 * @param mode of a file that is made; 0o666 if left out, without what the process's umask takes away
 * @throws Node's error if it cannot be opened ("ENOENT", "EACCES", …)
 */
export function open(path: PathLike, flags: string | number = "r", mode?: number | string): File {
  return waitFile(openHandle(path, flags, mode).then((handle) => new File(handle)));
}

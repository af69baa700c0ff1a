/** An open file: node:fs/promises' FileHandle, its methods parking instead of returning promises. */
import type { PathLike, BigIntStats, Stats, StatOptions } from "node:fs";
import { open as openHandle, type FileHandle } from "node:fs/promises";
import { wants } from "../errors/catalogue.ts";
import { fromAsyncIterable } from "../stream/iterable.ts";
import type { SourceChan } from "../stream/source.ts";
import { waitFile } from "./blocking.ts";

/** How many bytes went where. */
export interface Transferred {
  bytesRead: number;
  buffer: Uint8Array;
}

/** What is left of `buf` behind `offset`. */
function spaceIn(buf: Uint8Array, offset: number): number {
  if (!ArrayBuffer.isView(buf)) throw wants("File.read", "a Uint8Array", buf);
  if (typeof offset !== "number") throw wants("File.read", "a number of bytes as offset", offset);
  return buf.byteLength - offset;
}

/** An open file. `using file = open(path)` closes it. */
export class File implements AsyncDisposable {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  get fd(): number {
    return this.#handle.fd;
  }

  /** Reads into `buf`; returns the number of bytes, 0 at the end of the file. `position`: where, else where the last read ended. */
  read(
    buf: Uint8Array,
    offset: number = 0,
    length: number = spaceIn(buf, offset),
    position: number | null = null,
  ): number {
    if (typeof length !== "number") throw wants("File.read", "a number of bytes as length", length);
    return waitFile(this.#handle.read(buf, offset, length, position).then(({ bytesRead }) => bytesRead));
  }

  /** Writes all of `data`; returns the number of bytes. `position`: where, else where the last write ended. */
  write(data: Uint8Array | string, position: number | null = null): number {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (!ArrayBuffer.isView(bytes)) throw wants("File.write", "a Uint8Array or a text", data);
    mustBePosition(position, "File.write");
    return waitFile(writeAll(this.#handle, bytes, position));
  }

  /** The same into several buffers, one after the other. */
  readv(buffers: readonly Uint8Array[], position: number | null = null): number {
    return waitFile(this.#handle.readv(buffers, position ?? undefined).then(({ bytesRead }) => bytesRead));
  }

  /** Writes all of several pieces, one after the other. */
  writev(pieces: readonly Uint8Array[], position: number | null = null): number {
    mustBePosition(position, "File.writev");
    return waitFile(writeAll(this.#handle, Buffer.concat(pieces), position));
  }

  /** Its lines from here on, without their ends, as a channel. */
  readLines(): SourceChan<string> {
    return fromAsyncIterable<string>(this.#handle.readLines({ autoClose: false }));
  }

  /** All of it, as bytes, or as text in an encoding. */
  readFile(): Buffer;
  readFile(encoding: BufferEncoding): string;
  readFile(encoding?: BufferEncoding): Buffer | string {
    return waitFile(this.#handle.readFile(encoding ?? null) as Promise<Buffer | string>);
  }

  writeFile(data: string | Uint8Array): void {
    return waitFile(this.#handle.writeFile(data));
  }

  appendFile(data: string | Uint8Array): void {
    return waitFile(this.#handle.appendFile(data));
  }

  stat(): Stats;
  stat(options: StatOptions & { bigint: true }): BigIntStats;
  stat(options?: StatOptions): Stats | BigIntStats {
    return waitFile(this.#handle.stat(options));
  }

  truncate(length: number = 0): void {
    return waitFile(this.#handle.truncate(length));
  }

  /** Has the system write what it still holds of the file's data and of what it knows about it. */
  sync(): void {
    return waitFile(this.#handle.sync());
  }

  /** Has the system write what it still holds of the file's data. */
  datasync(): void {
    return waitFile(this.#handle.datasync());
  }

  chmod(mode: number): void {
    return waitFile(this.#handle.chmod(mode));
  }

  chown(uid: number, gid: number): void {
    return waitFile(this.#handle.chown(uid, gid));
  }

  utimes(atime: string | number | Date, mtime: string | number | Date): void {
    return waitFile(this.#handle.utimes(atime, mtime));
  }

  /** Closes it; again does nothing. */
  close(): void {
    return waitFile(this.#handle.close());
  }

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

/** Opens a file, parking the caller until it is. */
export function open(path: PathLike, flags: string | number = "r", mode?: number | string): File {
  return waitFile(openHandle(path, flags, mode).then((handle) => new File(handle)));
}

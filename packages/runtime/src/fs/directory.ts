/** Folders: what is in one, piece by piece, what matches a pattern, what changes, and one that is gone at the end of a block. */
import { watch as watchNode, type Dirent, type FSWatcher, type OpenDirOptions, type PathLike } from "node:fs";
import * as promises from "node:fs/promises";
import { fromAsyncIterable } from "../stream/iterable.ts";
import { SourceChannel, type Feeder, type SourceChan } from "../stream/source.ts";
import { Failure } from "../chan/failure.ts";
import { mustBeOptions, wants } from "../errors/catalogue.ts";
import { waitFile } from "./blocking.ts";

/**
 * The entries of a folder, one after the other, as a channel: for one with more than should be in memory. Parks until it is open; `using` closes it
 * early. Go: File.ReadDir.
 *
 *     using entries = opendir("/var/log");
 *     for (const entry of entries) …
 * @param options Node's: `recursive` (false), `encoding` ("utf8"), `bufferSize`, entries read at a time (32)
 * @throws Node's error if it cannot be opened; TypeError GORT_ARGUMENT if `options` are none
 */
export function opendir(path: PathLike, options: OpenDirOptions = {}): SourceChan<Dirent> {
  // Node would call a function, and nobody would be told.
  mustBeOptions(options, "opendir");
  return waitFile(promises.opendir(path, options).then((dir) => fromAsyncIterable<Dirent>(dir)));
}

/** A change of a file, or in a folder: what it was, and the name where the system says it. */
export interface FileChange {
  /** "rename": something of this name has come or gone. */
  eventType: "rename" | "change";
  filename: string | null;
}

/** What {@link watch} can be told. */
export interface WatchOptions {
  /** Everything below the folder too. Default: false. */
  recursive?: boolean;
  /** False: it does not keep the process running. Default: true. */
  persistent?: boolean;
}

/**
 * The changes of a file, or in a folder, from now on, as a channel; those nobody has received are kept. `using` ends it. Receivers throw what the
 * system says if it fails. Does not park. Go: no counterpart.
 *
 *     using changes = watch("config.json");
 *     for (const { eventType } of changes) reload(eventType);
 * @throws Node's error if there is no such file; TypeError GORT_ARGUMENT if `options` are none
 */
export function watch(path: PathLike, options: WatchOptions = {}): SourceChan<FileChange> {
  mustBeOptions(options, "watch");
  const ch = new SourceChannel<FileChange>(0);
  ch.feeder = new Watching(watchNode(path as string, options), ch);
  return ch;
}

/** Listens from the call on: an iterator would begin when it is first asked. */
class Watching implements Feeder {
  readonly #watcher: FSWatcher;

  constructor(watcher: FSWatcher, ch: SourceChannel<FileChange>) {
    this.#watcher = watcher;
    watcher.on("change", (eventType: FileChange["eventType"], name: string | null) => {
      const change: FileChange = { eventType, filename: name };
      if (ch.isShared) {
        ch.sendAsync(change).catch(() => {});
        return;
      }
      const w = ch.recvq.first;
      if (w !== null) ch.deliver(w, change);
      else if (!ch.closed) ch.put(change);
    });
    watcher.on("error", (e) => {
      ch.feeder = null;
      ch.fail(new Failure(e));
    });
  }

  stop(): void {
    this.#watcher.close();
  }
}

/**
 * The paths that match a pattern, or one of several, in no particular order; parks meanwhile. Go: filepath.Glob.
 * @param options.cwd the folder they are relative to; the process's own if left out
 * @throws Node's error on a pattern that is no text; TypeError GORT_ARGUMENT if `options` are none
 */
export function glob(pattern: string | readonly string[], options: { cwd?: string } = {}): string[] {
  mustBeOptions(options, "glob");
  return waitFile(all(promises.glob(pattern as string | string[], options)));
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of source) found.push(value);
  return found;
}

/** A folder that is removed, with what is in it, at the end of the block. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** Removes it now, parking the caller; nothing happens if it is gone. The end of the block does the same. */
  remove(): void;
}

/**
 * Makes a folder with a name of its own, `prefix` and six characters: `using folder = mkdtempDisposable(join(tmpdir(), "job-"))`. Go: os.MkdirTemp.
 * @throws Node's error if it cannot be made; TypeError GORT_ARGUMENT if `prefix` is no text
 */
export function mkdtempDisposable(prefix: string): TemporaryFolder {
  if (typeof prefix !== "string") throw wants("mkdtempDisposable", "what the path begins with", prefix);
  return waitFile(promises.mkdtemp(prefix).then((path) => new Temporary(path)));
}

class Temporary implements TemporaryFolder {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  remove(): void {
    return waitFile(promises.rm(this.path, { recursive: true, force: true }));
  }
  [Symbol.dispose](): void {
    return this.remove();
  }
}

/** What may cross to another thread, as types. The runtime refuses the rest all the same, with the path to it. */
import type { Blob } from "node:buffer";
import type { KeyObject, webcrypto, X509Certificate } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BlockList, SocketAddress } from "node:net";
import type { MessagePort } from "node:worker_threads";
import type { Conn } from "../net/conn.ts";
import type { RecvChan, SendChan } from "../chan/ends.ts";
import type { Context } from "../context/context.ts";
import type { AtomicInt } from "../sync/atomic.ts";
import type { Cond } from "../sync/cond.ts";
import type { Mutex } from "../sync/mutex.ts";
import type { Once } from "../sync/once.ts";
import type { RWMutex } from "../sync/rwmutex.ts";
import type { Semaphore } from "../sync/semaphore.ts";
import type { WaitGroup } from "../sync/waitgroup.ts";

type Plain = string | number | bigint | boolean | null | undefined | void;
/** Copied whole. */
type Data =
  | Date
  | RegExp
  | Error
  | KeyObject
  | webcrypto.CryptoKey
  | X509Certificate
  | Blob
  | BlockList
  | SocketAddress;
/** Copied, or the same memory on every thread where that is a SharedArrayBuffer; `Buffer` and `Uint8Array` are views of either. */
type Memory = ArrayBufferLike | NodeJS.TypedArray | DataView;
/** Web streams: Node's and the browser's types of them. */
type ReadEnd = { readonly locked: boolean; getReader(): unknown; pipeTo(to: never): unknown };
type WriteEnd = { readonly locked: boolean; getWriter(): unknown };
type Stream = ReadEnd | WriteEnd | { readonly readable: ReadEnd; readonly writable: WriteEnd };
/** Handed over by `move`: not copied. */
type Single = Stream | MessagePort | FileHandle;
/** What `move` takes. */
export type Movable = ArrayBuffer | NodeJS.TypedArray<ArrayBuffer> | DataView<ArrayBuffer> | Single;
/** The same on every thread. */
// oxlint-disable-next-line typescript/no-explicit-any -- a channel takes its own element type
type Handle =
  | SendChan<any>
  | RecvChan<any>
  | WaitGroup
  | Mutex
  | RWMutex
  | Semaphore
  | Cond
  | Once
  | AtomicInt
  | Context;

/** A value that may cross to another thread: plain data (copied), what `move` gives, channels and what is in sync (shared). */
export type Shareable =
  | Plain
  | Data
  | Memory
  | Single
  | Handle
  | readonly Shareable[]
  | ReadonlyMap<Shareable, Shareable>
  | ReadonlySet<Shareable>
  | { readonly [key: string]: Shareable };

/** `T` with `never` in place of what cannot cross. `unknown` is left to the runtime. */
export type Crossing<T> = T extends Plain | Data | Memory | Single | Handle
  ? T
  : T extends symbol | ((...args: never[]) => unknown)
    ? never
    : T extends ReadonlyMap<infer K, infer V>
      ? Map<Crossing<K>, Crossing<V>>
      : T extends ReadonlySet<infer E>
        ? Set<Crossing<E>>
        : T extends object
          ? { [K in keyof T]: Crossing<T[K]> }
          : T;

/** What handlers of servers are given besides arguments that are made on the thread that calls; `never` of other functions. */
type Served<A> = A extends readonly [req: IncomingMessage, res: ServerResponse, ...shared: infer S]
  ? S
  : A extends readonly [conn: Conn, ...shared: infer S]
    ? S
    : A extends readonly [error: unknown, req: IncomingMessage]
      ? []
      : never;

/** `unknown` where arguments `A` and result `R` may cross, else a type that nothing has, whose name says why. */
export type MayCross<A, R> = [A, R] extends [Crossing<A>, Crossing<R>]
  ? unknown
  : [Served<A>] extends [never]
    ? Refused
    : Served<A> extends Crossing<Served<A>>
      ? unknown
      : Refused;

type Refused = { "an argument or the result cannot go to another thread": never };

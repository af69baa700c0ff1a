/** What goes wrong on a connection: which operation, on what, and the code Node gives it. */

/** An error of a network operation, with the stack of the goroutine that waited. Its `cause` is Node's error, if there is one. Go: net.OpError. */
export class NetError extends Error {
  /**
   * Node's: "ECONNREFUSED", "ECONNRESET", "EADDRINUSE", "ENOTFOUND", …; "ERR_NET" where Node gives none. "ETIMEDOUT" for a deadline too
   * (Go: os.ErrDeadlineExceeded), "ERR_CLOSED" after `close` (Go: net.ErrClosed).
   */
  readonly code: string;
  /** "dial", "listen", "accept", "read", "write", "close"; "set" of a deadline. */
  readonly op: string;
  /** The other end, or what was listened on; "" where it is not known. */
  readonly address: string;

  constructor(op: string, address: string, code: string, why: string, cause?: unknown) {
    super(`${op}${address === "" ? "" : ` ${address}`}: ${why}`, cause === undefined ? undefined : { cause });
    this.name = "NetError";
    this.op = op;
    this.address = address;
    this.code = code;
  }

  /** Whether time was up: a deadline has passed, or the other end did not answer. Go: net.Error.Timeout. */
  get timeout(): boolean {
    return this.code === "ETIMEDOUT";
  }
}

/** Node's error, with the operation. */
export function netError(op: string, address: string, cause: Error): NetError {
  const { code } = cause as NodeJS.ErrnoException;
  // A name with several addresses: each has its own error, and the whole no words.
  const message =
    cause instanceof AggregateError && cause.message === ""
      ? cause.errors.map((e: unknown) => (e as Error).message).join("; ")
      : cause.message;
  return new NetError(op, address, code ?? "ERR_NET", message, cause);
}

export const closedError = (op: string, address: string): NetError =>
  new NetError(op, address, "ERR_CLOSED", "use of closed network connection");

export const deadlineError = (op: string, address: string): NetError =>
  new NetError(op, address, "ETIMEDOUT", "i/o timeout");

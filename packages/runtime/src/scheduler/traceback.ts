/**
 * GOTRACEBACK: what a dying process shows, read once, as Go reads it.
 *
 *     none, 0        the message alone
 *     single, unset  the goroutine that failed; all of them where none in particular did (a fatal error, SIGQUIT)
 *     all, 1         every goroutine
 *     system, 2      the same, with the runtime's own frames
 *     crash          the same, and the process ends by SIGABRT (a core dump, where the system makes them) in place of status 2
 *
 * Anything else is `none`, as in Go.
 */
export interface Traceback {
  /** 0 nothing, 1 users' frames, 2 all frames. */
  readonly level: number;
  /** Every goroutine also when one in particular failed. */
  readonly all: boolean;
  readonly crash: boolean;
}

export function parseTraceback(text: string | undefined): Traceback {
  switch (text) {
    case undefined:
    case "":
    case "single":
      return { level: 1, all: false, crash: false };
    case "all":
      return { level: 1, all: true, crash: false };
    case "system":
    case "crash":
      return { level: 2, all: true, crash: text === "crash" };
    default:
      return { level: /^\d+$/.test(text) ? Math.min(Number(text), 2) : 0, all: true, crash: false };
  }
}

export const traceback: Traceback = parseTraceback(globalThis.process?.env?.["GOTRACEBACK"]);

/**
 * A pipeline: stages that run at the same time, each a goroutine, joined by channels. Every stage takes the context, so that whoever
 * has seen enough can end them all: a stage that nobody receives from would wait for ever.
 *
 *     count ──► square ──► onlyOdd ──► main
 */
import { background, Canceled, chan, go, withCancel, type Context, type RecvChan, type SendChan } from "gort";
import { verifyNone } from "gort/testing";

/** A stage: `body` sends to a new channel, which is closed when it returns, or when the context has ended it. */
function stage<T>(body: (out: SendChan<T>) => void): RecvChan<T> {
  const out = chan<T>();
  go(() => {
    try {
      body(out);
    } catch (e) {
      if (e !== Canceled) throw e;
    } finally {
      out.close();
    }
  });
  return out;
}

const count = (ctx: Context): RecvChan<number> =>
  stage((out) => {
    for (let n = 1; ; n++) out.send(n, ctx);
  });

const square = (ctx: Context, input: RecvChan<number>): RecvChan<number> =>
  stage((out) => {
    for (const n of input) out.send(n * n, ctx);
  });

const onlyOdd = (ctx: Context, input: RecvChan<number>): RecvChan<number> =>
  stage((out) => {
    for (const n of input) if (n % 2 === 1) out.send(n, ctx);
  });

export function main(): void {
  const [ctx, cancel] = withCancel(background());
  for (const n of onlyOdd(ctx, square(ctx, count(ctx)))) {
    if (n > 100) break;
    console.log(n);
  }
  cancel();
  verifyNone(); // all three have ended
  console.log("no stage is left");
}

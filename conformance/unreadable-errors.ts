/** What is thrown is anybody's: a revoked proxy, an error whose getters throw. It arrives all the same, and nobody waits for ever. */
import { background, fromAsyncIterable, fromSignal, go, Group, sleep, toReadable, wait, withCancelCause } from "gort";
import { serve } from "gort/http";
import { explore } from "gort/testing";
import { once } from "node:events";

function boom(): never {
  throw new Error("looked at");
}

const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
const values: Record<string, unknown> = {
  "a revoked proxy": proxy,
  "an error whose getters throw": Object.defineProperties(new Error("hidden"), {
    message: { get: boom },
    name: { get: boom },
    stack: { get: boom },
    status: { get: boom },
  }),
};

/** Whether `f` throws `v` itself. */
function throws(f: () => unknown, v: unknown): boolean {
  try {
    f();
  } catch (e) {
    return Object.is(e, v);
  }
  return false;
}

function status(v: unknown): number {
  const server = serve({ host: "127.0.0.1", onError: () => {} }, () => {
    sleep(1);
    throw v;
  });
  const answer = wait(fetch(`http://${server.addr}/`));
  wait(answer.text());
  server.close();
  return answer.status;
}

/** What a stream over a source says that fails with `v`. */
function streamed(v: unknown): unknown {
  async function* fails(): AsyncGenerator<number> {
    await Promise.resolve();
    yield 1;
    throw v;
  }
  const stream = toReadable(fromAsyncIterable(fails())).resume();
  const [e] = wait(once(stream, "error")) as [unknown];
  return Object.is(e, v) || Object.is((e as Error).cause, v);
}

export function main(): void {
  for (const [name, v] of Object.entries(values)) {
    const late = (): never => {
      try {
        sleep(1);
      } finally {
        sleep(1);
      }
      throw v;
    };
    const group = new Group();
    group.go(late);
    const given = [
      throws(() => go(late).join(), v),
      throws(() => wait(go(late).asPromise()), v),
      throws(() => wait((async () => late())()), v), // oxlint-disable-line typescript/require-await -- it blocks
      throws(() => group.wait(), v),
    ];
    const [ctx, cancel] = withCancelCause(background());
    cancel(v as Error);
    const from = new AbortController();
    const signalled = fromSignal(from.signal);
    from.abort(v);
    console.log(name, given.join(" "), status(v), streamed(v));
    console.log(`  contexts: ${String(ctx.err())}, ${String(signalled.err())}`);
    try {
      explore(late, { seeds: 1 });
    } catch (e) {
      console.log(`  explore: ${(e as Error).message.split("\n")[0]}`);
    }
  }
}

/**
 * Blocking code under OpenTelemetry's own functions: `context.with` and `startActiveSpan` call it from the package, which is therefore
 * compiled too (GORT_INCLUDE, as `--include` names packages).
 */
import { context, createContextKey, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { chan, go, Mutex, sleep, wait } from "gort";
import { serve } from "gort/http";

const KEY = createContextKey("request");
const active = (): unknown => context.active().getValue(KEY);

function under<T>(value: string, f: () => T): T {
  return context.with(context.active().setValue(KEY, value), f);
}

function spans(): void {
  const tracer = trace.getTracer("test");
  const said = tracer.startActiveSpan("outer", (outer) => {
    sleep(1);
    const inner = tracer.startActiveSpan("inner", {}, context.active().setValue(KEY, "inner"), (span) => {
      sleep(1);
      span.end();
      return active();
    });
    outer.end();
    return `${String(inner)}, then ${String(active())}`;
  });
  console.log("spans:", said);
}

function throws(): void {
  try {
    under("failing", () => {
      sleep(1);
      throw new Error(`thrown under ${String(active())}`);
    });
  } catch (e) {
    console.log((e as Error).message, "caught under", active());
  }
}

/** Many at once, each under its own, over every kind of wait. */
function requests(): void {
  const mu = new Mutex();
  const server = serve({ host: "127.0.0.1" }, (req, res) => {
    const id = req.headers["x-id"] as string;
    under(id, () => {
      sleep(1);
      {
        using _ = mu.lock();
        sleep(1);
      }
      const c = chan<unknown>();
      go(() => c.send(active()));
      const child = c.recv();
      wait(Promise.resolve());
      const mapped = [1, 2].map(() => {
        sleep(1);
        return active();
      });
      res.end(String(new Set([id, child, active(), ...mapped]).size));
    });
  });
  const answers = Array.from({ length: 8 }, (_, i) =>
    go(() => wait(wait(fetch(`http://${server.addr}/`, { headers: { "x-id": String(i) } })).text())),
  );
  console.log("requests:", answers.map((g) => g.join()).join());
  server.close();
}

export function main(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  under("main", () => {
    spans();
    throws();
  });
  requests();
  console.log("afterwards:", active());
}

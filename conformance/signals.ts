/** Who waits for a signal of the process is no deadlock, though nothing else could wake anybody. Go: signal.Notify. */
import { background, chan, fromEmitter, go, select, wait, withCancel } from "gort";

/** The timer does not keep the program. */
function soon(signal: NodeJS.Signals): void {
  setTimeout(() => process.kill(process.pid, signal), 20).unref();
}

export function main(): void {
  let emptied = 0;
  process.on("beforeExit", () => emptied++);
  const users = fromEmitter<[string, number]>(process, "SIGUSR2");
  soon("SIGUSR2");
  console.log("received:", users.recv()![0]);

  setTimeout(() => process.kill(process.pid, "SIGUSR2"), 500).unref();
  users.recv();
  console.log("the loop was kept, not asked again and again:", emptied < 4);

  using hangups = fromEmitter<[string]>(process, "SIGHUP");
  soon("SIGHUP");
  const chosen = select({ users, hangups });
  console.log("selected:", chosen.case, chosen.value![0]);

  soon("SIGHUP");
  console.log("in async code:", wait(hangups.recvAsync())![0]);

  const seen = chan<string>();
  const reader = go(() => {
    for (const [signal] of users) seen.send(signal);
  });
  soon("SIGUSR2");
  console.log("in a loop:", seen.recv());
  users.stop();
  reader.join();

  const [ctx, cancel] = withCancel(background());
  using cancelled = fromEmitter(process, "SIGHUP", { ctx });
  setTimeout(cancel, 20);
  try {
    cancelled.recv();
  } catch (e) {
    console.log("cancelled:", String(e));
  }
  console.log("listeners:", process.listenerCount("SIGUSR2"), process.listenerCount("SIGHUP"));
}

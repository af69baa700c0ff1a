/** What the runtime hangs onto the process, once there is a goroutine. */
import { watchStores } from "./als.ts";
import { checkDeadlock } from "./deadlock.ts";
import "./loop.ts";
import { watchQuit } from "./quit.ts";

/** Once, when the first goroutine is created. */
export function install(): void {
  watchStores();
  process.on("beforeExit", checkDeadlock);
  watchQuit();
}

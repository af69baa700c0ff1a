/**
 * Leak 1: a send with no receiver. The caller gives up after a timeout; the goroutine that looks the answer up sends it to nobody, and
 * waits for ever.
 */
import { chan, go, select, sleep, timeout } from "gort";
import { findLeaks } from "gort/testing";

function lookup(): string {
  sleep(200);
  return "answer";
}

function leaky(): string {
  const answer = chan<string>();
  go(() => answer.send(lookup()));
  const r = select({ answer, late: timeout(5) });
  return r.case === "answer" ? r.value! : "gave up";
}

/** The fix: room for the one value that may come late. The send never waits, and the channel is collected with what it holds. */
function fixed(): string {
  const answer = chan<string>(1);
  go(() => answer.send(lookup()));
  const r = select({ answer, late: timeout(5) });
  return r.case === "answer" ? r.value! : "gave up";
}

export function main(): void {
  console.log("fixed:", fixed(), "and leaves", findLeaks()?.message ?? "nothing");
  console.log("leaky:", leaky(), "and leaves", findLeaks()!.message);
}

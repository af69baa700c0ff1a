/** threadcreate: the threads there are. Go shows where each was created; ours are created by the runtime alone. */
import { inspect } from "../inspect.ts";
import { merged } from "../threads/plain.ts";
import { ProfileBuilder } from "./profile.ts";
import { countProfileText, type Group } from "./text.ts";

/** main, sysmon once something has run longer than a slice, and those that run parallel goroutines. */
export function threadGroups(): Group[] {
  const { location, threads, U } = inspect();
  const names = ["main"];
  for (let m = 1; m < threads().count; m++) names.push("gort.thread");
  if (U[7] !== 0) names.push("gort.sysmon");
  return merged(names.map((name) => ({ stack: [location(name, "")], labels: null, count: 1 })));
}

export function threadProfile(): Promise<Buffer> {
  const builder = new ProfileBuilder([["threadcreate", "count"]], ["threadcreate", "count"]);
  for (const { stack, count } of threadGroups()) builder.add(stack, [count]);
  return builder.encode();
}

export function threadText(): string {
  return countProfileText("threadcreate", threadGroups());
}

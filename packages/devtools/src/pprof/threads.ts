/** threadcreate: the threads there are. Go shows where each was created; ours are created by the runtime alone. */
import { inspect } from "../inspect.ts";
import { ProfileBuilder } from "./profile.ts";
import { countProfileText, type Group } from "./text.ts";

/** main, and sysmon once something has run longer than a slice. */
export function threadGroups(): Group[] {
  const { location, U } = inspect();
  const names = ["main"];
  if (U[7] !== 0) names.push("gort.sysmon");
  return names.map((name) => ({ stack: [location(name, "")], labels: null, count: 1 }));
}

export function threadProfile(): Promise<Buffer> {
  const builder = new ProfileBuilder([["threadcreate", "count"]], ["threadcreate", "count"]);
  for (const { stack, count } of threadGroups()) builder.add(stack, [count]);
  return builder.encode();
}

export function threadText(): string {
  return countProfileText("threadcreate", threadGroups());
}

import { go, sleep } from "gort";
export function main(): void {
  go(() => { for (;;) {} });
  console.log("a"); sleep(1); console.log("b"); sleep(20); console.log("c");
}

/** Stands in for lab: `it(name, [options,] (done) => …)`. */
const { add, group, start } = require("../harness.ts") as typeof import("../harness.ts");

function it(name: string, ...rest: unknown[]): void {
  const body = rest.at(-1) as (done: (error?: unknown) => void) => unknown;
  add(name, async () => {
    let finish!: (error?: unknown) => void;
    const done = new Promise<void>((resolve, reject) => {
      finish = (error) => (error instanceof Error ? reject(error) : resolve());
    });
    await start(() => body(finish));
    await done;
  });
}
exports.script = () => ({ experiment: group, describe: group, test: it, it });

/** What a parallel function returns or throws, and cannot cross: the error says of whom, and where it was started. */
import { go, parallel, sleep, WaitGroup } from "gort";

const returns = parallel((): unknown => ({ list: [1, () => 2] }));
const throws = parallel((): unknown => {
  // oxlint-disable-next-line only-throw-error
  throw { retry: () => 1 };
});

function told(start: () => { join(): unknown }): void {
  try {
    start().join();
  } catch (e) {
    const { message, stack } = e as Error;
    console.log(message.replace(/;.*/, ""));
    console.log(/created by .*/.exec(stack ?? "")?.[0].replace(/\(.*[\\/]/, "("));
  }
}

export function main(): void {
  for (let i = 0; i < 3; i++) {
    told(() => go(returns));
    told(() => go(throws));
  }
  // Nobody asks for these.
  const wg = new WaitGroup();
  for (let i = 0; i < 20; i++) {
    go(returns);
    wg.go(returns);
  }
  wg.wait();
  sleep(5);
  console.log("done");
}

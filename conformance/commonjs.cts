/**
 * A program in CommonJS: what it requires is compiled as it is, goes round in a circle, is an ECMAScript module, or blocks while it is
 * loaded.
 */
const { chan, go, sleep } = require("gort") as typeof import("gort");
const { one, both } = require("./lib/circle-one.cjs") as { one: string; both(): string };

(function (root: { kept?: () => number }, factory: (add: (n: number) => void) => () => number) {
  let sum = 0;
  root.kept = factory((n) => (sum += n));
  root.kept();
  exports.sum = () => sum;
})(exports as { kept?: () => number }, function (add) {
  const steps = chan<number>(4);
  return function step() {
    add(1);
    steps.trySend(1);
    return steps.len;
  };
});

exports.main = function main(): void {
  const ch = chan<string>();
  go(() => {
    sleep(1);
    ch.send(one);
  });
  console.log(ch.recv(), both());
  const { double } = require("./lib/double.mjs") as { double(ch: unknown): number };
  const numbers = chan<number>();
  go(() => {
    sleep(1);
    numbers.send(21);
  });
  console.log(double(numbers));
  console.log((exports as { kept(): number; sum(): number }).kept(), (exports as { sum(): number }).sum());
  try {
    require("./lib/blocks.cjs");
  } catch (e) {
    console.log((e as { code?: string }).code, /blocks\.cjs:\d+/.exec((e as Error).message)?.[0]);
  }
  console.log(require.main === module, typeof require.cache[__filename], typeof require.resolve("./lib/double.mjs"));
};

/** Two goroutines that wake each other share one slice: beside a hog on the same P they get as much as it does, within Go's factor of 20. */
import { chan, go, gomaxprocs } from "gort";

/** A little computing. */
function work(n: number): number {
  let x = n;
  for (let i = 0; i < 20; i++) x = (x * 31 + i) & 0xffff;
  return x;
}

export function main(): void {
  gomaxprocs(1);
  let [hog, light, stop] = [0, 0, false];
  const hogging = go(() => {
    while (!stop) {
      work(hog);
      hog++;
    }
  });
  const [a, b] = [chan<boolean>(), chan<boolean>()];
  const pong = go(() => {
    while (a.recv() === true) {
      work(light);
      light++;
      b.send(true);
    }
  });
  const fair = (): boolean => hog < 20 * light && light < 20 * hog;
  for (const until = performance.now() + 1000; performance.now() < until;) {
    work(light);
    light++;
    a.send(true);
    b.recv();
  }
  stop = true;
  a.close();
  hogging.join();
  pong.join();
  console.log("fair", fair());
}

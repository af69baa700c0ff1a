import { chan, go, sleep, type Chan } from "gort";

function worker(id: number, jobs: Chan<number>, results: Chan<string>): void {
  for (const n of jobs) {
    sleep(10);
    results.send(`worker ${id}: ${n} squared is ${n * n}`);
  }
}

export function main(): void {
  const [jobs, results] = [chan<number>(), chan<string>()];
  for (let id = 1; id <= 3; id++) go(worker, id, jobs, results);
  go(() => {
    for (let n = 1; n <= 9; n++) jobs.send(n);
    jobs.close();
  });
  for (let i = 0; i < 9; i++) console.log(results.recv());
}

/**
 * The clients of the hog servers, a process of their own: each asks again when it has its answer (closed loop), on a connection that is
 * kept. Prints what the light ones saw, as JSON.
 *
 *     clients.ts PORT HEAVY LIGHT SECONDS
 */
import { Agent, request } from "node:http";

const [port = 0, heavy = 0, light = 0, seconds = 0] = process.argv.slice(2).map(Number);
const WARM_UP = 1000;
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

function ask(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, agent }, (res) => {
      res.resume();
      res.on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}

const begin = performance.now() + WARM_UP;
const end = begin + seconds * 1000;
const latencies: number[] = [];
let heavies = 0;

async function hog(): Promise<void> {
  while (performance.now() < end) {
    await ask("/heavy");
    if (performance.now() > begin) heavies++;
  }
}

async function trivial(): Promise<void> {
  while (performance.now() < end) {
    const start = performance.now();
    await ask("/light");
    // One that began before the end and was answered late counts.
    if (start > begin) latencies.push(performance.now() - start);
  }
}

await Promise.all([...Array.from({ length: heavy }, hog), ...Array.from({ length: light }, trivial)]);
agent.destroy();
latencies.sort((a, b) => a - b);
const at = (p: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * p))] ?? NaN;
console.log(
  JSON.stringify({
    p50: at(0.5),
    p99: at(0.99),
    most: at(1),
    light: latencies.length / seconds,
    heavy: heavies / seconds,
  }),
);

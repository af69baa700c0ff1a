/** Takes a second to load on another thread. */
import { isMainThread } from "node:worker_threads";

const later = isMainThread ? 0 : await new Promise<number>((resolve) => setTimeout(resolve, 1000, 0));

export const slow = (n: number): number => n + later;

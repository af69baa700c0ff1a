/** What runs on the pool's threads. */
export { compute as default } from "./compute.ts";

/**
 * What code in a bubble sees of the machine: `Date`, `performance.now` and, where schedules are to be repeated, `Math.random` are the
 * bubble's while its goroutines run, for packages that are not compiled as well. Turns are synchronous, so nobody else ever sees them; `async`
 * functions, which go on outside, see the machine's from their beginning.
 */
import { host, random } from "../internal/host.ts";
import { clock, dateOn, nowOn } from "../time/clock.ts";

const RealDate = Date;
const dateNow = (): number => Math.floor(dateOn(clock()));

/** Dates of the bubble are dates like all others: only "now" is another. */
const VirtualDate: DateConstructor = new Proxy(RealDate, {
  get: (target, key) => (key === "now" ? dateNow : (Reflect.get(target, key) as unknown)),
  apply: () => new RealDate(dateNow()).toString(),
  construct: (target, args, by) =>
    Reflect.construct(target, args.length === 0 ? [dateNow()] : args, by === VirtualDate ? target : by) as Date,
});
const virtualNow = (): number => nowOn(clock());
const seededRandom = (): number => (random.next() >>> 0) / 0x1_0000_0000;

/** What stands there otherwise; a test may have its own. */
const outside = { Date, now: performance.now, hostNow: host.now, random: Math.random };
/** The scheduler's clock is the machine's also in a turn. */
const usual = host.now;
const realNow = (): number => outside.now.call(performance);

export function putOn(seeded: boolean): void {
  outside.Date = globalThis.Date;
  outside.now = performance.now;
  outside.hostNow = host.now;
  if (host.now === usual) host.now = realNow;
  globalThis.Date = VirtualDate;
  performance.now = virtualNow;
  if (!seeded) return;
  outside.random = Math.random;
  Math.random = seededRandom;
}

/** What the test itself has put there meanwhile stays. */
export function takeOff(): void {
  if (host.now === realNow) host.now = outside.hostNow;
  if (globalThis.Date === VirtualDate) globalThis.Date = outside.Date;
  if (performance.now === virtualNow) performance.now = outside.now;
  if (Math.random === seededRandom) Math.random = outside.random;
}

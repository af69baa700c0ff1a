/**
 * What the compiler refuses today, with an error that says so, and the generator leaves out: a refusal is then always a
 * failure. A feature is switched on here in the commit that lands it.
 */
export const features = {
  /** A destructuring target that calls: `[f().a] = b`. */
  targets: false,
  /** A destructuring target that is a constant, or may be in its dead zone. */
  checkedTargets: false,
  /** A function given to a function through `call` or `Reflect.apply`. */
  callbacksThroughCall: false,
  /** `super` in an arrow function. */
  superInArrows: false,
  /** Enums, namespaces, parameter properties. */
  typescript: false,
  /** `await using`. */
  awaitUsing: false,
};

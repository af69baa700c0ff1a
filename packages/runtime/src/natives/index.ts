/**
 * `gort/natives`: compiled versions of native functions that call back, for compiled code of the same version. Not an API.
 *
 * The `.js` files beside these sources are made of them by Gort's own compiler when the package is built: everything that
 * calls back is imported under that name. What can never suspend (`.ts` imports) stays as it is.
 */
export { natives as N } from "./table.ts";

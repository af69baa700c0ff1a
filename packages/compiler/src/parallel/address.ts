/** How a slice is asked for: by a query behind its module's URL, which says of which name. */

/** The query of a slice. */
export const SLICE = "gort-slice";
/** The name of a slice that has everything but the statements: for `import * as`. */
export const ALL = "*";

/** The name a slice's URL asks for, or null. */
export function sliceOf(url: string): string | null {
  const query = /[?&]gort-slice=([^&#]*)/.exec(url)?.[1];
  return query === undefined ? null : decodeURIComponent(query);
}

export function sliceUrl(url: string, name: string): string {
  return `${url}?${SLICE}=${encodeURIComponent(name)}`;
}

/**
 * For `import * as`: the slice of a name that may be state. Who asks for all of a module does not use all of it, so state in it is
 * refused only where it is asked for by its name.
 */
export function lenient(name: string): string {
  return ALL + name;
}

/** The slice of a name that another module changes, and what it does to it (`foreign` in state.ts): nothing, unless that is refused. */
export const CHANGED = "!";

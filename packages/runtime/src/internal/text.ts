/** Texts, looked at without a method of theirs: a program may have its own, or have taken it away. */

/** Whether `text` begins with `start`. */
export function begins(text: string, start: string): boolean {
  for (let i = 0; i < start.length; i++) if (text[i] !== start[i]) return false;
  return true;
}

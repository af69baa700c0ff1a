/** How the command fails before the program has started: one paragraph on stderr, exit status 1. */
import pc from "picocolors";

/** A mistake the user can correct: shown as text, without a stack. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** picocolors looks at stdout; the command's errors go to stderr. */
export const useColor: boolean = process.stderr.isTTY === true && process.stderr.hasColors();
const colors = pc.createColors(useColor);

/** Writes the paragraph. */
export function showFailure(text: string): void {
  process.stderr.write(`${colors.red("gort:")} ${text}\n`);
}

/** How the command fails before the program has started: one paragraph on stderr, exit status 1. */
import { styleText } from "node:util";

/** A mistake the user can correct: shown as text, without a stack. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The command's errors go to stderr. */
export function useColor(): boolean {
  return process.stderr.isTTY === true && process.stderr.hasColors();
}

/** Writes the paragraph. */
export function showFailure(text: string): void {
  const name = useColor() ? styleText("red", "gort:", { validateStream: false }) : "gort:";
  process.stderr.write(`${name} ${text}\n`);
}

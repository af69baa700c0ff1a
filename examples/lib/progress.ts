/** A progress line: drawn over itself on a terminal, and now and then as a line of its own elsewhere. */

const terminal = process.stderr.isTTY;

export class Progress {
  private printed = 0;
  private readonly every: number;

  /** `every`: milliseconds between two lines where the output is not a terminal. */
  constructor(every = 1000) {
    this.every = every;
  }

  show(elapsed: number, text: string): void {
    if (terminal) process.stderr.write(`\r\x1b[K${text}`);
    else if (elapsed >= this.printed + this.every) {
      this.printed = elapsed;
      process.stderr.write(`${text}\n`);
    }
  }

  clear(): void {
    if (terminal) process.stderr.write("\r\x1b[K");
  }
}

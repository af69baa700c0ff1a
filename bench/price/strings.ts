/** Scanning text into tokens and counting them. */
const text = "let total = 0; for (const item of items) { total += item.price * item.count; } // sum of all\n".repeat(
  6000,
);

function isLetter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95;
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

class Scanner {
  private readonly source: string;
  private at = 0;
  constructor(source: string) {
    this.source = source;
  }
  next(): string | null {
    const s = this.source;
    while (this.at < s.length && s.charCodeAt(this.at) <= 32) this.at++;
    if (this.at >= s.length) return null;
    const start = this.at;
    const c = s.charCodeAt(this.at++);
    if (isLetter(c))
      while (this.at < s.length && (isLetter(s.charCodeAt(this.at)) || isDigit(s.charCodeAt(this.at)))) this.at++;
    else if (isDigit(c)) while (this.at < s.length && isDigit(s.charCodeAt(this.at))) this.at++;
    else if (c === 47 && s.charCodeAt(this.at) === 47)
      while (this.at < s.length && s.charCodeAt(this.at) !== 10) this.at++;
    return s.slice(start, this.at);
  }
}

export function work(): number {
  const counts = new Map<string, number>();
  const scanner = new Scanner(text);
  for (let token = scanner.next(); token !== null; token = scanner.next())
    counts.set(token, (counts.get(token) ?? 0) + 1);
  let sum = 0;
  for (const [token, n] of counts) sum += token.length * n;
  return sum;
}

/** All permutations by swapping, counted and summed. */
class Permuter {
  private readonly v: number[];
  count = 0;
  sum = 0;
  constructor(n: number) {
    this.v = Array.from({ length: n }, (_, i) => i);
  }
  private swap(i: number, j: number): void {
    const t = this.v[i]!;
    this.v[i] = this.v[j]!;
    this.v[j] = t;
  }
  permute(n: number): void {
    this.count++;
    if (n === 0) {
      this.sum = (this.sum * 31 + this.v[0]!) | 0;
      return;
    }
    this.permute(n - 1);
    for (let i = n - 1; i >= 0; i--) {
      this.swap(n, i);
      this.permute(n - 1);
      this.swap(n, i);
    }
  }
}

export function work(): number {
  const p = new Permuter(9);
  p.permute(8);
  return p.sum + p.count;
}

/** A tree of arrays, grown by recursion: allocation. */
type Branch = (Branch | null)[];

class Grower {
  private seed = 74_755;
  count = 0;
  private random(): number {
    this.seed = (this.seed * 1309 + 13_849) & 65_535;
    return this.seed;
  }
  grow(depth: number): Branch {
    this.count++;
    if (depth === 1) return new Array<Branch | null>((this.random() % 10) + 1).fill(null);
    const branch = new Array<Branch | null>(4);
    for (let i = 0; i < 4; i++) branch[i] = this.grow(depth - 1);
    return branch;
  }
}

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 30; i++) {
    const grower = new Grower();
    sum += grower.grow(7).length + grower.count;
  }
  return sum;
}

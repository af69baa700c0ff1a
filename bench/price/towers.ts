/** The towers of Hanoi, with disks linked in lists. */
class Disk {
  next: Disk | null = null;
  readonly size: number;
  constructor(size: number) {
    this.size = size;
  }
}

class Towers {
  private readonly piles: (Disk | null)[] = [null, null, null];
  moves = 0;

  private push(disk: Disk, pile: number): void {
    const top = this.piles[pile]!;
    if (top !== null && disk.size >= top.size) throw new Error("a disk on a smaller one");
    disk.next = top;
    this.piles[pile] = disk;
  }

  private pop(pile: number): Disk {
    const top = this.piles[pile]!;
    if (top === null) throw new Error("no disk there");
    this.piles[pile] = top.next;
    top.next = null;
    return top;
  }

  build(pile: number, disks: number): void {
    for (let i = disks; i >= 0; i--) this.push(new Disk(i), pile);
  }

  move(disks: number, from: number, to: number): void {
    if (disks === 1) {
      this.push(this.pop(from), to);
      this.moves++;
      return;
    }
    const other = 3 - from - to;
    this.move(disks - 1, from, other);
    this.move(1, from, to);
    this.move(disks - 1, other, to);
  }
}

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 20; i++) {
    const towers = new Towers();
    towers.build(0, 13);
    towers.move(13, 0, 1);
    sum += towers.moves;
  }
  return sum;
}

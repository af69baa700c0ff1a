/** A processor of eight bits: a big switch in a loop, over typed arrays. */
const LOAD = 0;
const STORE = 1;
const ADD = 2;
const INC = 4;
const DEC = 5;
const JUMP_IF_NOT = 7;
const XOR = 10;
const HALT = 11;

class Cpu {
  private readonly memory: Uint8Array = new Uint8Array(256);
  private readonly registers: Uint8Array = new Uint8Array(4);
  private zero = false;
  private pc = 0;
  steps = 0;

  constructor(program: number[]) {
    this.memory.set(program);
  }

  private fetch(): number {
    const v = this.memory[this.pc]!;
    this.pc = (this.pc + 1) & 255;
    return v;
  }

  private set(r: number, v: number): void {
    this.registers[r] = v;
    this.zero = this.registers[r] === 0;
  }

  run(): number {
    const { registers: r, memory: m } = this;
    for (;;) {
      this.steps++;
      const op = this.fetch();
      const a = this.fetch();
      const b = this.fetch();
      switch (op) {
        case 0:
          this.set(a & 3, b);
          break;
        case 1:
          m[b] = r[a & 3]!;
          break;
        case 2:
          this.set(a & 3, r[a & 3]! + r[b & 3]!);
          break;
        case 3:
          this.set(a & 3, r[a & 3]! - r[b & 3]!);
          break;
        case 4:
          this.set(a & 3, r[a & 3]! + 1);
          break;
        case 5:
          this.set(a & 3, r[a & 3]! - 1);
          break;
        case 6:
          this.pc = b;
          break;
        case 7:
          if (!this.zero) this.pc = b;
          break;
        case 8:
          this.zero = r[a & 3] === r[b & 3];
          break;
        case 9:
          this.set(a & 3, r[a & 3]! << (b & 7));
          break;
        case 10:
          this.set(a & 3, r[a & 3]! ^ r[b & 3]!);
          break;
        default:
          return (r[0]! << 16) | (r[1]! << 8) | m[200]!;
      }
    }
  }
}

export function work(): number {
  const program = [
    [LOAD, 2, 0],
    [LOAD, 1, 0],
    [ADD, 0, 1],
    [XOR, 0, 2],
    [INC, 1, 0],
    [STORE, 0, 200],
    [JUMP_IF_NOT, 1, 6],
    [DEC, 2, 0],
    [JUMP_IF_NOT, 2, 3],
    [HALT, 0, 0],
  ].flat();
  let sum = 0;
  for (let i = 0; i < 4; i++) {
    const cpu = new Cpu(program);
    sum = (sum + cpu.run() + cpu.steps) | 0;
  }
  return sum;
}

/** Balls in a box: small methods that change their object, called by a callback in a loop. */
class Dice {
  private seed = 74_755;
  next(): number {
    this.seed = (this.seed * 1309 + 13_849) & 65_535;
    return this.seed;
  }
}

const SIDE = 500;

class Ball {
  private x: number;
  private y: number;
  private dx: number;
  private dy: number;
  constructor(dice: Dice) {
    this.x = dice.next() % SIDE;
    this.y = dice.next() % SIDE;
    this.dx = (dice.next() % 300) - 150;
    this.dy = (dice.next() % 300) - 150;
  }
  /** Moves; whether it has met a wall. */
  move(): boolean {
    let met = false;
    this.x += this.dx;
    this.y += this.dy;
    if (this.x > SIDE) {
      this.x = SIDE;
      this.dx = -Math.abs(this.dx);
      met = true;
    }
    if (this.x < 0) {
      this.x = 0;
      this.dx = Math.abs(this.dx);
      met = true;
    }
    if (this.y > SIDE) {
      this.y = SIDE;
      this.dy = -Math.abs(this.dy);
      met = true;
    }
    if (this.y < 0) {
      this.y = 0;
      this.dy = Math.abs(this.dy);
      met = true;
    }
    return met;
  }
}

export function work(): number {
  const dice = new Dice();
  const balls: Ball[] = [];
  for (let i = 0; i < 100; i++) balls.push(new Ball(dice));
  let met = 0;
  for (let i = 0; i < 2000; i++) {
    balls.forEach((ball) => {
      if (ball.move()) met++;
    });
  }
  return met;
}

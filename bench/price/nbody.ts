/** Bodies that attract each other: floating point in objects. */
class Body {
  x: number;
  y: number;
  z: number;
  vx: number;
  vy: number;
  vz: number;
  readonly mass: number;
  constructor(x: number, y: number, z: number, vx: number, vy: number, vz: number, mass: number) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.vx = vx;
    this.vy = vy;
    this.vz = vz;
    this.mass = mass;
  }
}

function advance(bodies: Body[], dt: number): void {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i]!;
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j]!;
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      const d = dx * dx + dy * dy + dz * dz + 0.01;
      const m = dt / (d * Math.sqrt(d));
      a.vx -= dx * b.mass * m;
      a.vy -= dy * b.mass * m;
      a.vz -= dz * b.mass * m;
      b.vx += dx * a.mass * m;
      b.vy += dy * a.mass * m;
      b.vz += dz * a.mass * m;
    }
  }
  for (const b of bodies) {
    b.x += dt * b.vx;
    b.y += dt * b.vy;
    b.z += dt * b.vz;
  }
}

export function work(): number {
  const bodies: Body[] = [];
  for (let i = 0; i < 5; i++) bodies.push(new Body(i * 1.5, i * i * 0.7, -i, 0.1 * i, 0.2, -0.05 * i, 1 / (i + 1)));
  for (let i = 0; i < 60_000; i++) advance(bodies, 0.001);
  let e = 0;
  for (const b of bodies) e += 0.5 * b.mass * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz);
  return Math.round(e * 1e6);
}

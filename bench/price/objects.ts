/** Objects calling each other through a shared method name: a small simulation of tasks that pass packets. */
interface Packet {
  kind: number;
  hops: number;
  next: Packet | null;
}

abstract class Task {
  queue: Packet | null = null;
  handled = 0;
  accept(p: Packet): void {
    p.next = this.queue;
    this.queue = p;
  }
  take(): Packet | null {
    const p = this.queue;
    if (p !== null) this.queue = p.next;
    return p;
  }
  abstract step(world: World): boolean;
}

class Worker extends Task {
  private id: number;
  constructor(id: number) {
    super();
    this.id = id;
  }
  step(world: World): boolean {
    const p = this.take();
    if (p === null) return false;
    this.handled++;
    p.kind = (p.kind * 5 + this.id) & 7;
    if (p.hops-- > 0) world.send(p, p.kind);
    else world.done++;
    return true;
  }
}

class Handler extends Task {
  private total = 0;
  step(world: World): boolean {
    const p = this.take();
    if (p === null) return false;
    this.handled++;
    this.total += p.kind;
    if (p.hops-- > 0) world.send(p, (p.kind + this.total) & 7);
    else world.done++;
    return true;
  }
}

class World {
  tasks: Task[] = [];
  done = 0;
  send(p: Packet, to: number): void {
    this.tasks[to]!.accept(p);
  }
  run(): number {
    let steps = 0;
    for (let busy = true; busy;) {
      busy = false;
      for (const task of this.tasks) {
        while (task.step(this)) {
          steps++;
          busy = true;
        }
      }
    }
    return steps;
  }
}

export function work(): number {
  const world = new World();
  for (let i = 0; i < 8; i++) world.tasks.push(i % 2 ? new Handler() : new Worker(i));
  for (let i = 0; i < 1000; i++) world.send({ kind: i & 7, hops: 3000, next: null }, i & 7);
  return world.run() + world.done;
}

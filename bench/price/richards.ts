/** A scheduler of an operating system: tasks with priorities and queues that hand packets on. */
const HELD = 1;
const WAITING = 2;
const READY_PACKET = 4;

class Packet {
  link: Packet | null;
  to: number;
  readonly kind: number;
  a1 = 0;
  readonly a2: number[] = [0, 0, 0, 0];
  constructor(link: Packet | null, to: number, kind: number) {
    this.link = link;
    this.to = to;
    this.kind = kind;
  }
  addTo(queue: Packet | null): Packet {
    this.link = null;
    if (queue === null) return this;
    let p = queue;
    while (p.link !== null) p = p.link;
    p.link = this;
    return queue;
  }
}

interface Job {
  run(s: Scheduler, packet: Packet | null): Task | null;
}

class Task {
  state: number;
  readonly next: Task | null;
  readonly id: number;
  readonly priority: number;
  private queue: Packet | null;
  private readonly job: Job;
  constructor(next: Task | null, id: number, priority: number, queue: Packet | null, job: Job) {
    this.next = next;
    this.id = id;
    this.priority = priority;
    this.queue = queue;
    this.job = job;
    this.state = queue === null ? WAITING : WAITING | READY_PACKET;
  }
  get blocked(): boolean {
    return (this.state & HELD) !== 0 || this.state === WAITING;
  }
  receive(from: Task, p: Packet): Task {
    if (this.queue === null) {
      this.queue = p;
      this.state |= READY_PACKET;
      if (this.priority > from.priority) return this;
    } else this.queue = p.addTo(this.queue);
    return from;
  }
  step(s: Scheduler): Task | null {
    let p: Packet | null = null;
    if ((this.state & (WAITING | READY_PACKET)) === (WAITING | READY_PACKET)) {
      p = this.queue;
      this.queue = p!.link;
      this.state = this.queue === null ? 0 : READY_PACKET;
    }
    return this.job.run(s, p);
  }
}

class Scheduler {
  private list: Task | null = null;
  private readonly byId: Task[] = [];
  current: Task | null = null;
  queued = 0;
  held = 0;
  add(id: number, priority: number, queue: Packet | null, job: Job, running = false): void {
    const t = new Task(this.list, id, priority, queue, job);
    this.list = t;
    this.byId[id] = t;
    if (running) t.state = 0;
  }
  run(): void {
    this.current = this.list;
    while (this.current !== null) {
      const t: Task = this.current;
      this.current = t.blocked ? t.next : t.step(this);
    }
  }
  wait(): Task | null {
    this.current!.state |= WAITING;
    return this.current;
  }
  hold(): Task | null {
    this.held++;
    this.current!.state |= HELD;
    return this.current!.next;
  }
  release(id: number): Task {
    const t = this.byId[id]!;
    t.state &= ~HELD;
    return t.priority > this.current!.priority ? t : this.current!;
  }
  send(p: Packet): Task {
    const t = this.byId[p.to]!;
    this.queued++;
    p.link = null;
    p.to = this.current!.id;
    return t.receive(this.current!, p);
  }
}

class Idle implements Job {
  private seed = 1;
  private left: number;
  constructor(left: number) {
    this.left = left;
  }
  run(s: Scheduler): Task | null {
    if (--this.left === 0) return s.hold();
    const odd = this.seed & 1;
    this.seed = (this.seed >> 1) ^ (odd === 0 ? 0 : 0xd008);
    return s.release(odd === 0 ? 4 : 5);
  }
}

class Device implements Job {
  private pending: Packet | null = null;
  run(s: Scheduler, p: Packet | null): Task | null {
    if (p !== null) {
      this.pending = p;
      return s.hold();
    }
    const v = this.pending;
    if (v === null) return s.wait();
    this.pending = null;
    return s.send(v);
  }
}

class Worker implements Job {
  private to = 2;
  private letter = 0;
  run(s: Scheduler, p: Packet | null): Task | null {
    if (p === null) return s.wait();
    this.to = 5 - this.to;
    p.to = this.to;
    p.a1 = 0;
    for (let i = 0; i < p.a2.length; i++) {
      this.letter = (this.letter % 26) + 1;
      p.a2[i] = this.letter;
    }
    return s.send(p);
  }
}

class Handler implements Job {
  private works: Packet | null = null;
  private devices: Packet | null = null;
  run(s: Scheduler, p: Packet | null): Task | null {
    if (p !== null) {
      if (p.kind === 1) this.works = p.addTo(this.works);
      else this.devices = p.addTo(this.devices);
    }
    const w = this.works;
    if (w !== null) {
      const n = w.a1;
      if (n >= 4) {
        this.works = w.link;
        return s.send(w);
      }
      const d = this.devices;
      if (d !== null) {
        this.devices = d.link;
        d.a1 = w.a2[n]!;
        w.a1 = n + 1;
        return s.send(d);
      }
    }
    return s.wait();
  }
}

function packets(to: number, kind: number, n: number): Packet | null {
  let p: Packet | null = null;
  for (let i = 0; i < n; i++) p = new Packet(p, to, kind);
  return p;
}

export function work(): number {
  let sum = 0;
  for (let i = 0; i < 6; i++) {
    const s = new Scheduler();
    s.add(0, 0, null, new Idle(10_000), true);
    s.add(1, 1000, packets(1, 1, 2), new Worker());
    s.add(2, 2000, packets(4, 0, 3), new Handler());
    s.add(3, 3000, packets(5, 0, 3), new Handler());
    s.add(4, 4000, null, new Device());
    s.add(5, 5000, null, new Device());
    s.run();
    sum += s.queued + s.held;
  }
  return sum;
}

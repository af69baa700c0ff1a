/**
 * Publish and subscribe. A topic is a goroutine that owns the set of subscribers, so there is nothing to lock. A subscriber that is too
 * slow loses messages and never holds up the others; it is told how many.
 *
 *     publish ──► topic ──┬──► subscriber's channel (buffered)
 *                         └──► subscriber's channel
 */
import { chan, go, select, WaitGroup, type Chan, type RecvChan } from "gort";

interface Subscription<T> {
  readonly messages: Chan<T>;
  /** Messages that found the buffer full. */
  lost: number;
}

class Topic<T> {
  readonly #publish = chan<T>();
  readonly #subscribe = chan<Subscription<T>>();
  readonly #unsubscribe = chan<Subscription<T>>();

  constructor() {
    go(() => this.#run());
  }

  #run(): void {
    const all = new Set<Subscription<T>>();
    for (;;) {
      const r = select({ message: this.#publish, join: this.#subscribe, leave: this.#unsubscribe });
      switch (r.case) {
        case "message":
          if (!r.ok) {
            for (const s of all) s.messages.close();
            return;
          }
          for (const s of all) if (!s.messages.trySend(r.value!)) s.lost++;
          break;
        case "join":
          all.add(r.value!);
          break;
        case "leave":
          if (all.delete(r.value!)) r.value!.messages.close();
          break;
      }
    }
  }

  publish(message: T): void {
    this.#publish.send(message);
  }

  subscribe(buffer: number): Subscription<T> {
    const s: Subscription<T> = { messages: chan<T>(buffer), lost: 0 };
    this.#subscribe.send(s);
    return s;
  }

  unsubscribe(s: Subscription<T>): void {
    this.#unsubscribe.send(s);
  }

  /** No more messages: subscribers receive what they have, then the end. */
  close(): void {
    this.#publish.close();
  }
}

function collect(messages: RecvChan<string>): string[] {
  const all: string[] = [];
  for (const message of messages) all.push(message);
  return all;
}

export function main(): void {
  const news = new Topic<string>();
  const fast = news.subscribe(10);
  const slow = news.subscribe(1);
  const brief = news.subscribe(10);

  news.publish("one");
  news.unsubscribe(brief);
  news.publish("two");
  news.publish("three");
  news.close();

  const readers = new WaitGroup();
  for (const [name, s] of Object.entries({ fast, slow, brief })) {
    readers.go(() => console.log(`${name}: ${collect(s.messages).join(" ")}, ${s.lost} lost`));
    readers.wait(); // one after the other, for the sake of the output
  }
}

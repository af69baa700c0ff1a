/**
 * The crew: the tools on the threads that run parallel goroutines, as main talks to them. A tool that is about the program asks main for
 * its own part and every other thread for theirs.
 *
 *     ask(op)      one question to each thread, their answers; who does not answer in time is named
 *     standing(op) the same without an answer, and again to each thread that starts before it is taken back
 *
 * Opened by the first question: a program that is not looked at loads nothing.
 */
import type { MessagePort } from "node:worker_threads";
import { inspect } from "../inspect.ts";

/** How long a thread may take to answer: it answers between two slices, and a native call holds it, ms. */
const PATIENCE = 3000;

export interface Question {
  id: number;
  op: string;
  args: unknown;
}

export interface Reply {
  id: number;
  value?: unknown;
  error?: string;
}

/** What the threads have said. */
export interface Answers<T> {
  of: { m: number; value: T }[];
  /** Threads that did not answer, and why. */
  silent: string[];
}

class Member {
  readonly m: number;
  readonly port: MessagePort;
  readonly #open: Map<number, (reply: Reply | null) => void> = new Map();
  #last: number = 0;

  constructor(m: number, port: MessagePort) {
    this.m = m;
    this.port = port;
    port.on("message", (message: Reply) => this.hear(message));
    port.on("close", () => {
      members.delete(m);
      for (const settle of this.#open.values()) settle(null);
      this.#open.clear();
    });
  }

  hear(message: Reply): void {
    if (message.id === 0) {
      for (const f of listeners) f(this.m, message.value);
      return;
    }
    this.#open.get(message.id)?.(message);
    this.#open.delete(message.id);
  }

  tell(op: string, args: unknown): void {
    inspect().post(this.m, this.port, { id: 0, op, args } satisfies Question);
  }

  ask(op: string, args: unknown, patience: number): Promise<Reply> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#open.delete(id);
        resolve({ id, error: `has not answered within ${patience / 1000} s` });
      }, patience);
      this.#open.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply ?? { id, error: "has ended" });
      });
      inspect().post(this.m, this.port, { id, op, args } satisfies Question);
    });
  }
}

const members: Map<number, Member> = new Map();
const orders: Set<{ op: string; args: unknown }> = new Set();
/** Who hears what threads say unasked. */
const listeners: Set<(m: number, value: unknown) => void> = new Set();

function entry(): string {
  const here: string = import.meta.url;
  return new URL(here.endsWith(".ts") ? "./thread.ts" : "./thread.js", here).href;
}

/** Those there are. */
export function crew(): ReadonlyMap<number, Member> {
  const { visit } = inspect();
  visit(entry(), (m, port) => {
    const member = new Member(m, port);
    members.set(m, member);
    for (const { op, args } of orders) member.tell(op, args);
  });
  return members;
}

/** Asks every thread but this one. */
export async function ask<T>(op: string, args: unknown = null, patience: number = PATIENCE): Promise<Answers<T>> {
  const answers: Answers<T> = { of: [], silent: [] };
  await Promise.all(
    [...crew().values()].map(async (member) => {
      const { value, error } = await member.ask(op, args, patience);
      if (error === undefined) answers.of.push({ m: member.m, value: value as T });
      else answers.silent.push(`thread M${member.m} ${error}: what it runs is missing here`);
    }),
  );
  answers.of.sort((a, b) => a.m - b.m);
  answers.silent.sort();
  return answers;
}

/** Tells every thread, and those that start later, until the returned function is called. */
export function standing(op: string, args: unknown = null): () => void {
  const order = { op, args };
  const there = crew();
  orders.add(order);
  for (const member of there.values()) member.tell(op, args);
  return () => void orders.delete(order);
}

const last = { recording: 0 };

/**
 * A recording on every thread until `own`, this thread's, is done: `op.begin` starts one, `op.end` asks for it. Several may be under way.
 */
export async function recordAll<O, T>(op: string, own: () => Promise<O>, end: object = {}): Promise<[O, Answers<T>]> {
  const id = ++last.recording;
  const stop = standing(`${op}.begin`, id);
  let result: O;
  try {
    result = await own();
  } catch (error) {
    stop();
    await ask(`${op}.end`, { ...end, id });
    throw error;
  }
  // Before the question: who starts behind it would record for good.
  stop();
  return [result, await ask<T>(`${op}.end`, { ...end, id })];
}

/** From now on `f` hears what threads send without being asked, until the returned function is called. */
export function listen(f: (m: number, value: unknown) => void): () => void {
  listeners.add(f);
  return () => void listeners.delete(f);
}

/**
 * What the stand-ins for test libraries share: tests register here and are run one after the other, each as a goroutine of
 * its own, or as it is where nothing is compiled. Every assertion is counted, and what snapshots are taken of is kept: the
 * ways of running are compared by it.
 */
import { createHash } from "node:crypto";
import { run } from "gort";

export interface Report {
  tests: number;
  assertions: number;
  /** `name: message` of each test that failed. */
  failures: string[];
  /** What was asserted, as a hash: which assertions, in which order, about what. */
  digest: string;
  /** How often something was suspended by force, or preempted. */
  suspended: number;
}

interface Entry {
  name: string;
  body: () => unknown;
}

/** How long a test may take, ms: only one that hangs reaches it. */
const limit = 300_000;

const entries: Entry[] = [];
/** A module's own groups, which begin when it has been loaded. */
const groups: [name: string, body: () => void][] = [];
const endings: (() => unknown)[] = [];
const digest = createHash("sha256");
const state = {
  assertions: 0,
  plain: false,
  loading: true,
  prefix: "",
  each: [] as (() => unknown)[],
  after: [] as (() => unknown)[],
};

export function add(name: string, body: () => unknown): void {
  const { each, after } = state;
  entries.push({
    name: state.prefix + name,
    body: async () => {
      for (const f of each) await f();
      try {
        await start(body);
      } finally {
        for (const f of after) await f();
      }
    },
  });
}

/** A group of tests; hooks inside it are for it alone. */
export function group(name: string, body: () => void): void {
  if (state.loading) {
    groups.push([name, body]);
    return;
  }
  const { prefix, each, after } = state;
  state.prefix = `${prefix}${name} > `;
  state.each = [...each];
  state.after = [...after];
  try {
    body();
  } finally {
    Object.assign(state, { prefix, each, after });
  }
}

export function before(f: () => unknown): void {
  state.each = [...state.each, f];
}

export function behind(f: () => unknown): void {
  state.after = [...state.after, f];
}

/** Runs `f` when all tests have: what it throws is a failure. */
export function atEnd(f: () => unknown): void {
  endings.push(f);
}

/** An assertion has been made; `said` is what tells it from others, but for times. GORT_SUITE_LOG=1 shows each. */
export function asserted(said: string): void {
  state.assertions++;
  const line = said.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
  if (process.env["GORT_SUITE_LOG"] === "1") process.stdout.write(`${line}\n`);
  digest.update(`${line}\n`);
}

/** As a goroutine, where things are compiled. */
export function start(body: () => unknown): unknown {
  return state.plain ? body() : run(body);
}

/** Runs what has registered. */
export async function runAll(plain: boolean): Promise<Omit<Report, "suspended">> {
  state.plain = plain;
  state.loading = false;
  for (const [name, body] of groups) group(name, body);
  const failures: string[] = [];
  for (const { name, body } of entries) {
    digest.update(`# ${name}\n`);
    await attempt(name, body, failures);
  }
  for (const f of endings) await attempt("at the end", () => start(f), failures);
  return { tests: entries.length, assertions: state.assertions, failures, digest: digest.digest("hex") };
}

async function attempt(name: string, body: () => unknown, failures: string[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the test does not end")), limit);
  });
  try {
    await Promise.race([body(), late]);
  } catch (e) {
    failures.push(`${name}: ${String((e as Error | null)?.message ?? e).split("\n")[0]}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * One look at this thread for the live page: its goroutines grouped by where they stand and what they wait for, and its numbers. Walks
 * all goroutines once for the groups and once for the numbers; nothing is kept between two looks.
 */
import { hash } from "node:crypto";
import { type G, inspect, type StackNode } from "../inspect.ts";
import { BLOCKS } from "../pprof/contention.ts";
import { eachStack, labelsOf } from "../pprof/goroutine.ts";
import type { Labels } from "../pprof/profile.ts";
import { type Stats, statsHere } from "../top/snapshot.ts";
import type { LiveFrame, LiveGroup, LiveMember, LiveOpened } from "./state.ts";

/** What is asked for: the key of the group that is to be told in full, or "". */
export interface Look {
  opened: string;
}

/** What a thread answers. */
export interface Seen {
  stats: Stats;
  groups: LiveGroup[];
  opened: LiveOpened | null;
  runs: { id: number; name: string } | null;
  locked: number;
  cpu: number;
  syscalls: number;
  /** ms of processor time that this look took. */
  took: number;
}

/** Members told of one group, by each thread. */
export const MEMBERS = 500;
/** Creators and sets of labels kept apart in a group; what comes later is not told. */
const KINDS = 50;

/** Nobody else has what these wait on. */
const FOREVER = /^(?:select \(no cases\)|chan (?:receive|send) \(nil chan\))$/;

interface Gathered {
  readonly node: StackNode;
  readonly state: string;
  count: number;
  /** Only where a group is to be told in full. */
  readonly members: G[];
  readonly creators: Map<string | null, { count: number }>;
  /** The creator of the one before, mostly this one's too. */
  site: string | null;
  created: { count: number };
  readonly labels: Map<string, { of: Labels; count: number }>;
  /** When the one that has waited longest began; Infinity if none waits. */
  since: number;
}

function createdBy(group: Gathered, site: string | null): { count: number } {
  let created = group.creators.get(site);
  if (created === undefined) {
    created = { count: 0 };
    if (group.creators.size < KINDS) group.creators.set(site, created);
  }
  group.site = site;
  return (group.created = created);
}

function label(group: Gathered, labels: Labels): void {
  const text = JSON.stringify(labels);
  const known = group.labels.get(text);
  if (known !== undefined) known.count++;
  else if (group.labels.size < KINDS) group.labels.set(text, { of: labels, count: 1 });
}

/** All goroutines in groups, and the one that has locked the thread. */
function gather(withMembers: boolean): { groups: Gathered[]; locked: number } {
  const { REASON_SHIFT, R, stateText, STATUS, WAITING } = inspect();
  const groups = new Map<string, Gathered>();
  let locked = 0;
  // Most goroutines stand where the one before stood.
  let last: Gathered | null = null;
  let reason = -1;
  eachStack((g, node) => {
    const why = g.status >> REASON_SHIFT;
    let group = last;
    // Without a reason it runs, or could.
    if (
      group === null ||
      group.node !== node ||
      reason !== why ||
      (why === 0 && (g === R.g || group.state === "running"))
    ) {
      const state = stateText(g);
      const key = `${node.id} ${state}`;
      group = groups.get(key) ?? null;
      if (group === null) {
        const created = { count: 0 };
        const creators = new Map([[g.site, created]]);
        group = {
          node,
          state,
          count: 0,
          members: [],
          creators,
          site: g.site,
          created,
          labels: new Map(),
          since: Infinity,
        };
        groups.set(key, group);
      }
      last = group;
      reason = why;
    }
    group.count++;
    if (withMembers) group.members.push(g);
    (group.site === g.site ? group.created : createdBy(group, g.site)).count++;
    if ((g.status & STATUS) === WAITING && g.since < group.since) group.since = g.since;
    if (g.ext === null) return;
    if (g.ext.locked > 0) locked = g.id;
    const labels = labelsOf(g);
    if (labels !== null) label(group, labels);
  });
  return { groups: [...groups.values()], locked };
}

const byCount = (a: { count: number }, b: { count: number }): number => b.count - a.count;

function groupOf({ node, state, count, creators, labels, since }: Gathered, now: number): LiveGroup {
  const { siteLocation } = inspect();
  const frame = (l: { name: string; file: string; line: number; column: number }): LiveFrame => [
    l.name,
    l.file === "" ? "" : `${l.file}:${l.line}:${l.column}`,
  ];
  const stack = node
    .locations()
    .filter((l) => !l.hidden)
    .map(frame);
  return {
    key: hash("sha1", JSON.stringify([state, stack]), "base64url").slice(0, 16),
    count,
    state,
    blocks: BLOCKS.test(state),
    forever: FOREVER.test(state),
    stack,
    wait: since === Infinity ? 0 : Math.max(0, now - since),
    creators: [...creators]
      .map(([site, { count }]) => {
        const place = siteLocation(site);
        return { at: place === null ? (["", ""] as const) : frame(place), count };
      })
      .sort(byCount),
    labels: [...labels.values()].sort(byCount),
  };
}

/** Those that have waited longest, of however many. */
function membersOf({ members }: Gathered, now: number): LiveMember[] {
  const { STATUS, WAITING, X } = inspect();
  const since = (g: G): number => ((g.status & STATUS) === WAITING ? g.since : now);
  const latest = Float64Array.from(members, since).sort()[Math.min(members.length, MEMBERS) - 1] as number;
  return members
    .filter((g) => since(g) <= latest)
    .sort((a, b) => since(a) - since(b) || a.id - b.id)
    .slice(0, MEMBERS)
    .map((g) => ({
      id: g.id,
      name: nameOf(g),
      labels: g.ext?.labels ?? null,
      wait: Math.max(0, now - since(g)),
      parent: g.parent,
      m: X.m,
    }));
}

/** The name it was given, or that of the function it was started with: not of the runtime's own around it. */
function nameOf(g: G): string {
  const { FRESH, frameLocation, RUNNABLE, startLocation, STATUS } = inspect();
  const given = g.ext?.name ?? "";
  if (given !== "") return given;
  if ((g.status & STATUS) === RUNNABLE && g.x >= FRESH) return startLocation(g).name;
  let name = "";
  for (let f = g.frame; f !== null; f = f.next) {
    const location = frameLocation(f);
    if (!location.hidden) name = location.name;
  }
  return name === "" ? g.name : name;
}

/** ms of this thread's processor time; -1: not known, before Node.js 23.9. */
function cpuHere(): number {
  const read = process.threadCpuUsage as typeof process.threadCpuUsage | undefined;
  if (read === undefined) return -1;
  const { user, system } = read.call(process);
  return (user + system) / 1000;
}

/** Tells the ms of processor time since; of all time, where that is not known. */
export function stopwatch(): () => number {
  const [cpu, start] = [cpuHere(), performance.now()];
  return () => (cpu < 0 ? performance.now() - start : cpuHere() - cpu);
}

export function lookHere({ opened: key }: Look): Seen {
  const { current, host, S } = inspect();
  const spent = stopwatch();
  const now = host.now();
  const stats = statsHere();
  const groups: LiveGroup[] = [];
  let opened: LiveOpened | null = null;
  const { groups: all, locked } = gather(key !== "");
  for (const gathered of all) {
    const group = groupOf(gathered, now);
    groups.push(group);
    if (group.key === key) opened = { group, members: membersOf(gathered, now) };
  }
  const g = current();
  return {
    stats,
    groups,
    opened,
    runs: g === null ? null : { id: g.id, name: nameOf(g) },
    locked,
    cpu: cpuHere(),
    syscalls: S.syscalls,
    took: spent(),
  };
}

/**
 * Ticks: what beat sends again and again, as Celery's events tell it. Events name no schedule, so that sends with the
 * same task name and kwargs are one schedule. Nor do they name beat: it is a sender most of whose tasks come at regular
 * intervals. Pure. Times are epoch milliseconds.
 */

/** One `task-sent` event; `by` is the publisher, `gen<pid>@<hostname>`. */
export type Sent = { name: string; kwargs: string | null; at: number; by: string };

/** A slot in which more than one tick was sent. */
export type DoubledSlot = { at: number; by: readonly string[] };

export type Schedule = {
  /** Unique among schedules: name and kwargs. */
  id: string;
  name: string;
  kwargs: string | null;
  ticks: number;
  lastAt: number;
  lastBy: string;
  /** Every sender of it, the newest last. */
  senders: readonly string[];
  /** The median of what lies between two ticks of one sender; null = too few ticks to learn it. */
  intervalMs: number | null;
  /** When the tick after the newest one is due, or was; null = not known. */
  nextAt: number | null;
  /** Slots without a tick, and when the newest of them were due. */
  missed: number;
  missedAt: readonly number[];
  /** Slots with more than one tick, and the newest of them. */
  doubled: number;
  doubledSlots: readonly DoubledSlot[];
};

/** Fewer ticks of one sender teach no interval: chance would often look regular. */
const MIN_TICKS = 5;
/** What comes faster than this is no schedule: a beat that cannot publish tries many times a second. */
export const MIN_INTERVAL_MS = 500;
/** Of a regular sender's intervals at least this share, besides the median itself, are that or a multiple of it, within a tenth. */
const REGULAR_SHARE = 0.7;
const REGULAR_WITHIN = 0.1;
/**
 * A tick belongs to a slot when it comes this much (of the interval) before or after the time it was due. Early it is only
 * where the one before was late: by what a busy machine delays, or after a change of beat.
 */
const EARLY = 0.1;
const LATE = 0.25;
const JITTER_MS = 300;
/** Events need this long to arrive; a tick is not missing before. */
const ARRIVAL_MS = 2_000;
/** Missed and doubled slots that are told with their times. */
const SLOTS_TOLD = 10;

/**
 * The schedules that `sent` shows, by name. `until`: the time up to which all events are known. `hostnames`: where beat
 * runs; when a regular sender is there, only those count, else every regular one.
 */
export function schedulesOf(sent: readonly Sent[], until: number, hostnames: readonly string[] = []): Schedule[] {
  const sorted = [...sent].sort((a, b) => a.at - b.at);
  const groups = Map.groupBy(sorted, scheduleId);
  const beats = beatsOf(groups, hostnames);
  return [...groups]
    .filter(([, ticks]) => ticks.some(({ by }) => beats.has(by)))
    .map(([id, ticks]) => scheduleOf(id, ticks, intervalOf(ticks.filter(({ by }) => beats.has(by))), until))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What sends of one schedule have in common. */
export function scheduleId({ name, kwargs }: Pick<Sent, 'name' | 'kwargs'>): string {
  return `${name} ${kwargs ?? ''}`;
}

/** The senders at least half of whose oft-sent tasks are regular: an application may send one task regularly, too. */
function beatsOf(groups: ReadonlyMap<string, readonly Sent[]>, hostnames: readonly string[]): ReadonlySet<string> {
  const known = new Map<string, { regular: number; all: number }>();
  for (const ticks of groups.values()) {
    for (const [by, own] of Map.groupBy(ticks, (tick) => tick.by)) {
      if (own.length < MIN_TICKS) continue;
      const { regular, all } = known.get(by) ?? { regular: 0, all: 0 };
      known.set(by, { regular: regular + (intervalOf(own) === null ? 0 : 1), all: all + 1 });
    }
  }
  const beats = [...known].filter(([, { regular, all }]) => regular > 0 && regular * 2 >= all).map(([by]) => by);
  const there = beats.filter((by) => isAt(by, hostnames));
  return new Set(there.length > 0 ? there : beats);
}

/** Hosts are known by short or by full names. */
function isAt(sender: string, hostnames: readonly string[]): boolean {
  const hostname = sender.slice(sender.indexOf('@') + 1);
  return hostnames.includes(hostname) || hostnames.includes(hostname.split('.')[0] ?? '');
}

/** The interval that the senders of these ticks, each by itself, keep to; null = none. */
function intervalOf(ticks: readonly Sent[]): number | null {
  const gaps = [...Map.groupBy(ticks, ({ by }) => by).values()].flatMap((own) =>
    own.slice(1).map(({ at }, i) => at - (own[i]?.at ?? at)),
  );
  if (gaps.length < MIN_TICKS - 1) return null;
  const interval = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  if (interval < MIN_INTERVAL_MS) return null;
  const regular = gaps.filter((gap) => {
    const slots = Math.max(1, Math.round(gap / interval));
    return Math.abs(gap - slots * interval) <= REGULAR_WITHIN * interval;
  });
  return regular.length - 1 >= REGULAR_SHARE * (gaps.length - 1) ? interval : null;
}

function scheduleOf(id: string, ticks: readonly Sent[], intervalMs: number | null, until: number): Schedule {
  const [first, last] = [ticks[0] as Sent, ticks.at(-1) as Sent];
  const told = {
    ...{ id, name: first.name, kwargs: first.kwargs, ticks: ticks.length, lastAt: last.at, lastBy: last.by },
    senders: [...new Set(ticks.map(({ by }) => by).reverse())].reverse(),
  };
  if (intervalMs === null) {
    return {
      ...told,
      ...{ intervalMs, nextAt: null, missed: 0, missedAt: [], doubled: 0, doubledSlots: [] },
    };
  }
  const { slots, missed, newestAt } = slotsOf(ticks, intervalMs);
  const overdue = Math.floor((until - ARRIVAL_MS - LATE * intervalMs - newestAt) / intervalMs);
  if (overdue > 0) missed.push({ from: newestAt, count: overdue });
  const doubled = slots.filter(({ by }) => by.length > 1);
  return {
    ...{ ...told, intervalMs, nextAt: newestAt + intervalMs },
    missed: missed.reduce((sum, { count }) => sum + count, 0),
    missedAt: timesOf(missed, intervalMs),
    doubled: doubled.length,
    doubledSlots: doubled.slice(-SLOTS_TOLD),
  };
}

/** So many slots were missed after the one at `from`. */
type Missed = { from: number; count: number };

/** Puts ticks, oldest first, into slots. `newestAt`: when the newest slot was due. */
function slotsOf(ticks: readonly Sent[], interval: number) {
  const slots: { at: number; by: string[] }[] = [];
  const missed: Missed[] = [];
  let due = ticks[0]?.at ?? 0;
  /** A tick that was off the grid: when the next one follows it by an interval, the schedule has moved there. */
  let moved: number | null = null;
  for (const { at, by } of ticks) {
    const slot = slots.at(-1);
    let steps = stepsTo(at, due, interval);
    if (steps === null && moved !== null) {
      steps = stepsTo(at, moved, interval);
      if (steps !== null) due = moved;
    }
    const isOnGrid = steps !== null;
    const onward = steps ?? Math.floor((at - due) / interval);
    if (slot !== undefined && onward < 1) {
      slot.by.push(by);
      continue;
    }
    slots.push({ at, by: [by] });
    if (slot === undefined) continue;
    if (onward > 1) missed.push({ from: due, count: onward - 1 });
    due += onward * interval;
    // Ticks are late, never early: the earliest tell best when they are due.
    if (isOnGrid) due = Math.min(due, at);
    moved = isOnGrid ? null : at;
  }
  return { slots, missed, newestAt: moved ?? due };
}

/** How many slots after `due` the tick fits; null = between two. */
function stepsTo(at: number, due: number, interval: number): number | null {
  const steps = Math.round((at - due) / interval);
  const late = (at - due) / interval - steps;
  const early = Math.min(LATE, Math.max(EARLY, JITTER_MS / interval));
  return late >= -early && late <= LATE ? steps : null;
}

/** When the newest missed slots were due, oldest first. */
function timesOf(missed: readonly Missed[], interval: number): number[] {
  const times: number[] = [];
  for (const { from, count } of missed.slice(-SLOTS_TOLD)) {
    const first = Math.max(1, count - SLOTS_TOLD + 1);
    for (let i = first; i <= count; i++) times.push(Math.round(from + i * interval));
  }
  return times.slice(-SLOTS_TOLD);
}

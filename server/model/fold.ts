/**
 * The fold: observations in, model out. Pure. The model depends only on the newest observation of every reading,
 * so the order in which different endpoints answer does not matter, and a late or repeated one changes nothing.
 */
import { keepEqual } from '#lib/model/equal.ts';
import { type Entities, emptyModel, type Host, KINDS, type Kind, type Model } from '#lib/model/model.ts';
import { OWN_LOAD, type Reading, readingKey, SOURCE_KINDS, type SourceKind } from '#lib/model/reading.ts';
import { correlate } from './correlate.ts';
import type { Observation } from './observation.ts';

/** One reading with the data of its last usable answer (null = none yet). */
export type Latest = { reading: Reading; data: unknown };

/** The entities that one source contributes. */
export type Slice = { readonly [K in Kind]?: Entities<K> };

export type ReduceContext = {
  hosts: Readonly<Record<string, Host>>;
  /** What this source contributed before, for entities that must be remembered when they vanish. */
  previous: Slice;
  /** Time of the observation being folded (epoch ms). */
  at: number;
};

/** A source's pure reducer: from all of its latest readings to its entities. */
export type Reduce = (latest: readonly Latest[], context: ReduceContext) => Slice;
export type Reducers = Readonly<Record<SourceKind, Reduce>>;

/** The usable answers to one question, from all endpoints that were asked it; `T` is the payload that the probe parsed. */
export function answersTo<T>(latest: readonly Latest[], name: string): { by: string; endpoint: string; data: T }[] {
  return latest
    .filter((one) => one.reading.name === name && one.data !== null)
    .map((one) => ({ by: one.reading.key, endpoint: one.reading.endpoint, data: one.data as T }));
}

export type FoldState = {
  readonly hosts: Readonly<Record<string, Host>>;
  readonly latest: ReadonlyMap<string, Latest>;
  readonly slices: Readonly<Record<SourceKind, Slice>>;
  /** What each reducer returned last: a kind that it returns again as it was need not be compared. */
  readonly reduced: Readonly<Record<SourceKind, Slice>>;
  readonly model: Model;
};

/** The state before the first observation: what the configuration names is there, and nothing is known about it. */
export function startFold(hosts: Readonly<Record<string, Host>>, reducers: Reducers): FoldState {
  const context = { hosts, previous: {}, at: 0 };
  const slices = Object.fromEntries(
    SOURCE_KINDS.map((kind) => [kind, reducers[kind]([], context)]),
  ) as FoldState['slices'];
  const empty: FoldState = { hosts, latest: new Map(), slices, reduced: slices, model: emptyModel() };
  return { ...empty, model: assemble(empty, slices, {}) };
}

/** Folds one observation in. Returns the same state when it is older than, or the same as, the newest of its reading. */
export function fold(state: FoldState, observation: Observation, reducers: Reducers): FoldState {
  const key = readingKey(observation.source, observation.endpoint, observation.reading);
  const before = state.latest.get(key);
  if (before !== undefined && observation.at <= newestAt(before.reading)) return state;

  const next = nextLatest(key, before, observation);
  const latest = before === undefined ? inserted(state.latest, key, next) : new Map(state.latest).set(key, next);
  const ofSource = [...latest.values()].filter((one) => one.reading.source === observation.source);
  const previous = state.slices[observation.source];
  const reduced = observation.ok
    ? reducers[observation.source](ofSource, { hosts: state.hosts, previous, at: observation.at })
    : null;
  const lastReduced = state.reduced[observation.source];
  const slice = reduced === null ? previous : keepSlice(previous, lastReduced, reduced);
  const slices = { ...state.slices, [observation.source]: slice };
  const readings =
    next.reading.name === OWN_LOAD ? state.model.readings : withReading(state.model.readings, next.reading, latest);
  return {
    ...{ ...state, latest, slices },
    reduced: { ...state.reduced, [observation.source]: reduced ?? lastReduced },
    model: assemble(state, slices, readings),
  };
}

/** In the order of the keys, whoever answered first: the order of claims and entities follows it. */
function inserted(latest: FoldState['latest'], key: string, added: Latest): Map<string, Latest> {
  return new Map([...latest, [key, added] as const].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withReading(readings: Model['readings'], reading: Reading, latest: FoldState['latest']): Model['readings'] {
  const next = { ...readings, [reading.key]: reading };
  if (readings[reading.key] !== undefined) return next;
  return Object.fromEntries([...latest.keys()].flatMap((key) => (next[key] === undefined ? [] : [[key, next[key]]])));
}

function newestAt(reading: Reading): number {
  return Math.max(reading.at ?? Number.NEGATIVE_INFINITY, reading.failure?.at ?? Number.NEGATIVE_INFINITY);
}

function nextLatest(key: string, before: Latest | undefined, observation: Observation): Latest {
  const { source, endpoint, reading: name, intervalMs } = observation;
  const base = { key, source, endpoint, name, intervalMs };
  if (observation.ok) {
    const { at, tookMs, via = null, lacks = null } = observation;
    return { reading: { ...base, at, tookMs, via, lacks, failure: null }, data: observation.data };
  }
  const { code, message, at } = observation;
  const since = before?.reading.failure?.since ?? at;
  const { at: answeredAt = null, tookMs = null, via = null, lacks = null } = before?.reading ?? {};
  return {
    reading: { ...base, at: answeredAt, tookMs, via, lacks, failure: { code, message, since, at } },
    data: before?.data ?? null,
  };
}

/** The new slice, with every unchanged entity (and every unchanged kind) kept by identity. */
function keepSlice(previous: Slice, lastReduced: Slice, next: Slice): Slice {
  return Object.fromEntries(
    KINDS.filter((kind) => next[kind] !== undefined).map((kind) => [
      kind,
      next[kind] === lastReduced[kind] && previous[kind] !== undefined
        ? previous[kind]
        : keep(previous[kind], next[kind]),
    ]),
  );
}

type AnyEntities = Readonly<Record<string, unknown>>;

function keep(previous: AnyEntities | undefined, next: AnyEntities | undefined): AnyEntities {
  if (previous === next || previous === undefined || next === undefined) return next ?? {};
  return keepEqual(previous, next);
}

function assemble(state: FoldState, slices: FoldState['slices'], readings: Model['readings']): Model {
  const merged: Record<string, AnyEntities> = { ...emptyModel(), hosts: state.hosts, readings };
  for (const source of SOURCE_KINDS) {
    for (const [kind, entities] of Object.entries(slices[source])) {
      // Most kinds have one source: its record is taken as it is, so that ten thousand unchanged queues cost nothing.
      merged[kind] = Object.keys(merged[kind] ?? {}).length === 0 ? entities : { ...merged[kind], ...entities };
    }
  }
  const model = correlate(merged as unknown as Model);
  // A slice's own record was compared when it was made; only what is put together here is compared here.
  const isSlice = (kind: Kind) => SOURCE_KINDS.some((source) => slices[source][kind] === model[kind]);
  const kept = KINDS.map((kind) => [kind, isSlice(kind) ? model[kind] : keep(state.model[kind], model[kind])]);
  return Object.fromEntries(kept) as unknown as Model;
}

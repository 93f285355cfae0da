import { expect, test } from 'vitest';
import type { Ingest } from '#lib/model/celery.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Sent } from '#lib/model/ticks.ts';
import { beatTicks } from './beat-ticks.ts';

const NOW = 1_000_000;
const BY = 'celery/intake/intake';

const INGEST: Ingest = {
  ...{ id: 'trellis.events', mode: 'quorum', modeReason: null, canLose: '', state: 'consuming', since: 0, via: null },
  ...{ problem: null, received: 0, rejected: {}, redelivered: 0, skewed: 0, pending: 0, lagMessages: 0, lagMs: null },
  ...{ eventsPerSecond: 0, missedTasks: 0, backfilled: 0, orphaned: 0, by: BY },
};

function model(ingest: Partial<Ingest> = {}, answeredAt = NOW): Model {
  const times = { intervalMs: 1_000, at: answeredAt, tookMs: 1, via: null, lacks: null, failure: null };
  return {
    ...emptyModel(),
    readings: { [BY]: { key: BY, source: 'consul', endpoint: 'intake', name: 'intake', ...times } },
    ingests: { [INGEST.id]: { ...INGEST, ...ingest } },
  };
}

/** Twenty ticks, the newest 30 s ago. */
const SENT: Sent[] = Array.from({ length: 20 }, (_, i) => ({
  ...{ name: 'lab.tick', kwargs: '{}', at: NOW - 49_000 + i * 1_000, by: 'gen1@host-1' },
}));

function missedIn(one: Model): number | undefined {
  return beatTicks(SENT, one, NOW - 60_000, NOW).schedules[0]?.missed;
}

test('ticks that do not come while all events are known are missed', () => {
  expect(missedIn(model())).toBe(27);
});

test('while the intake is blind, behind or silent, nothing is missed for that', () => {
  for (const blind of [
    model({ state: 'disconnected' }),
    model({ state: 'storing-fails' }),
    model({ lagMessages: 5_000 }),
    model({}, NOW - 60_000),
  ]) {
    expect(missedIn(blind)).toBe(0);
    expect(beatTicks(SENT, blind, NOW - 60_000, NOW).until).toBe(NOW - 30_000);
  }
});

test('senders on the hosts of the lock are the beats', () => {
  const elsewhere = SENT.map((sent) => ({ ...sent, name: 'app.cron', by: 'gen2@web' }));
  const beat = { id: 'beat@consul-1', lock: 'beat', node: 'consul-1', host: 'host-1', role: 'holder' as const };
  const known = { ...model(), beats: { [beat.id]: { ...beat, by: BY, goneSince: null } } };
  const names = (one: Model) =>
    beatTicks([...SENT, ...elsewhere], one, NOW - 60_000, NOW).schedules.map(({ name }) => name);
  expect(names(known)).toEqual(['lab.tick']);
  expect(names(model())).toEqual(['app.cron', 'lab.tick']);
});

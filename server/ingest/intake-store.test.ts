/** The intake on the real store, in a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import type { LinkEvents } from './consumer.ts';
import { startIntake } from './intake.ts';
import type { IngestReport } from './report.ts';

const START = 1_795_288_300_000;

test('what is acknowledged is in the file, with the marks of the worker, for the next process to go on from', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-intake-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'tasks.db');
  const writer = openTaskWriter(path);
  const clock = manualClock(START);
  const acknowledged: number[] = [];
  let events: LinkEvents | null = null;
  let last: IngestReport | null = null;
  const intake = startIntake({
    ...{ writer, clock, random: () => 0, carried: null, onProblem: () => undefined },
    addresses: [{ name: 'a:1', hostname: 'a', port: 1, tls: false }],
    queue: { queue: 'trellis.events', exchange: 'celeryev', maxBytes: 1_000_000, mode: 'auto' },
    async open(_address, _after, given) {
      events = given;
      return {
        ...{ via: 'a:1', queue: { name: 'trellis.events', mode: 'quorum', reason: null, waiting: 0 } },
        ...{ waiting: async () => 0, stopConsuming: async () => undefined, close: async () => undefined },
        acknowledge: (tag) => acknowledged.push(tag),
      };
    },
    onReport: (report) => {
      last = report;
    },
  });
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
  const base = { hostname: 'celery@host-1', pid: 7, clock: 1, timestamp: START / 1_000 };
  const bodies = [
    { ...base, type: 'worker-online', freq: 2, processed: 0 },
    [
      { ...base, type: 'task-received', uuid: 'a', name: 'shop.pay', args: '(1,)', kwargs: '{}' },
      { ...base, type: 'task-started', uuid: 'a' },
    ],
    { ...base, type: 'worker-heartbeat', freq: 2, processed: 1, timestamp: START / 1_000 + 2 },
  ];
  bodies.forEach((body, i) => {
    const text = new TextEncoder().encode(JSON.stringify(body));
    events?.delivery({ body: text, tag: i + 1, redelivered: false, offset: null });
  });
  clock.advance(1_000);
  expect(acknowledged).toEqual([3]);
  expect(last).toMatchObject({ changed: 1, ingest: { received: 4, pending: 0 } });
  await intake.stop();
  writer.close();

  const again = openTaskWriter(path);
  onTestFinished(() => again.close());
  expect(again.running('celery@host-1', 10)).toMatchObject([{ id: 'a', state: 'STARTED', name: 'shop.pay' }]);
  expect(again.marks()).toMatchObject([{ worker: 'celery@host-1', pid: 7, processed: 1, seen: 1 }]);
});

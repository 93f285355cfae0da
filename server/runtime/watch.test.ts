import { afterEach, expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import { createRequestLog } from '#server/sources/request-log.ts';
import type { Endpoint } from '#server/sources/source.ts';
import { startWatch, type Watch } from './watch.ts';

let watch: Watch | undefined;
afterEach(() => watch?.stop());

const clock = () => performance.timeOrigin + performance.now();

function start(told: number) {
  const subscribe: Endpoint['subscribe'] = (report) => {
    for (let n = 1; n <= told; n++) report.tell({ name: `reading-${n}`, intervalMs: 60_000 }, { data: n });
  };
  const noticed: { model: Model; now: number }[] = [];
  watch = startWatch({
    ...{ hosts: {}, clock, publish: () => undefined },
    sources: [
      {
        ...{ kind: 'redis', budget: { atRest: 1, inBurst: 1 }, requests: createRequestLog(clock) },
        endpoints: [{ id: 'e', probes: [], close: () => undefined, subscribe }],
        reduce: () => ({}),
      },
    ],
    notice: (model, now) => {
      noticed.push({ model, now });
      return [];
    },
  });
  return noticed;
}

test('what comes in one turn of the event loop is noticed once, whole, and at the time of the newest', async () => {
  const noticed = start(50);
  await expect.poll(() => noticed.length).toBeGreaterThan(0);
  const [first] = noticed;
  const readings = Object.values(first?.model.readings ?? {}).filter(({ name }) => name.startsWith('reading-'));
  expect(readings).toHaveLength(50);
  expect(first?.now).toBeGreaterThanOrEqual(Math.max(...readings.map(({ at }) => at ?? 0)));
});

test('nothing is noticed after the end', async () => {
  const noticed = start(1);
  watch?.stop();
  const turn = Promise.withResolvers<void>();
  setImmediate(() => setImmediate(turn.resolve));
  await turn.promise;
  expect(noticed).toEqual([]);
});

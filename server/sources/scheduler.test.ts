import { afterEach, describe, expect, test } from 'vitest';
import type { Observation } from '#server/model/observation.ts';
import { createRequestLog } from './request-log.ts';
import { createScheduler, type Scheduler, takeReading } from './scheduler.ts';
import type { Endpoint, Probe, PushReport } from './source.ts';

const HOUR_MS = 3_600_000;
const BUDGET = { atRest: 1_000, inBurst: 2_000 };
const now = () => performance.timeOrigin + performance.now();

let running: Scheduler | undefined;
afterEach(() => running?.stop());

function start(probes: readonly Probe[], subscribe?: Endpoint['subscribe']) {
  const observations: Observation[] = [];
  const source = { kind: 'redis', budget: BUDGET, requests: createRequestLog(now) } as const;
  const scheduler = createScheduler(source, (one) => observations.push(one), { now, random: () => 0 });
  running = scheduler;
  let closed = 0;
  const endpoint: Endpoint = {
    id: 'e',
    probes,
    close: () => closed++,
    ...(subscribe === undefined ? {} : { subscribe }),
  };
  scheduler.watch([endpoint]);
  const of = (name: string) => observations.filter((one) => one.reading === name);
  return { scheduler, endpoint, of, closed: () => closed };
}

const probe = (name: string, more: Partial<Probe> = {}): Probe => ({
  ...{ name, intervalMs: HOUR_MS, timeoutMs: 5_000, ask: async () => ({ data: name }) },
  ...more,
});

describe('the scheduler', () => {
  test('asks every probe at once, and again after its interval', async () => {
    const { of } = start([probe('slow'), probe('fast', { intervalMs: 110 })]);
    await expect.poll(() => of('fast').length).toBeGreaterThanOrEqual(3);
    expect(of('slow')).toHaveLength(1);
  });

  test('never asks a probe again while it is being asked', async () => {
    let under = 0;
    let most = 0;
    let asked = 0;
    const ask = async () => {
      asked += 1;
      under += 1;
      most = Math.max(most, under);
      await expect.poll(() => asked > 0).toBe(true);
      under -= 1;
      return { data: null };
    };
    const { scheduler } = start([probe('p', { intervalMs: 1, bursts: true, ask })]);
    await expect
      .poll(() => {
        scheduler.hurry();
        return asked;
      })
      .toBeGreaterThanOrEqual(4);
    expect(most).toBe(1);
  });

  test('a hurry asks the bursting probes at once and goes on, and leaves the others alone', async () => {
    const { scheduler, of } = start([probe('bursts', { bursts: true }), probe('steady')]);
    await expect.poll(() => of('bursts').length + of('steady').length).toBe(2);
    scheduler.hurry();
    await expect.poll(() => of('bursts').length, { timeout: 5_000 }).toBeGreaterThanOrEqual(4);
    expect(of('steady')).toHaveLength(1);
  });

  test('a hurry does not wait because the last answer was heavy, and does so only once', async () => {
    const heavy = async () => ({ data: null, bytes: 5_000_000_000 });
    const { scheduler, of } = start([probe('heavy', { bursts: true, ask: heavy }), probe('light', { bursts: true })]);
    await expect.poll(() => of('heavy').length + of('light').length).toBe(2);
    scheduler.hurry();
    await expect.poll(() => of('heavy').length).toBe(2);
    scheduler.hurry();
    const before = of('light').length;
    await expect.poll(() => of('light').length, { timeout: 5_000 }).toBeGreaterThanOrEqual(before + 2);
    expect(of('heavy')).toHaveLength(2);
  });

  test('many nudges are one asking', async () => {
    let report: PushReport | undefined;
    const { of } = start([probe('p', { bursts: true })], (given) => {
      report = given;
    });
    await expect.poll(() => of('p').length).toBe(1);
    for (let i = 0; i < 100; i++) report?.nudge();
    await expect.poll(() => of('p').length).toBe(2);
    for (let i = 0; i < 100; i++) report?.nudge();
    expect(of('p')).toHaveLength(2);
  });

  test('what a subscription tells is an observation at once, a failure too', async () => {
    const { of } = start([], (report) => {
      report.tell({ name: 'events', intervalMs: 5 }, { data: ['x'] });
      report.tell({ name: 'link', intervalMs: 5 }, { error: Object.assign(new Error('gone'), { code: 'ECONNRESET' }) });
    });
    expect(of('events')).toMatchObject([{ ok: true, data: ['x'] }]);
    expect(of('link')).toMatchObject([{ ok: false, code: 'reset' }]);
  });

  test('stopping aborts what is under way, closes the endpoints and says nothing more', async () => {
    let aborted = false;
    const ask = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason);
        });
      });
    const { scheduler, of, closed } = start([probe('hangs', { ask })]);
    scheduler.stop();
    expect([aborted, closed()]).toEqual([true, 1]);
    await expect.poll(() => aborted).toBe(true);
    expect(of('hangs')).toEqual([]);
  });

  test('an endpoint is watched once, however often it is found', async () => {
    const { scheduler, endpoint, of } = start([probe('p')]);
    scheduler.watch([endpoint]);
    await expect.poll(() => of('load').length).toBe(1);
    expect(of('p')).toHaveLength(1);
  });
});

describe('a reading', () => {
  const take = (ask: Probe['ask'], timeoutMs = 5_000, signal = new AbortController().signal) =>
    takeReading('redis', 'e', { ...probe('p'), timeoutMs, ask }, signal, now);

  test('that takes too long fails with timeout, even when the client ignores the signal', async () => {
    expect(await take(() => new Promise(() => undefined), 20)).toMatchObject({ ok: false, code: 'timeout' });
  });

  test('that throws whatever is an observation with a code', async () => {
    expect(await take(() => Promise.reject(new Error('boom')))).toMatchObject({ ok: false, code: 'internal' });
    expect(await take(() => Promise.reject('text'))).toMatchObject({ ok: false, code: 'internal' });
    expect(
      await take(() => {
        throw new TypeError('at once');
      }),
    ).toMatchObject({ ok: false, code: 'internal' });
  });

  test('does not let credentials out in its message', async () => {
    const observation = await take(() => Promise.reject(new Error('no route to amqp://me:s3cret@10.0.0.1/')));
    expect(JSON.stringify(observation)).not.toContain('s3cret');
  });
});

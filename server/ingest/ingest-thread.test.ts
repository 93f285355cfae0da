/** The real thread, without a broker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { brokerAddresses } from '#server/amqp/addresses.ts';
import { systemClock } from '#server/runtime/clock.ts';
import { listenLoopback } from '#server/sources/fault-server.ts';
import { type Ingest, startIngest } from './ingest.ts';
import type { IngestReport } from './report.ts';

async function startAt(address: string, path: string): Promise<Ingest> {
  const ingest = startIngest({
    options: {
      ...{ path, suffix: 'me', acting: null, enable: false, results: null, carried: null },
      addresses: brokerAddresses({ entrances: { broker: [`amqp://${address}//`] } }),
      login: { user: 'u', password: 'p', vhost: '/' },
      queue: { queue: 'trellis.events', exchange: 'celeryev', maxBytes: 1_000_000, mode: 'auto' },
      retention: { maxAgeMs: 1e9, maxRows: 1e6, maxBytes: 1e9 },
    },
    ...{ clock: systemClock(), random: Math.random, onProblem: () => undefined },
  });
  onTestFinished(() => {
    ingest.stop();
    ingest.waitStopped(2_000);
  });
  return ingest;
}

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'trellis-ingest-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function nobodysAddress(): Promise<string> {
  const server = await listenLoopback(() => {});
  await server.stop();
  return server.address;
}

test('it starts, says that nobody listens there, answers for its metrics, and ends within half a second', async () => {
  const dir = temporaryDir();
  const address = await nobodysAddress();
  const ingest = await startAt(address, join(dir, 'tasks.db'));
  const report = await new Promise<IngestReport>((resolve) => {
    ingest.listen({
      onReport: (one) => one.ingest.state === 'disconnected' && resolve(one),
      onFailure: (message) => expect.unreachable(message),
    });
  });
  expect(report.ingest).toMatchObject({ via: null, problem: `nobody listens on ${address}`, received: 0 });
  expect(Array.isArray(await ingest.metrics())).toBe(true);
  const startedAt = performance.now();
  ingest.stop();
  ingest.waitStopped(5_000);
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test('a file that is no database does not end the process: the reason is told, and it is tried again', async () => {
  const path = join(temporaryDir(), 'tasks.db');
  writeFileSync(path, 'no database\n'.repeat(1_000));
  const ingest = await startAt(await nobodysAddress(), path);
  const message = await new Promise<string>((resolve) => {
    ingest.listen({ onReport: () => undefined, onFailure: resolve });
  });
  expect(message).toMatch(/^the ingest thread failed: /);
  expect(message).toMatch(/tasks\.db|damaged|not a database/);
});

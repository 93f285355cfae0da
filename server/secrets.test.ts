/**
 * Secrets that backends return are planted everywhere they can stand; then everything that leaves Trellis, or that it keeps,
 * is searched for them. Through the real parsers, reducers, hub, stores, exports and logger.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scrubDetails } from '#server/audit/scrub.ts';
import { sqliteAudit } from '#server/audit/sqlite/store.ts';
import { parseEvents } from '#server/celery/events.ts';
import { createMask } from '#server/celery/mask.ts';
import { parsePidboxReply } from '#server/celery/pidbox.ts';
import { parseResult, resultChange } from '#server/celery/results.ts';
import { openTaskReader } from '#server/history/tasks/sqlite/reader.ts';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import { auditPieces } from '#server/http/audit-export.ts';
import { exportTasks } from '#server/http/task-export.ts';
import { maskedWriter } from '#server/ingest/masked-writer.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { keysPayload } from '#server/sources/consul/payloads.ts';
import { probeFailure } from '#server/sources/failure.ts';
import { policiesPayload } from '#server/sources/rabbitmq/payloads.ts';
import { dataEndpointId } from '#server/sources/redis/endpoint-id.ts';
import { labAfter, next } from '#server/sources/rule-cases.ts';
import { ProbeError } from '#server/sources/source.ts';
import { createHub } from '#server/stream/hub.ts';

/** Marked so that one search finds all; each has its place in its name. */
const planted = (place: string) => `pl4nted-${place}`;
const FOUND = /pl4nted-[\w-]+/g;
const foundIn = (text: string) => [...new Set(text.match(FOUND) ?? [])];

const NOW = 1_795_288_300_000;
const bytes = new TextEncoder();

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trellis-secrets-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Every file of the data directory, as it lies on the disk. */
const onDisk = () =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('\n');

test('workers’ replies: URLs, alternates, several Sentinels, and what stands under the name of a secret', () => {
  const replies = {
    stats: {
      broker: {
        ...{ hostname: 'h1', userid: 'guest', alternates: [`amqp://u:${planted('alternate')}@h2//`] },
        ...{ transport_options: { sentinel_kwargs: { password: planted('sentinel-kwargs') } } },
      },
    },
    conf: {
      broker_read_url: `amqp://u:${planted('read-url')}@h//`,
      broker_write_url: [`amqp://u:${planted('write@url')}@h//`],
      redbeat_redis_url: `redis://:${planted('redbeat')}@h:6379/1`,
      result_backend: `sentinel://:********@h1;sentinel://:${planted('second-host')}@h2`,
      redis_password: planted('redis-password'),
      aws_secret_access_key: planted('aws'),
      beat_schedule: { hourly: { kwargs: { api_key: planted('schedule') } } },
    },
    active: [{ id: 'x', args: [], kwargs: { password: planted('active') } }],
  };
  const said = parsePidboxReply(JSON.stringify({ 'w1@h1': replies }), { ticket: 't' });
  expect(foundIn(JSON.stringify(said))).toEqual([]);
});

/** Tasks with a secret in everything that they print. */
function plantedTasks(): Uint8Array[] {
  const told = (type: string, uuid: string, fields: object) => ({
    ...{ type: `task-${type}`, uuid, hostname: 'w1@h1', pid: 7, clock: 1, timestamp: NOW / 1_000 - 10, name: 'pay' },
    ...{ queue: 'celery', retries: 0, args: '()', kwargs: '{}' },
    ...fields,
  });
  const events = [
    told('sent', 'task-1', {
      args: `('bob', {'credit_card': '${planted('args')}', 'n': [{'auth_token': "${planted('nested')}"}]})`,
      kwargs: `{'db': 'postgres://u:${planted('kwargs-url')}@h/x', 'password': '${planted('kwargs')}'}`,
    }),
    told('received', 'task-3', { args: `['token', {'token': b'${planted('received')}'}]` }),
    told('retried', 'task-4', {
      exception: `Denied("{'api_key': '${planted('retry')}'}")`,
      traceback: `x(password='${planted('retry-trace')}')`,
    }),
    told('failed', 'task-5', {
      exception: `OperationalError('redis://:${planted('exception')}@h:6379')`,
      traceback: `Traceback\n  File "pay.py"\n    login(secret='${planted('traceback')}', user='bob')`,
    }),
    told('succeeded', 'task-6', { result: `{'access_token': '${planted('returned')}', 'ok': True}`, runtime: 1 }),
  ];
  return events.map((one) => bytes.encode(JSON.stringify(one)));
}

/** A stored result with secrets, as the reconciliation reads it. */
const plantedResult = () =>
  JSON.stringify({
    ...{ status: 'SUCCESS', result: { token: planted('result'), ok: true }, traceback: null },
    ...{ date_done: new Date(NOW).toISOString(), name: 'pay', args: [{ password: planted('result-args') }] },
    kwargs: { url: `amqp://u:${planted('result-kwargs')}@h` },
  });

test('tasks: nothing under a masked name is stored, answered or exported, and the rest is', async () => {
  const path = join(dir, 'tasks.db');
  const writer = maskedWriter(openTaskWriter(path), createMask());
  writer.write(
    plantedTasks().flatMap((body) => parseEvents(body, NOW).tasks),
    [],
  );
  writer.write([resultChange('task-2', parseResult(plantedResult()), NOW)], []);
  expect(foundIn(onDisk())).toEqual([]);
  const tasks = openTaskReader(path);
  const csv = await exportTasks(tasks, { format: 'csv', sort: 'newest' }, NOW);
  const told = await Promise.all([
    ...[1, 2, 3, 4, 5, 6].map((n) => tasks.task(`task-${n}`)),
    tasks.tasks({ sort: 'newest', limit: 10 }, NOW),
    tasks.failures({}, NOW),
    tasks.suggestions(NOW),
    csv.text(),
  ]);
  expect(foundIn(JSON.stringify(told))).toEqual([]);
  expect((await tasks.task('task-1'))?.task).toMatchObject({
    args: expect.stringContaining("('bob', {'credit_card': '***'"),
  });
  expect((await tasks.counts({ q: 'pl4nted' }, NOW)).total).toBe(0);
  expect((await tasks.counts({ q: 'bob' }, NOW)).total).toBe(1);
  expect((await tasks.counts({}, NOW)).total).toBe(6);
  await tasks.close();
  writer.close();
  expect(foundIn(onDisk())).toEqual([]);
});

test('the same without a mask is found: the search sees what it must', () => {
  const writer = openTaskWriter(join(dir, 'tasks.db'));
  writer.write(
    plantedTasks().flatMap((body) => parseEvents(body, NOW).tasks),
    [],
  );
  writer.close();
  expect(foundIn(onDisk()).length).toBeGreaterThan(5);
});

/** The model after backends returned secrets in what has no place for them. */
function plantedModel() {
  const policies = policiesPayload.parse([
    {
      ...{ vhost: '/', name: 'p', pattern: '.*', 'apply-to': 'queues', priority: 0 },
      definition: {
        'federation-upstream': `amqp://u:${planted('policy-url')}@h`,
        'x-options': { password: planted('policy-name') },
      },
    },
  ]);
  const failure = (place: string) => {
    const { code, message } = probeFailure(new ProbeError('protocol', `-ERR redis://:${planted(place)}@h refused`));
    return { ok: false, code, message };
  };
  return labAfter([
    next('rabbitmq/cluster/queues', () => ({ ok: true, data: policies }), 'policies'),
    next(`redis/${dataEndpointId('results', '127.0.1.2:6379')}/info`, () => failure('redis-error')),
    next('consul/cluster/locks', () => failure('consul-error')),
    next(
      'consul/cluster/raft',
      () => ({
        ok: true,
        data: keysPayload.parse([
          { Key: 'app/x', ModifyIndex: 1, Value: Buffer.from(planted('kv')).toString('base64') },
        ]),
      }),
      'keys',
    ),
  ]);
}

test('the model and its stream: policies, errors of Redis and Consul, values of keys', () => {
  const model = plantedModel();
  expect(Object.keys(model.policies)).toHaveLength(1);
  expect(Object.keys(model.consulKeys)).toHaveLength(1);
  expect(Object.values(model.readings).filter(({ failure }) => failure !== null)).toHaveLength(2);
  const sent: string[] = [];
  const hub = createHub('i', { name: 'lab', colour: 'grey' }, manualClock(NOW));
  hub.publish(model, []);
  hub.join({ write: (text) => sent.push(text) > 0, close: () => undefined }, null);
  hub.close();
  expect(foundIn(JSON.stringify(model) + sent.join(''))).toEqual([]);
  expect(sent.join('')).toContain('app/x');
});

test('the audit: what was asked for, how it went, and the reason; on disk and exported', async () => {
  const audit = sqliteAudit(join(dir, 'audit.db'), () => NOW);
  const note = { request: 'r', actor: 'ann', role: 'admin', action: 'task.send', target: 'pay' };
  const reason = `because amqp://u:${planted('reason')}@h is down`;
  const details = {
    kwargs: { password: planted('details'), url: `redis://:${planted('details-url')}@h` },
    replies: { 'w1@h1': { error: `OSError('amqp://u:${planted('details-error')}@h')` } },
  };
  await audit.append({ ...note, reason, phase: 'before', details, outcome: null });
  await audit.claim('key-00001', 'f', 'r2');
  await audit.settle('key-00001', { status: 200, body: { token: planted('kept-answer') } });
  let exported = JSON.stringify(scrubDetails(details));
  for (const format of ['csv', 'json'] as const)
    for await (const piece of auditPieces(audit, format, {})) exported += piece;
  await audit.close();
  expect(exported).toContain('ann');
  expect(foundIn(exported + onDisk())).toEqual([]);
});

test('the log: whatever is said, no credentials of URLs', () => {
  const url = new URL('./observability/log.ts', import.meta.url).href;
  const say = `
    const { createLogger } = await import(${JSON.stringify(url)});
    const log = createLogger();
    log.error({ url: 'amqp://u:${planted('log-field')}@h', error: new Error('redis://:${planted('log-error')}@h') }, 'lost');
    log.warn('consul at http://u:${planted('log-text')}@h:8500 refused');
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', say], { encoding: 'utf8' });
  expect(stdout).toContain('refused');
  expect(foundIn(stdout + stderr)).toEqual([]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MASKED_NAMES } from '#server/celery/mask.ts';
import { ConfigError, loadConfig } from './load.ts';

const dir = mkdtempSync(join(tmpdir(), 'trellis-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

const RABBIT = 'rabbitmq: { user: u, password: p, nodes: { rabbit@a: { management: http://10.0.0.1:15672 } } }';

const AMQP = RABBIT.replace('15672 }', '15672, amqp: 10.0.0.1:5672 }');

function load(yaml: string, env: Record<string, string> = {}) {
  const path = join(dir, 'trellis.yaml');
  writeFileSync(path, yaml);
  return loadConfig(path, env);
}

function refusal(yaml: string): string {
  try {
    load(yaml);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

test('a minimal configuration gets sensible defaults', () => {
  const config = load('estate: { name: shop }');
  expect(config).toMatchObject({ listen: '127.0.0.1:3000', hosts: {}, dataDir: join(dir, '.data') });
});

test('celery is off unless it is named, and an empty section is enough', () => {
  expect(load(`estate: { name: a }\n${AMQP}`).celery).toBeUndefined();
  const { celery, tasks } = load(`estate: { name: a }\n${AMQP}\ncelery: {}`);
  expect(celery?.events).toEqual({
    ...{ queue: 'trellis.events', mode: 'auto', exchange: 'celeryev', maxBytes: 1024 ** 3, enable: false },
  });
  expect(tasks).toEqual({ keepDays: 30, keepRows: 5_000_000, keepBytes: 20 * 1024 ** 3, mask: [...MASKED_NAMES] });
});

test.each([
  ['an unknown key', 'estate: { name: a }\nrabbit: {}', 'rabbit: unknown key'],
  [
    'an unknown key deep inside',
    `estate: { name: a }\n${RABBIT.replace('user: u', 'user: u, usr: v')}`,
    'rabbitmq.usr: unknown key',
  ],
  ['a missing key', 'listen: 127.0.0.1:3000', 'estate: missing'],
  [
    'a bad URL',
    `estate: { name: a }\n${RABBIT.replace('http://10.0.0.1:15672', 'ten-zero')}`,
    'rabbitmq.nodes.rabbit@a.management: write it as a URL',
  ],
  [
    'credentials in a URL',
    `estate: { name: a }\n${RABBIT.replace('http://', 'http://me:s3cret@')}`,
    'keep user and password out of the URL',
  ],
  [
    'an address without a port',
    'estate: { name: a }\nredis: { results: { sentinels: [10.0.0.1], master: m } }',
    'redis.results.sentinels[0]: write it as address:port',
  ],
  [
    'a missing environment variable',
    `estate: { name: a }\n${RABBIT.replace('password: p', 'password: { env: NOT_SET }')}`,
    'rabbitmq.password: the environment variable NOT_SET is not set',
  ],
  [
    'a missing secret file',
    `estate: { name: a }\n${RABBIT.replace('password: p', 'password: { file: nowhere }')}`,
    'rabbitmq.password: cannot read',
  ],
  [
    'a non-loopback address',
    'estate: { name: a }\nlisten: 0.0.0.0:3000',
    'listen: 0.0.0.0 can be reached from other machines',
  ],
  ['an impossible port', 'estate: { name: a }\nlisten: 127.0.0.1:70000', 'listen: 70000 is not a port'],
  [
    'a host that is not listed',
    'estate: { name: a }\nhaproxy: [ { socket: 10.0.0.1:9999, host: web } ]',
    'haproxy[0].host: web is not under hosts:',
  ],
  [
    'celery without a broker',
    'estate: { name: a }\ncelery: {}',
    'celery: its events come over RabbitMQ: add rabbitmq:',
  ],
  [
    'celery without an AMQP address',
    `estate: { name: a }\n${RABBIT}\ncelery: {}`,
    'celery: no AMQP address to take events from',
  ],
  [
    'an event queue that would count as a queue of tasks',
    `estate: { name: a }\n${AMQP}\ncelery: { events: { queue: events } }`,
    'celery.events.queue: begin it with trellis.',
  ],
  [
    'commands to workers without the right to act',
    `estate: { name: a }\n${AMQP}\ncelery: { events: { enable: true } }`,
    'celery.events.enable: it sends a command to the workers: add acting.rabbitmq',
  ],
  [
    'a user without a password',
    `estate: { name: a }\n${AMQP}\ncelery: { user: events }`,
    'celery: give both user and password',
  ],
  [
    'an entrance that is no URL',
    `estate: { name: a }\n${AMQP}\nentrances: { broker: [10.0.0.1], results: x }\ncelery: {}`,
    'entrances.broker[0]: write it as amqp://address:port//',
  ],
  [
    'a result store that is not there',
    `estate: { name: a }\n${AMQP}\ncelery: { results: { service: cache } }`,
    'celery.results.service: cache is not under redis:',
  ],
  ['broken YAML', 'estate: { name: a', 'is not valid YAML'],
])('%s is refused with the key named', (_, yaml, message) => {
  expect(refusal(yaml)).toContain(message);
});

test('a value that was refused for its credentials does not appear in the message', () => {
  expect(refusal(`estate: { name: a }\n${RABBIT.replace('http://', 'http://me:s3cret@')}`)).not.toContain('s3cret');
});

test('every problem is listed, not only the first', () => {
  const message = refusal('estate: { name: a, colour: pink }\nrabbit: {}\nlisten: nowhere');
  expect(message.split('\n')).toHaveLength(4);
});

test('secrets come from the environment and from files, without the line end', () => {
  writeFileSync(join(dir, 'password'), 'from file\n');
  const yaml = (password: string) => `estate: { name: a }\n${RABBIT.replace('password: p', `password: ${password}`)}`;
  expect(load(yaml('{ env: PW }'), { PW: 'from env' }).rabbitmq?.password).toBe('from env');
  expect(load(yaml('{ file: password }')).rabbitmq?.password).toBe('from file');
});

test('a missing file says how to get one', () => {
  expect(() => loadConfig(join(dir, 'none.yaml'), {})).toThrow(/no such file.*\n.*--config/);
});

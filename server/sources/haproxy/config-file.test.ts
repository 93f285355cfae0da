import { expect, test } from 'vitest';
import { configFilePayload } from './config-file.ts';

const server = (
  backend: string,
  name: string,
  intervalMs: number,
  fall: number,
  rise: number,
  endsSessions = false,
) => ({
  ...{ backend, name, intervalMs, fall, rise, endsSessions },
});

const FILE = `
global
  maxconn 2000
defaults
  mode tcp
  default-server inter 3s fall 4 on-marked-down shutdown-sessions
listen amqp
  bind :5670
  server rabbit-1 10.0.0.1:5672 check inter 1s fall 3 rise 2   # own host
  server rabbit-2 10.0.0.2:5672 check backup
backend redis
  default-server inter 500 rise 1 on-marked-down none
  tcp-check expect string role:master\\ #1
  server redis-1 10.0.0.1:6379 check
defaults
listen other
  server one 10.0.0.1:80 check
`;

test('a server has its own settings, else its section’s, else those of the defaults before it, else HAProxy’s', () => {
  expect(configFilePayload(FILE).servers).toEqual([
    server('amqp', 'rabbit-1', 1_000, 3, 2, true),
    server('amqp', 'rabbit-2', 3_000, 4, 2, true),
    server('redis', 'redis-1', 500, 4, 1),
    server('other', 'one', 2_000, 3, 2),
  ]);
});

test('a section that names its defaults inherits those, and defaults inherit only those that they name', () => {
  const text = [
    'defaults fast\n default-server inter 1s',
    'defaults faster from fast\n default-server fall 1',
    'defaults plain',
    'backend a from faster\n server s 1:1 check',
    'backend b\n server s 1:1 check',
  ].join('\n');
  expect(configFilePayload(text).servers).toEqual([server('a', 's', 1_000, 1, 2), server('b', 's', 2_000, 3, 2)]);
});

test('a default-server line counts for the servers below it', () => {
  const text = 'backend b\n server s 1:1 check\n default-server inter 9s\n server t 1:1 check';
  expect(configFilePayload(text).servers.map((one) => one.intervalMs)).toEqual([2_000, 9_000]);
});

test('servers of peers and rings are no servers of the backend above them', () => {
  const text =
    'backend b\n server s 1:1 check\npeers p\n default-server inter 9s\n server haproxy-1 1:1\nring r\n server s 1:1';
  expect(configFilePayload(text).servers).toEqual([server('b', 's', 2_000, 3, 2)]);
});

test.each([
  ['1500', 1_500],
  ['200us', 0.2],
  ['250ms', 250],
  ['2s', 2_000],
  ['1m', 60_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
])('inter %s is %d ms', (inter, ms) => {
  expect(configFilePayload(`backend b\n server s 1:1 check inter ${inter}`).servers[0]?.intervalMs).toBe(ms);
});

test('a commented server is none, a # in quotes is no comment, and what is no duration leaves the one before', () => {
  const text = 'backend b\n  # server a 1:1 check\n  server c 1:1 cookie "#1" check inter soon fall many rise 5\r\n';
  expect(configFilePayload(text).servers).toEqual([server('b', 'c', 2_000, 3, 5)]);
});

test('of a file with secrets only the settings of servers are kept', () => {
  const text = 'userlist u\n user admin insecure-password s3cret\nlisten a\n stats auth admin:s3cret\n server s 1:1';
  expect(JSON.stringify(configFilePayload(text))).not.toContain('s3cret');
});

test('a file that is not HAProxy’s is refused', () => {
  expect(() => configFilePayload('hello: world\n')).toThrow('not an HAProxy configuration');
});

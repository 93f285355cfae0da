/** HAProxy's configuration file, as far as Trellis reads it. */
import { expect, test } from 'vitest';
import { configFilePayload } from './config-file.ts';

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

test('a server has its own settings, else those of its section, else those of the defaults before it, else HAProxy’s', () => {
  const { servers } = configFilePayload(FILE);
  expect(servers).toEqual([
    { backend: 'amqp', name: 'rabbit-1', intervalMs: 1_000, fall: 3, rise: 2, endsSessions: true },
    { backend: 'amqp', name: 'rabbit-2', intervalMs: 3_000, fall: 4, rise: 2, endsSessions: true },
    { backend: 'redis', name: 'redis-1', intervalMs: 500, fall: 4, rise: 1, endsSessions: false },
    { backend: 'other', name: 'one', intervalMs: 2_000, fall: 3, rise: 2, endsSessions: false },
  ]);
});

test('a commented server is none, and what is no duration leaves the one before', () => {
  const text = 'backend b\n  # server a 1:1 check\n  server c 1:1 check inter soon fall many\n';
  expect(configFilePayload(text).servers).toEqual([
    { backend: 'b', name: 'c', intervalMs: 2_000, fall: 3, rise: 2, endsSessions: false },
  ]);
});

/** Freeze windows: in their own zone, past midnight too. */
import { expect, test } from 'vitest';
import { drillsConfig, type FreezeWindow } from './config.ts';
import { openWindow } from './freeze.ts';

const night: FreezeWindow = { days: ['fri'], from: '22:00', to: '06:00', zone: 'Europe/Zurich' };
const day: FreezeWindow = { days: ['mon'], from: '08:00', to: '18:00', zone: 'UTC' };

test.each([
  ['a Friday evening', night, '2026-11-20T21:30:00Z', true],
  ['the night that follows it', night, '2026-11-21T04:30:00Z', true],
  ['the morning after', night, '2026-11-21T05:30:00Z', false],
  ['the night before', night, '2026-11-20T03:00:00Z', false],
  ['an hour too early there, though late enough in UTC', night, '2026-07-17T19:30:00Z', false],
  ['summer time', night, '2026-07-17T20:30:00Z', true],
  ['a Monday', day, '2026-11-23T12:00:00Z', true],
  ['the minute of its end', day, '2026-11-23T18:00:00Z', false],
  ['a Tuesday', day, '2026-11-24T12:00:00Z', false],
] as const)('%s', (_, window, at, isOpen) => {
  expect(openWindow([window], Date.parse(at)) !== null).toBe(isOpen);
});

test('settings: everything has a default, and what cannot be is refused by name', () => {
  expect(drillsConfig.parse({})).toEqual({
    ...{ enabled: true, coolDownSeconds: 60, freeze: [], canary: { perSecond: 10, queues: {} } },
    executor: { command: {} },
  });
  const command = { brokerNodes: { kill: ['lab', 'kill', '{host}/rabbitmq'] } };
  expect(drillsConfig.parse({ executor: { command } }).executor.command).toEqual(command);
  const refused = [
    { freeze: [{ ...day, zone: 'Mars/Olympus' }] },
    { freeze: [{ ...day, from: '25:00' }] },
    { executor: { command: { brokerNodes: { explode: ['x'] } } } },
    { executor: { command: { brokerNodes: { kill: 'rm -rf /' } } } },
    { canary: { perSecond: 1_000 } },
  ];
  for (const one of refused) expect([one, drillsConfig.safeParse(one).success]).toEqual([one, false]);
});

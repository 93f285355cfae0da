import { expect, test } from 'vitest';
import { alarmText, amqpText, criticalText } from './broker-node.ts';

test('"nothing hangs on it alone" is said only by a node that says so now', () => {
  expect(criticalText({ mirrors: [], quorum: [] }, true).text).toBe('nothing hangs on it alone');
  expect(criticalText({ mirrors: [], quorum: [] }, false).text).toBe('not told');
  expect(criticalText(null, true).text).toBe('not told');
  expect(criticalText({ mirrors: null, quorum: null }, true).text).toBe('not told');
  expect(criticalText({ mirrors: null, quorum: [] }, true).text).toBe('nothing hangs on it alone (mirrors not told)');
});

test('queues that hang on a node are named, the first few of many', () => {
  const quorum = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  expect(criticalText({ mirrors: ['x'], quorum }, true)).toEqual({
    text: 'last copy in sync of x; quorum of a, b, c, d, e and 2 more',
    bad: true,
  });
});

test('an AMQP link that does not answer tells no events, and a blocked one says why', () => {
  expect(amqpText({ by: 'k', blocked: null, events: 'on' }, false)).toEqual({ text: 'not answering', bad: true });
  expect(amqpText({ by: 'k', blocked: 'memory', events: 'on' }, true)).toEqual({
    text: 'blocks publishers (memory), events on',
    bad: true,
  });
  expect(amqpText(null, false)).toEqual({ text: 'not configured', bad: false });
});

test('alarms that are not told are not "none"', () => {
  expect(alarmText({ memoryAlarm: null, diskAlarm: null }).text).toBe('not told');
  expect(alarmText({ memoryAlarm: true, diskAlarm: true })).toEqual({ text: 'memory and disk', bad: true });
  expect(alarmText({ memoryAlarm: false, diskAlarm: null }).text).toBe('none');
});

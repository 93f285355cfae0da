/** The run of a drill on the stream: at most four times a second, and always its end. */
import { expect, test } from 'vitest';
import type { Run } from '#lib/model/drill.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { createHub } from './hub.ts';

function runAt(reason: string): Run {
  return { id: 'r-1', reason } as Run;
}

function watched() {
  const clock = manualClock(1_000);
  const hub = createHub('me', { name: 'lab', colour: 'blue' }, clock);
  const texts: string[] = [];
  hub.join({ write: (text) => texts.push(text) > 0, close() {} }, null);
  const runs = () =>
    texts.filter((text) => text.startsWith('event: run')).map((text) => /"reason":"(\w+)"/.exec(text)?.[1]);
  return { clock, hub, runs };
}

test('the first leaves at once, of many in a quarter of a second only the newest', () => {
  const { clock, hub, runs } = watched();
  hub.publishRun(runAt('first'));
  for (let i = 0; i < 100; i += 1) hub.publishRun(runAt(`step${i}`));
  expect(runs()).toEqual(['first']);
  clock.advance(250);
  expect(runs()).toEqual(['first', 'step99']);
  clock.advance(10_000);
  expect(runs()).toHaveLength(2);
});

test('the end is never lost, and nothing is sent after the hub is closed', () => {
  const { clock, hub, runs } = watched();
  hub.publishRun(runAt('running'));
  clock.advance(100);
  hub.publishRun(runAt('ended'));
  clock.advance(150);
  expect(runs().at(-1)).toBe('ended');
  hub.publishRun(runAt('again'));
  hub.close();
  clock.advance(1_000);
  expect(runs().at(-1)).toBe('ended');
});

test('who arrives late sees the picture and then the run as it is now, and who comes back learns that it ended', () => {
  const { clock, hub } = watched();
  hub.publishRun(runAt('first'));
  hub.publishRun(runAt('second'));
  const late: string[] = [];
  hub.join({ write: (text) => late.push(text) > 0, close() {} }, null);
  const events = [...late.join('').matchAll(/^event: (\w+)|"reason":"(\w+)"/gm)].map(([, event, why]) => event ?? why);
  expect(events).toEqual(['hello', 'snapshot', 'run', 'second']);
  clock.advance(250);
  hub.publishRun(runAt('ended'));
  clock.advance(10_000);
  const back: string[] = [];
  hub.join({ write: (text) => back.push(text) > 0, close() {} }, `me-${hub.revision}`);
  expect(back.join('')).not.toContain('event: snapshot');
  expect(back.join('')).toContain('"reason":"ended"');
});

test('a slow client that missed only the end of a run gets it once it can read again', () => {
  const { clock, hub } = watched();
  const slow: string[] = [];
  let isFull = true;
  const member = hub.join({ write: (text) => slow.push(text) > 0 && !isFull, close() {} }, null);
  hub.publishRun(runAt('ended'));
  clock.advance(250);
  expect(slow.join('')).not.toContain('ended');
  isFull = false;
  member.drained();
  expect(slow.at(-1)).toContain('"reason":"ended"');
  expect(slow.at(-1)).not.toContain('event: snapshot');
  member.drained();
  expect(slow).toHaveLength(2);
});

test('a run moves no revision: who resumes has missed nothing', () => {
  const { hub } = watched();
  const { revision } = hub;
  hub.publishRun(runAt('running'));
  expect(hub.revision).toBe(revision);
});

import { expect, it } from 'vitest';
import { MALFORMED_KINDS, malformedMessage } from './event-malformed.ts';

const AT = 1_795_288_209;
const many = (seed: number) => Array.from({ length: 4_000 }, (_, n) => malformedMessage(seed, n, AT));

it('a seed always makes the same messages, another one others', () => {
  const bodies = (seed: number) => many(seed).map(({ body }) => body.toString('base64'));
  expect(bodies(1)).toEqual(bodies(1));
  expect(bodies(1)).not.toEqual(bodies(2));
});

it('every way to be wrong occurs', () => {
  expect(new Set(many(3).map(({ kind }) => kind))).toEqual(new Set(MALFORMED_KINDS));
});

it('what is called unusable as a whole is no JSON, no object, or lacks a text as type or id', () => {
  const KNOWN = /^(task-(sent|received|started|succeeded|failed|retried)|worker-(online|heartbeat|offline))$/;
  for (const { body, unusable, kind } of many(4)) {
    if (unusable !== 1) continue;
    let told: unknown;
    try {
      told = JSON.parse(body.toString());
    } catch {
      continue;
    }
    const { type, uuid } = Object(told) as { type?: unknown; uuid?: unknown };
    const isGood = typeof type === 'string' && KNOWN.test(type) && typeof uuid === 'string' && uuid !== '';
    expect(isGood, kind).toBe(false);
  }
});

it('a batch with rubbish holds as many unusable events as it says, and good ones around them', () => {
  const batch = many(5).find(({ kind }) => kind === 'batch with rubbish');
  const events = JSON.parse(String(batch?.body)) as ({ uuid?: unknown } | null)[];
  const good = events.filter((event) => typeof event?.uuid === 'string');
  expect(events.length - good.length).toBe(batch?.unusable);
  expect(good).toHaveLength(2);
});

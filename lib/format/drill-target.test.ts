import { expect, test } from 'vitest';
import { emptyModel, type Kind, type Model } from '#lib/model/model.ts';
import { parseAim, targetAimedAt } from './drill-target.ts';

const REDIS = 'results/127.0.1.1:6379';
const MODEL = {
  ...emptyModel(),
  redisServices: { results: { id: 'results', master: [{ by: 's1', value: '127.0.1.1:6379' }] } },
  redisNodes: { [REDIS]: { id: REDIS, service: 'results', host: 'host-1' } },
  beats: { 'beat@host-1': { id: 'beat@host-1', lock: 'beat', role: 'holder', host: 'host-1' } },
  locks: { beat: { id: 'beat' } },
  queues: { '/:celery': { id: '/:celery', replication: { leader: 'rabbit-1@host-1' } } },
  hosts: { 'host-1': { id: 'host-1' } },
} as unknown as Model;

const meant = (aim: string, ...targets: (readonly [Kind, string])[]) => {
  const parsed = parseAim(aim);
  const all = targets.map(([kind, id]) => ({ kind, id }));
  return parsed === null ? undefined : (targetAimedAt(parsed, all, MODEL)?.id ?? null);
};

test('an aim is kind and id, also where the id has slashes, and nothing that is no kind', () => {
  expect(parseAim(`redisNodes/${REDIS}`)).toEqual({ kind: 'redisNodes', id: REDIS });
  expect([parseAim(null), parseAim('constructor/x'), parseAim('nothing')]).toEqual([null, null, null]);
});

test('the thing itself is meant before what it is a part of', () => {
  expect(meant(`redisNodes/${REDIS}`, ['redisServices', 'results'], ['redisNodes', REDIS])).toBe(REDIS);
});

test('pointing at a part means the whole that the drill is about', () => {
  expect(meant(`redisNodes/${REDIS}`, ['redisServices', 'results'])).toBe('results');
  expect(meant('redisServices/results', ['redisNodes', REDIS])).toBe(REDIS);
  expect(meant('beats/beat@host-1', ['locks', 'beat'])).toBe('beat');
  expect(meant('locks/beat', ['beats', 'beat@host-1'])).toBe('beat@host-1');
  expect(meant('queues//:celery', ['brokerNodes', 'rabbit-1@host-1'])).toBe('rabbit-1@host-1');
  expect(meant(`redisNodes/${REDIS}`, ['hosts', 'host-1'])).toBe('host-1');
});

test('what is not there, or not a target, is not meant', () => {
  expect(meant('redisNodes/gone', ['redisServices', 'results'], ['hosts', 'host-1'])).toBeNull();
  expect(meant('queues//:celery', ['redisServices', 'results'])).toBeNull();
  expect(meant('redisNodes/constructor', ['hosts', 'host-1'])).toBeNull();
});

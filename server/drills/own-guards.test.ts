/** Guards that one drill alone asks: they pass where it makes sense, else say why not. */
import { expect, test } from 'vitest';
import type { DrillId } from '#lib/model/drill.ts';
import { changed, RABBIT_1, RABBIT_2, replicated } from '#server/sources/told-estate.ts';
import { DRILLS } from './catalog/all.ts';
import { sceneOf, whole } from './guard-fixture.ts';

/** What the guard says of `now` once the drill was aimed at the whole estate, or at another `then`. */
function said(drill: DrillId, target: string, guard: string, now = whole, then = now): string | undefined {
  const checks = DRILLS[drill].aim(target, sceneOf(then))?.guards.map((ask) => ask(sceneOf(now)));
  const found = checks?.find(({ id }) => id === guard);
  return found && `${found.level}: ${found.text}`;
}

test('consul-leader is for the server that leads: it is refused once another one does, or nobody that is agreed on', () => {
  const leads = (id: string, now = whole) => said('consul-leader', id, 'leads', now, whole);
  expect(leads('consul-2')).toBe('pass: consul-2 leads Consul.');
  expect(leads('consul-1')).toBe('block: consul-1 does not lead Consul; consul-2 does.');
  expect(leads('consul-2', changed(whole, 'coordinators', 'consul', { leader: [] }))).toBe(
    'block: consul-2 does not lead Consul; nobody that is agreed on does.',
  );
});

test('only mirrored queues are synchronised by hand', () => {
  const mirrored = (now = whole) => said('queue-sync', '/:celery', 'mirrored', now);
  expect(mirrored()).toBe('pass: celery is mirrored.');
  expect(mirrored(replicated(whole, { kind: 'quorum' }, { type: 'quorum' }))).toBe(
    'block: celery is a quorum queue: only mirrors are synchronised by hand.',
  );
});

test('where no copy is behind, or nobody tells, synchronising only warns that there may be nothing to copy', () => {
  const behind = (inSync: readonly string[] | null) =>
    said('queue-sync', '/:celery', 'behind', replicated(whole, { inSync }));
  expect(behind([RABBIT_2])).toBe('pass: 2 copies of celery are behind.');
  expect(said('queue-sync', '/:celery', 'behind')).toBe(
    'warn: Every copy of celery is in sync already: there is nothing to copy.',
  );
  expect(behind(null)).toBe('warn: Which copies of celery are behind is not told.');
  expect(behind([RABBIT_1, RABBIT_2])).toBe('pass: 1 copy of celery is behind.');
});

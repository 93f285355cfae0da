/** When a lost host counts as taken over. */
import { expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import { drillsConfig } from '#server/drills/config.ts';
import { whole } from '#server/drills/guard-fixture.ts';
import { NOW, RABBIT_1, RABBIT_3, replicated } from '#server/sources/told-estate.ts';
import { hostCrash } from './host-crash.ts';

const means = {
  ...{ rabbitmq: true, entrances: true, socketProblem: () => null, verbs: () => ['kill', 'start'] },
  preview: (verb: string) => [verb],
};

function takenOver(model: Model) {
  const aimed = hostCrash.aim('host-3', { model: whole, now: NOW, settings: drillsConfig.parse({}), means });
  const step = aimed?.steps.find(({ id }) => id === 'taken-over');
  return step?.check?.({
    model,
    now: NOW,
    startedAt: NOW,
    facts: {},
    actions: {},
    signal: AbortSignal.any([]),
  } as never);
}

/** The remote control of its worker has no leader any more. */
function withoutPidbox(model: Model): Model {
  const [id, queue] = Object.entries(model.queues).find(([, { plumbing }]) => plumbing) ?? [];
  if (id === undefined || queue === undefined) throw new Error('the estate has no plumbing');
  const replication = { ...queue.replication, kind: 'mirrors', leader: null } as const;
  return { ...model, queues: { ...model.queues, [id]: { ...queue, replication } } };
}

test('a host is taken over when others lead every queue of tasks: what served its own workers alone is not waited for', () => {
  const left = /leader of celery/;
  expect(takenOver(withoutPidbox(replicated(whole, { leader: RABBIT_1 })))).toMatchObject({ done: true });
  for (const leader of [RABBIT_3, null]) {
    expect(takenOver(replicated(whole, { leader }))).toMatchObject({ done: false, says: expect.stringMatching(left) });
  }
});

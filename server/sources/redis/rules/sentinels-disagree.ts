/** SentinelsDisagree: the Sentinels do not name the same master. */
import { andList } from '#lib/format/list.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { goneNodes, goneSentinels, masterName, redisCliEach, viewsOf } from './shared.ts';

export const sentinelsDisagree: Rule = {
  code: 'SentinelsDisagree',
  severity: 'warning',
  posture: false,
  means:
    'The Sentinels name different masters, or one of them knows none. A client that asks the wrong one writes to a node whose writes will be lost. For a moment that is part of every failover.',
  mend: 'A Sentinel that was cut off learns the new master from the others within seconds. If it does not, it cannot reach them, or it follows another configuration epoch: restart it, and see that all know the same service.',
  holdMs: 3_000,
  find(model, now) {
    return Object.values(model.redisServices).flatMap((service): Found[] => {
      const views = viewsOf(service, model, now);
      if (new Set(views.map(({ view }) => view.masterAddress)).size < 2) return [];
      const sides = [...Map.groupBy(views, ({ view }) => view.masterAddress)].map(
        ([address, same]) =>
          `${andList(same.map(({ sentinel }) => sentinel.name))} ${same.length === 1 ? 'names' : 'name'} ${masterName(address, service, model)}`,
      );
      return [
        {
          subject: { kind: 'redisServices', id: service.id },
          text: `The Sentinels disagree about the master of ${service.id}: ${sides.join(', ')}.`,
          evidence: views.map(({ sentinel, view }) => ({
            by: sentinel.own,
            says: `${sentinel.name}: ${masterName(view.masterAddress, service, model)}${view.epoch === null ? '' : `, epoch ${view.epoch}`}`,
          })),
          advice: {
            text: 'Look whether the Sentinels see each other: each lists the others, and since when it has not heard of them.',
            command: redisCliEach(
              views.map(({ sentinel }) => sentinel.id),
              `SENTINEL SENTINELS ${service.masterName}`,
            ),
          },
          because: [...goneSentinels(model, now), ...goneNodes(service, model, now)],
        },
      ];
    });
  },
};

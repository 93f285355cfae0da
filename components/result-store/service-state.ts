/** What the panels of a Redis service have in common. */
import type { Selected } from '#components/ui/use-selected.ts';
import type { Model } from '#lib/model/model.ts';
import type { RedisService, Sentinel } from '#lib/model/redis.ts';

/** What the panels of a service are drawn from. */
export type ServiceProps = { service: RedisService; model: Model; now: number; selected: Selected };

/** The Sentinels that guard a service; one that never answered may guard any. */
export function sentinelsOf(service: RedisService, model: Model): Sentinel[] {
  return Object.values(model.sentinels).filter(
    ({ views }) => views.length === 0 || views.some((view) => view.service === service.id),
  );
}

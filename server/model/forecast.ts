/** The forecast: what would happen if a host, a process or two hosts failed now. Pure; from the model alone. */
import { someOf } from '#lib/format/list.ts';
import {
  type Effect,
  FORECAST_LAYERS,
  type Forecast,
  forecastId,
  OUTCOMES,
  type Outcome,
} from '#lib/model/forecast.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';
import { queueEffects } from './forecast/broker.ts';
import { coordinationEffect } from './forecast/coordination.ts';
import { type Estate, estateOf, type Loss, lossOf, PROCESS_KINDS } from './forecast/loss.ts';
import { entranceEffects, publishEffects } from './forecast/proxies.ts';
import { resultEffects } from './forecast/results.ts';
import { scheduleEffects } from './forecast/schedule.ts';
import { workerEffects } from './forecast/workers.ts';

/** The forecasts at `now` (epoch ms): of every host, of every process by itself, and of every two hosts. */
export function forecastsOf(model: Model, now: number): Model['forecasts'] {
  const estate = estateOf(model, now);
  return Object.fromEntries(lossesOf(estate).map((failing) => [forecastId(failing), forecastOf(failing, estate)]));
}

function lossesOf({ model, processes }: Estate): Subject[][] {
  const hosts = Object.keys(model.hosts).map((id): Subject => ({ kind: 'hosts', id }));
  return [
    ...hosts.map((host) => [host]),
    ...processes.map(({ kind, id }) => [{ kind, id }]),
    ...hosts.flatMap((one, i) => hosts.slice(i + 1).map((other) => [one, other])),
  ];
}

function forecastOf(failing: readonly Subject[], estate: Estate): Forecast {
  const loss = lossOf(failing, estate);
  const coordination = coordinationEffect(loss);
  const effects = [
    ...entranceEffects(loss),
    ...publishEffects(loss),
    ...queueEffects(loss),
    ...resultEffects(loss),
    ...(coordination === null ? [] : [coordination]),
    ...scheduleEffects(loss, coordination),
    ...workerEffects(loss),
  ]
    .map((effect) => ({ ...effect, by: speaking(effect.by, estate) }))
    .sort(byGravity);
  const worst = effects.find((effect) => !endsWithItsHost(effect, loss));
  const outcome = worst?.outcome ?? 'unaffected';
  return { id: forecastId(failing), failing, outcome, reason: reasonOf(outcome, worst, loss), effects };
}

/** Those who speak for the present. What is down is known from others: its own silence does not age the forecast. */
function speaking(by: readonly string[], { model, now }: Estate): readonly string[] {
  const current = by.filter((key) => isCurrent(model.readings[key], now));
  return current.length > 0 ? current : by;
}

const gravity = (outcome: Outcome) => OUTCOMES.indexOf(outcome);

function byGravity(a: Effect, b: Effect): number {
  return gravity(b.outcome) - gravity(a.outcome) || FORECAST_LAYERS.indexOf(a.layer) - FORECAST_LAYERS.indexOf(b.layer);
}

/** A host's own entrance serves that host alone, as long as another one stands elsewhere. */
function endsWithItsHost({ layer, subject }: Effect, { estate, hosts, after }: Loss): boolean {
  if (layer !== 'entrance') return false;
  const { host } = estate.process('proxies', subject.id);
  if (host === null || !hosts.has(host)) return false;
  return estate.processes.some(({ kind, id }) => kind === 'proxies' && after(kind, id) === 'alive');
}

function reasonOf(outcome: Outcome, worst: Effect | undefined, loss: Loss): string {
  const standing = PROCESS_KINDS.flatMap((kind) => loss.lost(kind));
  if (standing.length === 0) return nothingLeft(loss);
  if (outcome === 'takes-over') return 'Everything that it does is taken over.';
  if (outcome === 'unaffected') return 'Only redundancy goes.';
  return worst?.text ?? 'Nothing else depends on it.';
}

function nothingLeft({ estate, failing, goes }: Loss): string {
  const went = estate.processes.filter(({ kind, id }) => goes(kind, id));
  const names = someOf(
    failing.map(({ kind, id }) => estate.processes.find((one) => one.kind === kind && one.id === id)?.name ?? id),
  );
  if (went.length === 0) return `Nothing that Trellis watches stands on ${names}.`;
  const single = failing.length === 1;
  return failing.some(({ kind }) => kind === 'hosts')
    ? `Everything on ${names} is down already.`
    : `${names} ${single ? 'is' : 'are'} down already.`;
}

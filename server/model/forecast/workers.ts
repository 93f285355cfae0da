/** What a loss does to the work: which task queues nobody consumes then. Pure. */
import { someOf } from '#lib/format/list.ts';
import { formatCount } from '#lib/format/quantity.ts';
import type { Effect } from '#lib/model/forecast.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { ageText, clusterReading, effect, type Loss } from './loss.ts';

/** The queues that the failing workers consume. */
export function workerEffects(loss: Loss): Effect[] {
  const { model, now } = loss.estate;
  const [first, ...others] = loss.lost('workers');
  if (first === undefined) return [];
  const failing = [first, ...others];
  const names = someOf(failing.map(({ name }) => name));
  const readings = ['queues', 'consumers'].map((name) => clusterReading('rabbitmq', name, model));
  const by = readings.flatMap((reading) => reading?.key ?? []);
  const tell = (outcome: Effect['outcome'], text: string) =>
    effect('workers', { kind: 'workers', id: first.id }, outcome, text, by);
  const old = readings.find((reading) => !isCurrent(reading, now));
  if (readings.some((reading) => !isCurrent(reading, now))) {
    return [tell('unknown', `${ageText('The list of consumers', old, now)}: what ${names} works on cannot be told.`)];
  }

  const workers = Object.values(model.workers).filter(({ goneSince }) => goneSince === null);
  const staying = workers.filter(({ id }) => !loss.goes('workers', id));
  const served = new Set(staying.flatMap(({ queues }) => queues ?? []));
  const consumed = new Set(failing.flatMap(({ id }) => model.workers[id]?.queues ?? []));
  const orphaned = [...consumed].filter((queue) => !served.has(queue));
  const unlisted = staying.filter(({ queues }) => queues === null);
  const mute = failing.filter(({ id }) => model.workers[id]?.queues === null);
  const early = `What ${names} acknowledged early is lost; whether it does cannot be seen.`;
  const share = `${staying.length} of ${formatCount(workers.length, 'worker')}`;
  if (orphaned.length > 0 && unlisted.length > 0) {
    const whose = someOf(unlisted.map(({ id }) => id));
    return [
      tell(
        'unknown',
        `Whether anybody else works on ${someOf(orphaned)} cannot be told: ${whose} is not in the list of consumers.`,
      ),
    ];
  }
  if (orphaned.length > 0) return [tell('stops', `Without ${names} nobody works on ${someOf(orphaned)}. ${early}`)];
  if (mute.length > 0 && staying.length === 0) {
    return [tell('unknown', `What ${names} works on cannot be told, and no other worker is left.`)];
  }
  if (consumed.size === 0) return [tell('unaffected', `${names} works on no queue of tasks.`)];
  return [tell('unaffected', `${share} would be left, and go on with ${someOf([...consumed])}. ${early}`)];
}

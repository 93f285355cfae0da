/** Flower's questions about workers and queues. */
import type { CeleryWorker } from '#lib/model/celery.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { FLOWER_SCOPE, type Identity, refusalOf } from '#lib/permissions.ts';
import type { FlowerContext } from './context.ts';
import { type Inspection, keptAnswersOf } from './inspection.ts';
import type { Parameters } from './parameters.ts';
import { FlowerError, flowerJson, reached, UNAVAILABLE } from './text.ts';

/** The worker, by its own heartbeats. @throws FlowerError 404 in Flower's words */
export function workerOf({ watch }: Pick<FlowerContext, 'watch'>, name: string): CeleryWorker {
  const { celeryWorkers } = watch.model;
  const worker = Object.hasOwn(celeryWorkers, name) ? celeryWorkers[name] : undefined;
  if (worker === undefined) throw new FlowerError(404, `Unknown worker '${name}'`);
  return worker;
}

/** Its heartbeats come, and Trellis hears them: who is not heard is not called alive. */
export function isAlive({ state, by }: CeleryWorker, model: Model, now: number): boolean {
  return state === 'online' && isCurrent(model.readings[by], now);
}

/** `/api/workers`. Workers are asked when nothing is known of them yet, and with `refresh`. @throws FlowerError */
export async function listWorkers(context: FlowerContext, given: Parameters, who: Identity): Promise<Response> {
  const { watch, clock } = context;
  const { model } = watch;
  const all = Object.values(model.celeryWorkers);
  if (given.flag('status'))
    return flowerJson(Object.fromEntries(all.map((one) => [one.id, isAlive(one, model, clock())])));
  const name = given.text('workername');
  const wanted = name === null ? all : [workerOf(context, name)];
  const known = await knownOf(context, wanted, name, given.flag('refresh'), who);
  return flowerJson(Object.fromEntries(wanted.map((one) => [one.id, known.get(one.id) ?? heardOf(one)])));
}

async function knownOf(
  { hands, locks, watch, clock }: FlowerContext,
  wanted: readonly CeleryWorker[],
  name: string | null,
  refresh: boolean,
  who: Identity,
): Promise<ReadonlyMap<string, Inspection>> {
  if (hands === null) return new Map();
  const answers = keptAnswersOf(hands.inspections, clock);
  const living = wanted.filter((one) => isAlive(one, watch.model, clock()));
  const isDue = refresh ? living.length > 0 : living.some(({ id }) => !answers.known().has(id));
  const mayAsk = refusalOf(who, 'worker.inspect', locks, FLOWER_SCOPE) === null;
  if (isDue && mayAsk) await reached(answers.refresh(name));
  return answers.known();
}

/** What a worker that could not be asked is known by: when its last heartbeat came. */
function heardOf({ heartbeatAt }: CeleryWorker): { timestamp: number | null } {
  return { timestamp: heartbeatAt === null ? null : heartbeatAt / 1_000 };
}

/** `/workers?json=1`: the rows of Flower's table of workers, with their events counted since the intake started. */
export async function workersTable(context: FlowerContext): Promise<Response> {
  const { watch, clock } = context;
  const counts = await eventCounts(context);
  const data = Object.values(watch.model.celeryWorkers).map((worker) => {
    const { heartbeatAt, heartbeatEveryMs, software } = worker;
    const [ident = null, version = null] = software?.split(' ') ?? [];
    return {
      ...counts.get(worker.id),
      hostname: worker.id,
      pid: worker.pid,
      freq: heartbeatEveryMs === null ? null : heartbeatEveryMs / 1_000,
      heartbeats: heartbeatAt === null ? [] : [heartbeatAt / 1_000],
      clock: null,
      active: worker.active,
      processed: worker.processed,
      loadavg: worker.loadAverage,
      sw_ident: ident,
      sw_ver: version,
      sw_sys: worker.system,
      status: isAlive(worker, watch.model, clock()),
    };
  });
  return flowerJson({ data });
}

/** Events by worker and type, as `flower_events_total` counts them; none while the intake does not answer. */
async function eventCounts({ ingest }: FlowerContext): Promise<ReadonlyMap<string, Record<string, number>>> {
  const counts = new Map<string, Record<string, number>>();
  const families = (await ingest?.metrics().catch(() => null)) ?? [];
  const samples = families.find(({ name }) => name === 'flower_events_total')?.samples ?? [];
  for (const { labels, value } of samples) {
    const { worker = '', type = '' } = labels;
    const one = counts.get(worker) ?? {};
    one[type] = (one[type] ?? 0) + value;
    counts.set(worker, one);
  }
  return counts;
}

/** `/api/queues/length`: the queues of tasks. @throws FlowerError 503 while nobody can tell them, where Flower says `[]` */
export function queueLengths({ watch, clock }: FlowerContext): Response {
  const { model } = watch;
  const queues = Object.values(model.queues).filter(({ plumbing }) => !plumbing);
  const told = queues.filter(({ by }) => isCurrent(model.readings[by], clock()));
  if (told.length < queues.length || !isBrokerHeard(model, clock())) throw new FlowerError(503, UNAVAILABLE);
  return flowerJson({ active_queues: told.map(flowerQueue) });
}

function isBrokerHeard(model: Model, now: number): boolean {
  return Object.values(model.readings).some((one) => one.source === 'rabbitmq' && isCurrent(one, now));
}

/** A queue in the words of RabbitMQ's management API, as far as Trellis reads it. */
function flowerQueue(queue: Queue): object {
  const { ready, unacknowledged, rates, replication } = queue;
  const rate = (value: number | null) => ({ rate: value });
  return {
    name: queue.name,
    vhost: queue.vhost,
    type: queue.type,
    state: queue.state,
    durable: queue.durable,
    exclusive: queue.exclusive,
    policy: queue.policy,
    node: replication.leader,
    consumers: queue.consumers,
    messages: ready === null || unacknowledged === null ? null : ready + unacknowledged,
    messages_ready: ready,
    messages_unacknowledged: unacknowledged,
    message_stats: {
      publish_details: rate(rates.publish),
      deliver_details: rate(rates.deliver),
      ack_details: rate(rates.ack),
    },
  };
}

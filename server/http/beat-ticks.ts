/** `/api/v1/beat/ticks`: the schedules that the stored publications of the last minutes show. */
import type { BeatTicks } from '#lib/contract/beat.ts';
import type { Ingest } from '#lib/model/celery.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { type Sent, schedulesOf } from '#lib/model/ticks.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { Runtime } from '#server/runtime/slot.ts';
import { json } from './respond.ts';

const MINUTE_MS = 60_000;
/** More publications are not looked through: a schedule every second for an hour is 3,600. */
const SENT_LIMIT = 20_000;
/** With more events waiting than this the newest ticks may be among them. */
const BEHIND_MESSAGES = 1_000;

/** Answers with the schedules of the last `minutes`. */
export async function beatTicksResponse(
  { watch }: Pick<Runtime, 'watch'>,
  tasks: TaskReader,
  minutes: number,
  now: number,
): Promise<Response> {
  const from = now - minutes * MINUTE_MS;
  const sent = await tasks.sentBy({ from, to: now, limit: SENT_LIMIT });
  return json(beatTicks(sent, watch.model, from, now));
}

/** What these publications since `from` tell at `now` (epoch ms). Pure. */
export function beatTicks(sent: readonly Sent[], model: Model, from: number, now: number): BeatTicks {
  const until = knownUntil(sent, model, from, now);
  const hosts = Object.values(model.beats).flatMap(({ host, node }) => (host === null ? [node] : [host, node]));
  return { now, from, until, isTruncated: sent.length >= SENT_LIMIT, schedules: schedulesOf(sent, until, hosts) };
}

/** While the intake is blind or behind, what has not arrived is not missing: nothing is known after the newest tick. */
function knownUntil(sent: readonly Sent[], model: Model, from: number, now: number): number {
  const isUpToDate = (ingest: Ingest) =>
    ingest.state === 'consuming' &&
    isCurrent(model.readings[ingest.by], now) &&
    (ingest.lagMessages ?? 0) < BEHIND_MESSAGES;
  if (Object.values(model.ingests).some(isUpToDate)) return now;
  return sent.reduce((newest, { at }) => Math.max(newest, at), from);
}

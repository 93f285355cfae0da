/** What became of the schedule during a run: ticks that were missed or came twice. */
import type { ScheduleCount } from '#lib/contract/drills.ts';
import type { Run } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { schedulesOf } from '#lib/model/ticks.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';

/** How far back is looked to learn the intervals. */
const LEARN_MS = 600_000;
const SENT_LIMIT = 20_000;

/** null = no schedule is seen. At most ten of each schedule are told. @throws as the reader */
export async function countSchedule(
  run: Pick<Run, 'faultAt' | 'startedAt'>,
  tasks: Pick<TaskReader, 'sentBy'>,
  { beats }: Pick<Model, 'beats'>,
  now: number,
): Promise<ScheduleCount | null> {
  const from = run.faultAt ?? run.startedAt;
  const sent = await tasks.sentBy({ from: from - LEARN_MS, to: now, limit: SENT_LIMIT });
  const hosts = Object.values(beats).flatMap(({ host, node }) => (host === null ? [node] : [host, node]));
  const schedules = schedulesOf(sent, now, hosts).filter(({ intervalMs }) => intervalMs !== null);
  if (schedules.length === 0) return null;
  return {
    missed: schedules.reduce((sum, { missedAt }) => sum + missedAt.filter((at) => at >= from).length, 0),
    doubled: schedules.reduce((sum, { doubledSlots }) => sum + doubledSlots.filter(({ at }) => at >= from).length, 0),
  };
}

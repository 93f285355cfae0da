/** What an `orphaned` event says: who was asked, what they said, and when. For people. Pure. */
import { orList, someOf } from '#lib/format/list.ts';
import { formatClock } from '#lib/format/quantity.ts';
import type { Task } from '#lib/model/task.ts';
import type { Evidence, Whereabouts, WorkersWord } from './reconcile-plan.ts';

/** The evidence in a few short statements. `now` is epoch ms. */
export function orphanedNote(task: Task, evidence: Evidence, now: number): string {
  const others = evidence.workers === null ? null : exceptOwn(evidence.workers, evidence.at);
  const parts = [
    ownWorker(evidence.at),
    ...(others === null ? [`other workers were not asked: ${evidence.unasked ?? 'none is online'}`] : others),
    storeWord(evidence),
    mayComeBack(task, evidence.at),
  ];
  return `${parts.filter((part) => part !== '').join('; ')} (${clock(now)})`;
}

const clock = (at: number) => `${formatClock(at)} UTC`;

function ownWorker(at: Whereabouts): string {
  switch (at.kind) {
    case 'gone':
      return `${at.worker} ${at.how === 'offline' ? 'stopped at' : 'is silent since'} ${clock(at.since)}`;
    case 'unheard':
      return `${at.worker} was never heard since ${clock(at.since)}`;
    case 'online':
      return `${at.worker} answers and does not know it`;
    case 'open':
      return '';
  }
}

function exceptOwn({ answered, silent }: WorkersWord, at: Whereabouts): string[] {
  const own = at.kind === 'online' ? at.worker : null;
  const others = answered.filter((worker) => worker !== own);
  return [
    ...(others.length === 0 ? [] : [`${someOf(others)} ${others.length === 1 ? 'does' : 'do'} not know it`]),
    ...(silent.length === 0 ? [] : [`no answer from ${silent.length > 3 ? someOf(silent) : orList(silent)}`]),
    ...(others.length + silent.length === 0 && own === null ? ['no other worker is online'] : []),
  ];
}

function storeWord({ store, storeAddress }: Evidence): string {
  switch (store) {
    case 'absent':
      return `no result in ${storeAddress ?? 'the result store'}`;
    case 'unfinished':
    case 'retrying':
      return `no end in ${storeAddress ?? 'the result store'}`;
    case 'unread':
      return 'the result store did not answer';
    case 'none':
      return 'no result store is configured';
  }
}

/** What was not begun was not acknowledged, so the broker has it; what was begun only with late acknowledgement. */
function mayComeBack({ state }: Task, at: Whereabouts): string {
  if (at.kind === 'online') return '';
  return state === 'RECEIVED'
    ? 'it had not begun, so it may be redelivered'
    : 'it may be redelivered if it acknowledges late';
}

/** The state of a task: always colour and shape and word. */
import { Ban, Check, CircleHelp, Inbox, type LucideIcon, Play, RotateCw, Send, Undo2, X } from 'lucide-react';
import { STATE_MEANINGS, STATE_WORDS } from '#lib/format/task.ts';
import type { TaskState } from '#lib/model/task.ts';

/** Shape and colour of each state; the colour also as a variable, for drawings. */
export const STATE_LOOK: Readonly<Record<TaskState, { Shape: LucideIcon; text: string; colour: string }>> = {
  PENDING: { Shape: Send, text: 'text-text-2', colour: 'var(--text-3)' },
  RECEIVED: { Shape: Inbox, text: 'text-text-2', colour: 'var(--text-3)' },
  STARTED: { Shape: Play, text: 'text-accent', colour: 'var(--accent)' },
  RETRY: { Shape: RotateCw, text: 'text-degraded', colour: 'var(--degraded)' },
  SUCCESS: { Shape: Check, text: 'text-ok', colour: 'var(--ok)' },
  FAILURE: { Shape: X, text: 'text-down', colour: 'var(--down)' },
  REVOKED: { Shape: Ban, text: 'text-maintenance', colour: 'var(--maintenance)' },
  REJECTED: { Shape: Undo2, text: 'text-degraded', colour: 'var(--degraded)' },
  ORPHANED: { Shape: CircleHelp, text: 'text-degraded', colour: 'var(--degraded)' },
};

/** Shape and word in the state's colour; Celery's own name and what it means on hover. */
export function TaskStateMark({ state }: { state: TaskState }) {
  const { Shape, text } = STATE_LOOK[state];
  return (
    <span
      data-state={state}
      title={`${state}: ${STATE_MEANINGS[state]}`}
      className={`inline-flex items-baseline gap-1 whitespace-nowrap ${text}`}
    >
      <Shape aria-hidden size={12} strokeWidth={2.5} className="shrink-0 self-center" />
      {STATE_WORDS[state]}
    </span>
  );
}

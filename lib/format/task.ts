/** Tasks in words: states, durations, printed values. Pure. */
import type { TaskEventType, TaskState } from '#lib/model/task.ts';

/** What a state is called on screen; Celery's own name stands beside it. */
export const STATE_WORDS: Readonly<Record<TaskState, string>> = {
  PENDING: 'sent',
  RECEIVED: 'received',
  STARTED: 'running',
  RETRY: 'retrying',
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  REVOKED: 'revoked',
  REJECTED: 'rejected',
  ORPHANED: 'orphaned',
};

/** What a state means, in one sentence. */
export const STATE_MEANINGS: Readonly<Record<TaskState, string>> = {
  PENDING: 'Published; no worker has said that it has it.',
  RECEIVED: 'A worker has it and has not started it.',
  STARTED: 'A worker runs it.',
  RETRY: 'It failed and asked to be tried again.',
  SUCCESS: 'It returned.',
  FAILURE: 'It raised an exception.',
  REVOKED: 'It was cancelled, or expired before it was started.',
  REJECTED: 'The worker gave its message back or away.',
  ORPHANED: 'It was on a worker that is gone, and nobody knows its end.',
};

/** What an event is called in the table of events. */
export const EVENT_WORDS: Readonly<Record<TaskEventType, string>> = {
  sent: 'sent',
  received: 'received',
  started: 'started',
  succeeded: 'succeeded',
  failed: 'failed',
  retried: 'asked for a retry',
  revoked: 'revoked',
  rejected: 'rejected',
  cancelled: 'cancelled',
  custom: 'custom event',
  result: 'found in the result store',
  orphaned: 'judged orphaned',
};

/** `0 ms`, `12 ms`, `1.2 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`; clocks that disagree make it negative: `−3 ms`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 0) return `−${formatDuration(-durationMs)}`;
  if (durationMs < 10 && durationMs % 1 !== 0) return `${durationMs.toFixed(1)} ms`;
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 9_950) return `${(durationMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return twoUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400) return twoUnits(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min');
  return twoUnits(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3_600), 'h');
}

function twoUnits(much: number, unit: string, little: number, part: string): string {
  return little === 0 ? `${much} ${unit}` : `${much} ${unit} ${little} ${part}`;
}

/** `1,204,332`: large counts are read by their groups. */
export function formatTotal(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** What the server puts in place of arguments that must not be shown. */
export const MASK = '***';

/** A printed value in pieces, so that what is masked can look so. */
export function maskedParts(text: string): readonly { text: string; masked: boolean }[] {
  return text
    .split(MASK)
    .flatMap((piece, i) => [...(i > 0 ? [{ text: MASK, masked: true }] : []), { text: piece, masked: false }])
    .filter((part) => part.text !== '');
}

/** Arguments in one line, as they would stand in a call: `1, 'x', key='v'`; null = not told. */
export function callText(args: string | null, kwargs: string | null): string | null {
  if (args === null && kwargs === null) return null;
  const positional = (args ?? '').replace(/^[([](.*?),?[)\]]$/s, '$1');
  const named = (kwargs ?? '').replace(/^\{(.*)\}$/s, '$1');
  return [positional, named].filter((part) => part !== '').join(', ');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The task id that a pasted text is, without the blanks around it; null = it is no id of Celery's making. */
export function taskIdIn(text: string): string | null {
  const trimmed = text.trim();
  return UUID.test(trimmed) ? trimmed : null;
}

/** A line that points at a character of the line above it; `position` counts from 0 and may be one past the end. */
export function caretLine(text: string, position: number): string {
  return `${' '.repeat(Math.max(0, Math.min(position, text.length)))}^`;
}

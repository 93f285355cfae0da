/** An attempt as stretches of time, one after the other. Times are epoch ms. Pure. */
import { type Attempt, beginOf } from '#lib/format/task-attempts.ts';

/** `idle` = before it began, `queued` = at the broker, `reserved` = the worker has it and does not run it yet, `ran`. */
export type Part = { id: 'idle' | 'queued' | 'reserved' | 'ran'; durationMs: number };

/** The stretches of an attempt within a window; one that has no end lasts until `until`. Those not told are left out. */
export function partsOf(attempt: Attempt, window: { from: number; to: number }, until: number): readonly Part[] {
  const { sentAt, receivedAt, startedAt, endedAt } = attempt;
  const end = endedAt ?? Math.min(until, window.to);
  const parts: Part[] = [{ id: 'idle', durationMs: span(window.from, beginOf(attempt)) }];
  if (sentAt !== null) parts.push({ id: 'queued', durationMs: span(sentAt, receivedAt ?? startedAt ?? end) });
  if (receivedAt !== null) parts.push({ id: 'reserved', durationMs: span(receivedAt, startedAt ?? end) });
  if (startedAt !== null) parts.push({ id: 'ran', durationMs: span(startedAt, end) });
  return parts;
}

/** Clocks of different machines may disagree: nothing lasts less than no time. */
function span(from: number, to: number): number {
  return Math.max(0, to - from);
}

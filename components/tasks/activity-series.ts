/** What the chart over the list shows, and its colours. */

export const ACTIVITY_BARS = [
  { id: 'succeeded', title: 'succeeded', colour: 'var(--ok)' },
  { id: 'failed', title: 'failed', colour: 'var(--down)' },
  { id: 'retried', title: 'retried', colour: 'var(--degraded)' },
] as const;

export const ACTIVITY_LINES = [
  { id: 'runtimeP50', title: 'runtime p50', colour: 'var(--accent)', dash: '0' },
  { id: 'runtimeP95', title: 'runtime p95', colour: 'var(--accent)', dash: '3 3' },
] as const;

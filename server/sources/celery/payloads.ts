/** What the readings of Celery carry. They come from Trellis's own ingest thread: there is nothing to parse. */
import type { IngestState } from '#server/ingest/report.ts';
import type { WorkerReport } from '#server/ingest/workers.ts';

/** The workers, by their own events. */
export const HEARTBEATS = 'heartbeats';
export type HeartbeatsPayload = readonly WorkerReport[];

/** How well the events are taken in. */
export const INTAKE = 'intake';
export type IntakePayload = IngestState;

export const REPORT_INTERVAL_MS = 1_000;

/** Observations: what one endpoint said at one time, or that it failed to answer. */
import type { ProbeCode, SourceKind } from '#lib/model/reading.ts';

export type ObservationHead = {
  source: SourceKind;
  endpoint: string;
  /** Name of the reading. */
  reading: string;
  intervalMs: number;
  /** When the answer, or the failure, was complete (epoch ms). */
  at: number;
  tookMs: number;
  /** Which member answered, for readings that any member can answer. */
  via?: string;
  /** Size of the answer as it travelled, where known. */
  bytes?: number;
  /** What a missing permission or an old version keeps from the answer. */
  lacks?: string;
};

export type Observation<D = unknown> = ObservationHead &
  ({ ok: true; data: D } | { ok: false; code: ProbeCode; message: string });

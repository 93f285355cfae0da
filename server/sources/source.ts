/** The interface that every source fulfils. Sources only observe: a probe reads and never changes anything. */
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode, SourceKind } from '#lib/model/reading.ts';
import type { Reduce } from '#server/model/fold.ts';
import type { Budget } from './pace.ts';
import type { RequestLog } from './request-log.ts';

/** One question that is asked again and again. */
export type Probe = {
  /** Name of the reading, for instance `nodes`. */
  name: string;
  /** Interval at rest; the pace may stretch it. */
  intervalMs: number;
  /** Longest time that one answer may take. */
  timeoutMs: number;
  /** Requests that one asking costs; 1 unless told. */
  cost?: number;
  /** Asked faster for a few seconds after something changed. */
  bursts?: boolean;
  /**
   * Asks once. Honours the signal.
   * @throws ProbeError, or any error that `probeFailure` can name
   */
  ask(signal: AbortSignal): Promise<Answer>;
};

export type Answer = {
  /** The parsed payload that the source's reducer understands. */
  data: unknown;
  /** Which member answered, for endpoints that stand for a whole cluster. */
  via?: string;
  /** Size of the answer as it travelled, where known: heavy answers are asked for less often. */
  bytes?: number;
  /** What a missing permission or an old version keeps from the answer, and what would mend it. */
  lacks?: string;
};

/** What a subscription reports between the polls. */
export type PushReport = {
  /** A reading that the system told by itself. */
  tell(reading: { name: string; intervalMs: number }, outcome: Answer | { error: unknown }): void;
  /** Something broke or moved: the source's bursting probes are asked at once, and often for a few seconds. */
  hurry(): void;
  /** Something may have changed: the bursting probes are asked once, soon; many nudges are one. */
  nudge(): void;
};

/** One address of a system (or `cluster`, for questions that any member can answer). */
export type Endpoint = {
  id: string;
  probes: readonly Probe[];
  /** Starts what the system can push. Runs until the signal; never throws, reconnects by itself. */
  subscribe?(report: PushReport, signal: AbortSignal): void;
  /** Gives up connections that it keeps open between probes. */
  close(): void;
};

export type Source = {
  kind: SourceKind;
  budget: Budget;
  /** What this source has sent to each of its endpoints. */
  requests: RequestLog;
  /** Endpoints named in the configuration. */
  endpoints: readonly Endpoint[];
  /** Endpoints that the model has revealed (Redis data nodes behind Sentinels); the same id is opened once. */
  discover?(model: Model): readonly { id: string; open(): Endpoint }[];
  reduce: Reduce;
};

/** A probe's failure with the code that the screen shows. */
export class ProbeError extends Error {
  readonly code: ProbeCode;
  constructor(code: ProbeCode, message: string) {
    super(message);
    this.name = 'ProbeError';
    this.code = code;
  }
}

/** The interface that every source fulfils. Sources only observe: a probe reads and never changes anything. */
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode, SourceKind } from '#lib/model/reading.ts';
import type { Reduce } from '#server/model/fold.ts';

/** One question that is asked again and again. */
export type Probe = {
  /** Name of the reading, for instance `nodes`. */
  name: string;
  intervalMs: number;
  /** Longest time that one answer may take. */
  timeoutMs: number;
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
};

/** One address of a system (or `cluster`, for questions that any member can answer). */
export type Endpoint = {
  id: string;
  probes: readonly Probe[];
  /** Gives up connections that it keeps open between probes. */
  close(): void;
};

export type Source = {
  kind: SourceKind;
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

/**
 * A reading is one question that Trellis keeps asking one endpoint ("rabbit-1's own list of nodes").
 * Every value in the model names the reading it came from; the reading knows how old the answer is.
 */

export const SOURCE_KINDS = ['rabbitmq', 'redis', 'haproxy', 'consul', 'celery'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Why a probe got no usable answer. It says nothing about the target's health by itself. */
export const PROBE_CODES = [
  'timeout',
  'refused',
  'reset',
  'unreachable',
  'name-unknown',
  'auth',
  'forbidden',
  'not-found',
  'rate-limited',
  'server-error',
  'protocol',
  'too-large',
  'aborted',
  'internal',
] as const;
export type ProbeCode = (typeof PROBE_CODES)[number];

/** The endpoint's last failure, while it lasts. Times are epoch milliseconds. */
export type ReadingFailure = { code: ProbeCode; message: string; since: number; at: number };

export type Reading = {
  /** `<source>/<endpoint>/<name>`, unique in the estate. */
  key: string;
  source: SourceKind;
  endpoint: string;
  name: string;
  intervalMs: number;
  /** When the last usable answer arrived (epoch ms); null = never. */
  at: number | null;
  /** How long that answer took. */
  tookMs: number | null;
  /** Which member answered, for readings that any member of a cluster can answer. */
  via: string | null;
  /** What a missing permission or an old version keeps from the answer, and what would mend it; null = nothing. */
  lacks: string | null;
  /** Set while the newest probe failed; the values of `at` are then the last ones known. */
  failure: ReadingFailure | null;
};

export type Readings = Readonly<Record<string, Reading>>;

/** What Trellis itself asks of an endpoint: observed like the rest, but no reading of the estate. */
export const OWN_LOAD = 'load';

/** The key of a reading. */
export function readingKey(source: SourceKind, endpoint: string, name: string): string {
  return `${source}/${endpoint}/${name}`;
}

/** True when nobody listens there: the newest probe's connection was refused, or cut by a load balancer in front. */
export function isRefused(reading: Reading | undefined): reading is Reading & { failure: ReadingFailure } {
  return reading?.failure?.code === 'refused' || reading?.failure?.code === 'reset';
}
